"""What is trained and how: one frozen recipe a model, each field with its unit and its reason."""

import dataclasses
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits

from training.augment import Augmentation
from training.habits import Habits

NOTHING = ""  # the class of what is no character
DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as EMNIST's label files order them
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # the order of EMNIST ByClass
# where there are letters only, a digit's shape is a letter: many people's b is a 6, their o as narrow as a 0
DIGITS_LIKE_LETTERS = {"0": "o", "1": "il", "2": "z", "5": "s", "6": "bg", "9": "gq"}
OR_NO_LETTER = (NOTHING, *LETTERS)  # EMNIST's labels of letters begin at 1; 0 says "not a letter"
FLAGSHIPS = ("digits", "letters", "alphanumeric")
# in training/earlier/: flagships begin there, or are the mean of one and a newer one
EARLIER = (
    *("alphanumeric-1", "alphanumeric-2", "alphanumeric-3", "alphanumeric-4"),
    *("digits-1", "digits-2", "digits-3", "digits-4", "letters-1", "letters-2"),
)
MILESTONES = (10, 50, 100)  # epochs at which training.study compares networks


@dataclass(frozen=True)
class TrainingRecipe:
    """Everything that `training.train` needs to make one file in weights/."""

    name: str  # of the file in weights/
    classes: tuple[str, ...]  # labels in output order
    glyph_recipe: str  # "mnist" or "emnist": how pictures become glyphs (recognizer.glyphs)
    data: str  # which training set: "mnist", "digits", "nist" or "sd19" (training.datasets.training_data)
    side: int = 28  # pixels of a glyph

    # the network
    architecture: str = "residual_reader"  # a function of training.architectures
    settings: dict = field(default_factory=dict)  # its arguments beside the number of classes
    start: str = ""  # the model whose weights are taken to begin with
    teachers: tuple[str, ...] = ()  # models whose mean answer is learnt beside the labels (training/earlier/)
    taught: float = 0.6  # how much that answer counts, where there are teachers; the labels count the rest
    mean_with: str = (
        ""  # what is shipped is the mean of the trained weights and that model's (training/earlier/)
    )
    own_share: float = 0.75  # of the trained weights in that mean; chosen on held-out rows

    # the optimizer (AdamW)
    epochs: int = 16  # passes over as many samples as the set has
    batch_size: int = 256  # samples
    learning_rate: float = 2e-3  # at the top of the cycle
    one_cycle: bool = True  # linear warm-up, then cosine to zero; else the rate is constant
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.02  # decoupled, a step, times the learning rate

    # the samples
    hold_out: int = 20  # every 20th row is held out; an odd number sees both groups of MNIST's writers
    # how often classes are drawn: None: each row once an epoch; 0: as frequent as on NIST's forms;
    # 1: all equally frequent; between them: the frequency on the forms to the power of 1 - balance
    balance: float | None = None
    forms_prior: bool = False  # the shipped network expects classes as frequent as on the forms all the same
    augmentation: Augmentation | None = field(default_factory=Augmentation)  # how they are varied
    digits_as_letters: int = 0  # every so manieth digit that looks like a letter is learnt as one; 0: none
    nothing: float = 0.0  # share of samples that are made, and are no character; their class is ""
    drawn: float = 0.0  # share of samples that are drawn with a pen (training.ways)
    seed: int = 1


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


