"""What a recipe of training says, and the labels that recipes share."""

from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits

from training.augment import Augmentation

NOTHING = ""  # the class of what is no character
DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as EMNIST's label files order them
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # the order of EMNIST ByClass
# where there are letters only, a digit's shape is a letter: many people's b is a 6, their o as narrow as a 0
DIGITS_LIKE_LETTERS = {"0": "o", "1": "il", "2": "z", "5": "s", "6": "bg", "9": "gq"}
OR_NO_LETTER = (NOTHING, *LETTERS)  # EMNIST's labels of letters begin at 1; 0 says "not a letter"


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
    as_on_forms: float = 0.0  # share of rows that are varied no more than training.augment.AS_ON_FORMS
    digits_as_letters: int = 0  # every so manieth digit that looks like a letter is learnt as one; 0: none
    nothing: float = 0.0  # share of samples that are made, and are no character; their class is ""
    drawn: float = 0.0  # share of samples that are drawn with a pen (training.ways)
    seed: int = 1
