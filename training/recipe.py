"""What a recipe of training says, and the labels that recipes share."""

from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits

from training.augment import Augmentation

NOTHING = ""  # the class of what is no character
DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as EMNIST's label files order them
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # the order of EMNIST ByClass
OR_NOTHING = (*ALPHANUMERIC, NOTHING)
OR_NO_LETTER = (NOTHING, *LETTERS)  # EMNIST's labels of letters begin at 1; 0 says "not a letter"


@dataclass(frozen=True)
class Mixture:
    """What `characters` learns from (training.sample_pools): the share of each pool in a batch."""

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
    glyph_recipe: str  # "mnist" or "emnist": how pictures become glyphs (recognizer.glyphs); "trajectory"
    data: str  # which training set: "mnist", "nist", "sd19", "characters" or "stroke templates"
    side: int = 28  # pixels of a glyph

    # the network
    architecture: str = "character_reader"  # a function of training.architectures
    settings: dict = field(default_factory=dict)  # its arguments beside the number of classes

    # the optimizer
    kernel_rate: float = 0.0  # of Muon for the convolutions (training.torch_fit); 0: AdamW for all
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