# what the flagships begin with and learn from (training/earlier/)
DIGITS_1 = TrainingRecipe(
    "digits-1",
    (*DIGITS, NOTHING),
    "mnist",
    "digits",
    settings={"widths": (32, 48, 128), "blocks": (1, 2)},
    epochs=16,
    hold_out=19,
    nothing=0.1,
    balance=0.0,  # and so a character to which strokes are added is drawn as much more often
    # with fewer of these, a European 1 is a 7 or a 2, a 4 in one stroke a 6, a crossed 7 a 2
    # and a bowed 9 a 3
    augmentation=Augmentation(
        untouched=0.2,
        aspect=0.25,
        as_read=0.2,
        habits=Habits(
            upstroke=0.55,
            foot=0.25,
            foot_reach=0.5,
            short_stem=0.25,
            tick=0.2,
            crossing=0.35,
            bow=0.35,
        ),
    ),
)
DIGITS_2 = dataclasses.replace(
    DIGITS_1,
    name="digits-2",
    start="digits-1",
    epochs=6,
    learning_rate=1e-3,
    augmentation=Augmentation(
        untouched=0.2,
        aspect=0.25,
        bulge=0.12,
        as_read=0.2,
        # a 2 with a closed hook is no 9, nor a 9 whose loop crosses its stem an 8
        habits=dataclasses.replace(DIGITS_1.augmentation.habits, short_stem=0.35, nose=0.15, hook=0.15),
    ),
)
DIGITS_3 = dataclasses.replace(DIGITS_2, name="digits-3", drawn=0.1, mean_with="digits-2")
DIGITS_4 = dataclasses.replace(
    DIGITS_3,
    name="digits-4",
    start="digits-3",
    teachers=("digits-2", "digits-3"),
    mean_with="digits-3",
    own_share=0.5,
)
ALPHANUMERIC_1 = TrainingRecipe(
    "alphanumeric-1",
    ALPHANUMERIC,
    "emnist",
    "nist",
    settings={"widths": (32, 64, 128)},
    epochs=9,
    balance=0.0,
    forms_prior=True,
    augmentation=Augmentation(),
)
ALPHANUMERIC_2 = TrainingRecipe(
    "alphanumeric-2",
    (*ALPHANUMERIC, NOTHING),
    "emnist",
    "nist",
    settings={"widths": (32, 48, 128), "blocks": (1, 3)},
    epochs=18,
    hold_out=19,
    nothing=0.1,
    # rare letters more often than on NIST's forms; the difference is taken out of the last biases
    balance=0.5,
    forms_prior=True,
    # loops that a heavy pen closes, and letters as in joined writing: NIST's forms have few
    augmentation=Augmentation(aspect=0.25, as_read=0.2, habits=Habits(joined=0.12)),
)
ALPHANUMERIC_3 = dataclasses.replace(
    ALPHANUMERIC_2,
    name="alphanumeric-3",
    start="alphanumeric-2",
    teachers=("alphanumeric-1", "alphanumeric-2"),
    epochs=8,
    learning_rate=1.5e-3,
    augmentation=Augmentation(
        untouched=0.2, aspect=0.25, bulge=0.1, as_read=0.2, habits=Habits(joined=0.12, flat=0.12)
    ),
)
ALPHANUMERIC_4 = dataclasses.replace(
    ALPHANUMERIC_3,
    name="alphanumeric-4",
    start="alphanumeric-3",
    teachers=("alphanumeric-1", "alphanumeric-3"),
    epochs=6,
    learning_rate=1.2e-3,
    drawn=0.1,
    mean_with="alphanumeric-3",
    own_share=0.5,
)
LETTERS_1 = TrainingRecipe(
    "letters-1",
    (*LETTERS, NOTHING),
    "emnist",
    "nist",
    settings={"widths": (32, 48, 128), "blocks": (1, 3), "forms": 2},
    # it knows both forms of every letter already
    start="alphanumeric-3",
    epochs=8,
    learning_rate=1e-3,
    hold_out=19,
    digits_as_letters=6,
    nothing=0.1,
    # loops that a heavy pen closes, and letters as in joined writing: NIST's forms have few
    augmentation=Augmentation(
        untouched=0.2, aspect=0.35, bulge=0.1, as_read=0.2, habits=Habits(joined=0.2, flat=0.12)
    ),
    # EMNIST Letters is balanced, and so is what a person draws to try a letter reader
    balance=1.0,
)
LETTERS_2 = dataclasses.replace(LETTERS_1, name="letters-2", drawn=0.2, mean_with="letters-1")

STUDIED = (
    _studied("mlp", epochs=50),
    _studied("cnn", epochs=100),
    _studied("lenet", epochs=50),
    _studied("lenet5", epochs=50),
    _studied("resnet", epochs=100),
)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        DIGITS_1,
        DIGITS_2,
        DIGITS_3,
        DIGITS_4,
        dataclasses.replace(
            DIGITS_4,
            name="digits",
            start="digits-4",
            teachers=("digits-3", "digits-4"),
            drawn=0.12,
            mean_with="digits-4",
            own_share=0.25,
        ),
        ALPHANUMERIC_1,
        ALPHANUMERIC_2,
        ALPHANUMERIC_3,
        ALPHANUMERIC_4,
        dataclasses.replace(
            ALPHANUMERIC_4,
            name="alphanumeric",
            start="alphanumeric-4",
            teachers=("alphanumeric-3", "alphanumeric-4"),
            drawn=0.15,
            mean_with="alphanumeric-4",
        ),
        LETTERS_1,
        LETTERS_2,
        dataclasses.replace(
            LETTERS_2,
            name="letters",
            start="letters-2",
            teachers=("letters-2", "alphanumeric-4"),
            taught=0.4,
            drawn=0.25,
            mean_with="letters-2",
            own_share=0.5,
        ),
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
}
