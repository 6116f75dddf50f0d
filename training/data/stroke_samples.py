"""What `strokes` learns from: stroke templates as the pen's path, varied as hands vary; no real strokes."""

from typing import Any

import keras
import numpy as np

from recognizer.models.stroke_model import path
from recognizer.models.views import VIEWS
from training.recipes import TrainingRecipe
from training.synthesis import stroke_templates

HELD_OUT = 10_000  # characters
# Above 1, since nobody writes just as a template varies. Chosen on wild/strokes62 and wild/pen_digits, where
# 1 to 2 differ by 0.4 %: there is no held-out set of real strokes
TEMPERATURE = 1.5


class StrokeBatches(keras.utils.PyDataset):
    """One epoch of paths, made anew, all classes equally frequent."""

    def __init__(self, recipe: TrainingRecipe, epoch: int):
        super().__init__(workers=1, max_queue_size=16)
        self.recipe, self.epoch = recipe, epoch

    def __len__(self) -> int:
        return self.recipe.samples // self.recipe.batch_size

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        return made((self.recipe.seed, self.epoch, number), self.recipe.batch_size, self.recipe.classes)


def made(seed: tuple[int, ...], count: int, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Paths (count, PLACES, SEEN, 1) of made-up characters, and float32 (count, classes), 1 for the class."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(len(classes), size=count)
    paths = np.stack([path(stroke_templates.drawn(classes[number], rng)) for number in numbers])
    return paths[..., None], np.eye(len(classes), dtype=np.float32)[numbers]


def held_out(recipe: TrainingRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Paths that no epoch has, as `made` gives them."""
    return made((recipe.seed, recipe.epochs), HELD_OUT, recipe.classes)


def card(logits: np.ndarray, allowed: np.ndarray) -> dict[str, Any]:
    """What the card of the network of strokes says beside its training."""
    right = logits.argmax(axis=1) == allowed.argmax(axis=1)
    return {
        "temperature": TEMPERATURE,
        "helps": list(VIEWS),  # the readers whose answers it is weighed with
        "training_data": {stroke_templates.FILE.name: stroke_templates.digest()},
        "held_out": f"{HELD_OUT} characters made as those of the training are",
        "made_right": round(float(right.mean()), 4),
    }
