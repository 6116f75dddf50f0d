"""The training recipe of each network: hyper-parameters with their units and reasons.

Model cards store the field names.
"""

from dataclasses import dataclass, field

from recognizer.models.stroke_model import PATH_POINTS, POINT_FEATURES
from training.labels import ALPHANUMERIC, ALPHANUMERIC_AND_NEGATIVE, DIGITS, NEGATIVE, NEGATIVE_AND_LETTERS
from training.synthesis.augment import Augmentation


@dataclass(frozen=True)
class Mixture:
    """The pools of `characters` (training.data.sample_pools): their shares in a batch, and their sizes."""

    forms: float  # rows as written on NIST's forms
    others: float  # the same rows changed towards other writers
    drawn: float  # stroke templates, drawn with a pen
    negatives: float  # no character
    templates: int  # characters drawn from stroke templates
    made: int  # negatives


@dataclass(frozen=True)
class TrainingRecipe:
    """Everything that `training.train` needs to train one network."""

    name: str  # of the files in weights/
    classes: tuple[str, ...]  # labels in output order
    glyph_recipe: str  # how pictures become glyphs: "mnist" or "emnist"; "trajectory" for strokes
    data: str  # the training set: "mnist", "nist", "sd19", "characters" or "stroke templates"
    side: int = 28  # pixels a side of a glyph

    # the network
    architecture: str = "character_reader"  # a function of training.models.architectures
    settings: dict = field(default_factory=dict)  # its arguments after the number of classes

    # the optimizer
    kernel_rate: float = (
        0.0  # learning rate of Muon for convolutions (training.engine.torch_loop); 0: only AdamW
    )
    epochs: int = 16  # passes over `samples` samples, or over all rows
    batch_size: int = 256  # samples
    learning_rate: float = 2e-3  # of AdamW, at the peak of the cycle
    one_cycle: bool = True  # linear warm-up, then cosine decay to 0; otherwise a constant rate
    warmup: float = 0.1  # fraction of all steps
    weight_decay: float = 0.02  # decoupled: per step, times the learning rate

    # the samples
    samples: int = 0  # per epoch, if they come from pools or stroke templates; otherwise one per row
    hold_out: int = 20  # every 20th row is held out; an odd number covers both groups of MNIST's writers
    # frequency of the classes. None: each row once per epoch; 0: as on NIST's forms; 1: all equal;
    # between: the frequency on the forms to the power of 1 - balance
    balance: float | None = None
    augmentation: Augmentation | None = field(default_factory=Augmentation)  # of rows
    mixture: Mixture | None = None  # only for "characters"
    seed: int = 1


@dataclass(frozen=True)
class LineRecipe:
    """Everything that `training.engine.train_lines` needs to train one network."""

    name: str  # of the files in weights/lines/
    classes: tuple[str, ...]  # labels in output order; the last, "", is the blank of CTC
    text: str  # the function of training.synthesis.text_lines that gives the texts
    high: int  # height of a strip in pixels
    tall: int  # height of a usual capital or digit on it in pixels
    epochs: int  # of all cycles together, which are equally long
    cycles: int = 1
    start: str = ""  # the line network whose weights it starts from, except for the last layer
    lines: int = 9_728  # per epoch, all new
    batch_size: int = 64  # lines
    learning_rate: float = 2e-3  # at the peak of the first cycle; each later peak is 0.6 of the one before
    weight_decay: float = 0.01
    seed: int = 1


CHARACTERS = TrainingRecipe(
    "characters",
    ALPHANUMERIC_AND_NEGATIVE,
    "emnist",
    "characters",
    settings={"widths": (32, 48, 112), "blocks": (1, 3), "templates": 4, "dropout": 0.2},
    kernel_rate=1e-2,
    epochs=13,
    batch_size=128,
    learning_rate=3e-3,
    warmup=0.05,
    samples=200_000,
    # rare letters more often than on NIST's forms; each view corrects for that
    balance=0.5,
    mixture=Mixture(forms=0.4, others=0.27, drawn=0.23, negatives=0.1, templates=300_000, made=60_000),
)
STROKES = TrainingRecipe(
    "strokes",
    ALPHANUMERIC,
    "trajectory",
    "stroke templates",
    architecture="trajectory_reader",
    settings={"places": PATH_POINTS, "seen": POINT_FEATURES},
    epochs=4,
    samples=200_000,
    balance=1.0,
)
LINE_RECIPES = {
    recipe.name: recipe
    for recipe in (
        LineRecipe("digits", (*DIGITS, NEGATIVE), "number", high=32, tall=21, epochs=70, cycles=5),
        LineRecipe(
            "alphanumeric",
            (*ALPHANUMERIC, NEGATIVE),
            "text",
            high=32,
            tall=18,
            epochs=36,
            cycles=2,
            start="digits",
        ),
    )
}

# the zoo: networks for comparison
MILESTONES = (10, 50, 100)  # epochs after which training.tools.study compares networks


def _studied(architecture: str, epochs: int) -> TrainingRecipe:
    """A network of the digit comparison, trained as in the original study: plain MNIST, Adam."""
    return TrainingRecipe(
        f"digits-{architecture}",
        DIGITS,
        "mnist",
        "mnist",
        architecture=architecture,
        epochs=epochs,  # the milestone with the best held-out accuracy; the first of equal ones
        batch_size=128,
        learning_rate=1e-3,
        one_cycle=False,
        weight_decay=0.0,
        augmentation=None,
    )


def _on_originals(name: str, side: int) -> TrainingRecipe:
    """The 27-class letter network on NIST's originals only, to measure the gain of a higher resolution."""
    return TrainingRecipe(
        name,
        NEGATIVE_AND_LETTERS,
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
    # its batch norms never settle at a constant rate (training/README.md), so it has one cycle, like ours
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
        NEGATIVE_AND_LETTERS,
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
        augmentation=None,  # as in the original
    ),
)
RECIPES = {recipe.name: recipe for recipe in (CHARACTERS, STROKES, *ZOO)}
