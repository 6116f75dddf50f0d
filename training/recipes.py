"""What is trained and how: one frozen recipe a model, each field with its unit and its reason."""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

from training.augment import Augmentation

DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as EMNIST's label files order them
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # the order of EMNIST ByClass
USUAL = Augmentation()


@dataclass(frozen=True)
class TrainingRecipe:
    """Everything that `training.train` needs to make one file in weights/."""

    name: str  # of the file in weights/
    classes: tuple[str, ...]  # labels in output order
    glyph_recipe: str  # "mnist" or "emnist": how pictures become 28x28 (recognizer.glyphs)
    data: str  # which training set: "mnist" or "nist" (training.datasets.training_data)

    # the network
    widths: tuple[int, int, int]  # channels at 28x28, 14x14 and 7x7; multiples of 16 run fastest
    dropout: float = 0.3  # share of the head's features
    forms: int = 1  # ways to write a class; 2 for letters: capital and small
    start: str = ""  # the model whose weights are taken to begin with

    # the optimizer (AdamW, one cycle: linear warm-up, then cosine to zero)
    epochs: int = 16  # passes over as many samples as the set has
    batch_size: int = 256  # samples
    learning_rate: float = 2e-3  # at the top of the cycle
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.02  # decoupled, a step, times the learning rate

    # the samples
    balance: float = 0.0  # 0: classes as frequent as in the set; 1: all equally frequent
    augmentation: Augmentation = USUAL  # how they are varied
    seed: int = 1


RECIPES = {
    recipe.name: recipe
    for recipe in (
        TrainingRecipe(
            "digits",
            DIGITS,
            "mnist",
            "mnist",
            widths=(32, 48, 96),
            epochs=10,
            # with fewer of these, a European 1 is a 7 or a 2, and a bowed 9 is a 3
            augmentation=Augmentation(upstroke=0.65, foot=0.3, foot_reach=0.5, bow=0.35),
        ),
        TrainingRecipe("alphanumeric", ALPHANUMERIC, "emnist", "nist", widths=(32, 64, 128), epochs=9),
        TrainingRecipe(
            "letters",
            LETTERS,
            "emnist",
            "nist",
            widths=(32, 64, 128),
            forms=2,
            # it knows both forms of every letter already
            start="alphanumeric",
            epochs=5,
            learning_rate=6e-4,
            # EMNIST Letters is balanced, and so is what a person draws to try a letter reader
            balance=1.0,
        ),
    )
}
