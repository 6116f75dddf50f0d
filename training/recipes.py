"""What is trained and how: one frozen recipe a network, each field with its unit and its reason."""

from dataclasses import dataclass, field

from recognizer.models.stroke_model import PLACES, SEEN
from training.labels import ALPHANUMERIC, DIGITS, NOTHING, OR_NO_LETTER, OR_NOTHING
from training.synthesis.augment import Augmentation


@dataclass(frozen=True)
class Mixture:
    """What `characters` learns from (training.data.sample_pools): the share of each pool in a batch."""

    forms: float  # rows as they were written on NIST's forms
    others: float  # the same with what other people do to characters
    drawn: float  # stroke templates, drawn with a pen
    negatives: float  # what is no character
    templates: int  # how many characters are drawn with stroke templates
    made: int  # how many negatives there are


@dataclass(frozen=True)
class TrainingRecipe:
    """Everything that `training.train` needs to make one file in weights/."""

    name: str  # of the file in weights/
    classes: tuple[str, ...]  # labels in output order
    glyph_recipe: str  # how pictures become glyphs: "mnist", "emnist"; "trajectory" for strokes
    data: str  # which training set: "mnist", "nist", "sd19", "characters" or "stroke templates"
    side: int = 28  # pixels of a glyph

    # the network
    architecture: str = "character_reader"  # a function of training.models.architectures
    settings: dict = field(default_factory=dict)  # its arguments beside the number of classes

    # the optimizer
    kernel_rate: float = 0.0  # of Muon for the convolutions (training.engine.torch_loop); 0: AdamW for all
    epochs: int = 16  # passes over as many samples as the set has
    batch_size: int = 256  # samples
    learning_rate: float = 2e-3  # of AdamW, at the top of the cycle
    one_cycle: bool = True  # linear warm-up, then cosine to zero; else the rate is constant
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.02  # decoupled, a step, times the learning rate

    # the samples
    samples: int = 0  # of an epoch, where they are drawn from pools or made; else each row is one
    hold_out: int = 20  # every 20th row is held out; an odd number sees both groups of MNIST's writers
    # how often classes are taken: None: each row once an epoch; 0: as frequent as on NIST's forms;
    # 1: all equally frequent; between them: the frequency on the forms to the power of 1 - balance
    balance: float | None = None
    augmentation: Augmentation | None = field(default_factory=Augmentation)  # how rows are varied
    mixture: Mixture | None = None  # of "characters"
    seed: int = 1


@dataclass(frozen=True)
class LineRecipe:
    """Everything that `training.engine.train_lines` needs to make one file in weights/lines/."""

    name: str  # of the file, and of the recipe of characters whose training rows are written on the lines
    classes: tuple[str, ...]  # labels in output order; the last, "", is "no character here"
    text: str  # a function of training.synthesis.text_lines: what is written
    high: int  # pixels of a strip from top to bottom
    tall: int  # pixels of a usual capital or digit on it
    epochs: int  # in all cycles, which are equally long
    cycles: int = 1
    start: str = ""  # the network of lines whose weights are taken to begin with, but for the last layer
    lines: int = 9_728  # an epoch, all made anew
    batch_size: int = 64  # lines
    learning_rate: float = 2e-3  # at the top of the first cycle; of each later one 0.6 of that before
    weight_decay: float = 0.01
    seed: int = 1


CHARACTERS = TrainingRecipe(
    "characters",
    OR_NOTHING,
    "emnist",
    "characters",
    settings={"widths": (32, 48, 112), "blocks": (1, 3), "templates": 4, "dropout": 0.2},
    kernel_rate=1e-2,
    epochs=13,
    batch_size=128,
    learning_rate=3e-3,
    warmup=0.05,
    samples=200_000,
    # rare letters more often than on NIST's forms; each view takes the difference out again
    balance=0.5,
    mixture=Mixture(forms=0.4, others=0.27, drawn=0.23, negatives=0.1, templates=300_000, made=60_000),
)
STROKES = TrainingRecipe(
    "strokes",
    ALPHANUMERIC,
    "trajectory",
    "stroke templates",
    architecture="trajectory_reader",
    settings={"places": PLACES, "seen": SEEN},
    epochs=4,
    samples=200_000,
    balance=1.0,
)
LINE_RECIPES = {
    recipe.name: recipe
    for recipe in (
        LineRecipe("digits", (*DIGITS, NOTHING), "number", high=32, tall=21, epochs=70, cycles=5),
        LineRecipe(
            "alphanumeric",
            (*ALPHANUMERIC, NOTHING),
            "text",
            high=32,
            tall=18,
            epochs=36,
            cycles=2,
            start="digits",
        ),
    )
}

# the zoo: what ours are compared with
MILESTONES = (10, 50, 100)  # epochs at which training.tools.study compares networks


def _studied(architecture: str, epochs: int) -> TrainingRecipe:
    """A network of the digit comparison, as in the study they come from: MNIST as it is, Adam."""
    return TrainingRecipe(
        f"digits-{architecture}",
        DIGITS,
        "mnist",
        "mnist",
        architecture=architecture,
        epochs=epochs,  # the milestone with the best held-out accuracy; of equal ones the first
        batch_size=128,
        learning_rate=1e-3,
        one_cycle=False,
        weight_decay=0.0,
        augmentation=None,
    )


def _on_originals(name: str, side: int) -> TrainingRecipe:
    """The 27-class letter reader on NIST's originals alone: what does a higher resolution bring?"""
    return TrainingRecipe(
        name,
        OR_NO_LETTER,
        "emnist",
        "sd19",
        side=side,
        architecture="wide_letters",
        settings={"side": side},
        epochs=8,
        balance=1.0,
        augmentation=None,
    )


STUDIED = (
    _studied("mlp", epochs=50),
    _studied("cnn", epochs=100),
    _studied("lenet", epochs=50),
    _studied("lenet5", epochs=50),
    _studied("resnet", epochs=100),
)
ZOO = (
    *(recipe for recipe in STUDIED if recipe.name != "digits-resnet"),
    # at a constant rate its batch norms never settle (training/README.md): shipped as the others of ours
    TrainingRecipe(
        "digits-resnet", DIGITS, "mnist", "mnist", architecture="resnet", epochs=12, batch_size=128
    ),
    TrainingRecipe(
        "digits-compact",
        DIGITS,
        "mnist",
        "mnist",
        architecture="compact",
        epochs=20,
        batch_size=128,
        augmentation=None,
    ),
    TrainingRecipe(
        "letters-27",
        OR_NO_LETTER,
        "emnist",
        "nist",
        architecture="wide_letters",
        epochs=9,
        balance=1.0,
    ),
    _on_originals("letters-27-28", side=28),
    _on_originals("letters-27-56", side=56),
    TrainingRecipe(
        "alphanumeric-62",
        ALPHANUMERIC,
        "emnist",
        "nist",
        architecture="alphanumeric62",
        epochs=8,
        augmentation=None,  # as its origin
    ),
)
RECIPES = {recipe.name: recipe for recipe in (CHARACTERS, STROKES, *ZOO)}
