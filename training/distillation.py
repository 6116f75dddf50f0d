"""Learning from what other networks answer, beside the labels (Hinton et al. 2015, arXiv 1503.02531).

The teachers are earlier networks, in training/earlier/: no readers of the app, but made like all others, by
`python -m training.train alphanumeric-1`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recognizer.confidence import is_label, softmax
from recognizer.models import load_model
from training.recipe import NOTHING, TrainingRecipe

EARLIER_WEIGHTS = Path(__file__).resolve().parent / "earlier"


class Teachers:
    """The mean answer of a recipe's teachers, as frequent as its classes are drawn in training."""

    def __init__(self, recipe: TrainingRecipe, frequency: np.ndarray, folder: Path = EARLIER_WEIGHTS):
        """
        Args:
            recipe: has teachers; all its classes but the one of what is no character are theirs. Where its
                letters have no case, A and a of a teacher are one letter.
            frequency: (classes,) of the recipe's classes on the forms.
            folder: where their weights are.
        """
        self._models = [load_model(name, folder) for name in recipe.teachers]
        self._named = is_label(recipe.classes)
        drawn = np.where(frequency > 0, frequency, 1) ** (1 - recipe.balance)
        self._drawn = drawn[self._named]
        self._sums = [_sums(model.classes, recipe.classes) for model in self._models]
        self._share = recipe.taught

    def __call__(self, glyphs: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) of characters, float32 (N, side, side); each row's sum is `taught`."""
        known = np.zeros((len(glyphs), len(self._named)), np.float32)
        for model, sums in zip(self._models, self._sums, strict=True):
            card = model.card
            shares = softmax(model.logits(glyphs), card["temperature"], card.get("prior", 1.0)) @ sums
            shares *= self._drawn
            known[:, self._named] += shares / shares.sum(axis=1, keepdims=True)
        return self._share / len(self._models) * known


def _sums(known: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Which classes of a teacher make up each wanted label: 0 or 1, float32 (classes, labels)."""
    wanted = [label for label in wanted if label != NOTHING]
    forms = [{label} if label.upper() in wanted else {label, label.upper()} for label in wanted]
    return np.array([[label in form for form in forms] for label in known], np.float32)
