"""What is trained and how: one frozen recipe a model, each field with its unit and its reason."""

from recognizer.trajectory import PLACES, SEEN
from training.recipe import ALPHANUMERIC, OR_NOTHING, Mixture, TrainingRecipe
from training.zoo import ZOO

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
RECIPES = {recipe.name: recipe for recipe in (CHARACTERS, STROKES, *ZOO)}
