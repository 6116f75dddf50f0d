"""The recipes of the models beside the flagships: what they are compared with."""

from training.recipe import ALPHANUMERIC, DIGITS, OR_NO_LETTER, TrainingRecipe

MILESTONES = (10, 50, 100)  # epochs at which training.study compares networks


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
