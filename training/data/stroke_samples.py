"""Samples of the `strokes` network: pen paths of random stroke templates, no real writer's strokes."""

from typing import Any

import keras
import numpy as np

from recognizer.models.stroke_model import pen_path
from recognizer.models.views import VIEWS
from training.recipes import TrainingRecipe
from training.synthesis import stroke_templates

HELD_OUT = 10_000  # characters
# Above 1, because real strokes vary more than templates. Chosen on wild/strokes62 and wild/pen_digits, where
# values from 1 to 2 differ by 0.4 %; there is no held-out set of real strokes.
TEMPERATURE = 1.5


class StrokeBatches(keras.utils.PyDataset):
    """One epoch of new random paths, all classes equally frequent."""

    def __init__(self, recipe: TrainingRecipe, epoch: int):
        super().__init__(workers=1, max_queue_size=16)
        self.recipe, self.epoch = recipe, epoch

    def __len__(self) -> int:
        return self.recipe.samples // self.recipe.batch_size

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        return make_batch((self.recipe.seed, self.epoch, number), self.recipe.batch_size, self.recipe.classes)


def make_batch(seed: tuple[int, ...], count: int, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Random paths and their classes.

    Returns:
        float32 (count, PATH_POINTS, POINT_FEATURES, 1), and one-hot float32 (count, classes).
    """
    rng = np.random.default_rng(seed)
    columns = rng.integers(len(classes), size=count)
    paths = np.stack([pen_path(stroke_templates.sample_strokes(classes[column], rng)) for column in columns])
    return paths[..., None], np.eye(len(classes), dtype=np.float32)[columns]


def held_out(recipe: TrainingRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Paths that are in no epoch, as from `make_batch`."""
    return make_batch((recipe.seed, recipe.epochs), HELD_OUT, recipe.classes)


def card(logits: np.ndarray, allowed: np.ndarray) -> dict[str, Any]:
    """The entries of the model card beside those on training.

    Args:
        logits: (N, classes) on the held-out paths.
        allowed: bool (N, classes), their classes.
    """
    right = logits.argmax(axis=1) == allowed.argmax(axis=1)
    return {
        "temperature": TEMPERATURE,
        "helps": list(VIEWS),  # the views whose probabilities it is combined with
        "training_data": {stroke_templates.FILE.name: stroke_templates.digest()},
        "held_out": f"{HELD_OUT} characters made as those of the training are",
        "made_right": round(float(right.mean()), 4),
    }
