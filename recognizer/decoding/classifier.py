"""Classify isolated characters with one model, adapted to one writer if there are corrections."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recognizer.decoding import calibration
from recognizer.decoding.calibration import DEFAULT_POLICY, AcceptancePolicy
from recognizer.models import stroke_model
from recognizer.models.store import Model
from recognizer.models.stroke_model import Strokes
from recognizer.numerics import TINY, softmax
from recognizer.preprocessing.normalize import as_28x28, glyph
from recognizer.results import Box, Character


class Adaptation(Protocol):
    """What a classifier needs of a writer's corrections (`recognizer.personalization.adaptation`)."""

    def adapt(self, probabilities: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Move probabilities (N, labels) towards this writer's way of writing."""

    def max_similarity(self, features: np.ndarray) -> np.ndarray:
        """The similarity of each character to the nearest correction: (N,) in [0, 1]."""


class Classifier:
    """One model with an acceptance policy and, if there are any, one writer's corrections.

    Attributes:
        model: the network and its card.
        policy: which answers are accepted.
        adaptation: made of the writer's corrections; None without any.
        label_mask: bool (classes,), all classes but "" (not a character).
        labels: the classes that are labels, in output order.
    """

    def __init__(
        self, model: Model, policy: AcceptancePolicy = DEFAULT_POLICY, adaptation: Adaptation | None = None
    ):
        self.model = model
        self.policy = policy
        self.adaptation = adaptation
        self.label_mask = calibration.label_mask(model.classes)
        self.labels = tuple(label for label in model.classes if label)

    def glyph(self, ink: np.ndarray) -> np.ndarray:
        """Bring a character's ink (H, W) to the glyph that the network sees: float32 (side, side)."""
        return glyph(ink, self.model.card["recipe"], self.model.side)

    def probabilities(
        self, glyphs: list[np.ndarray] | np.ndarray, strokes: Sequence[Strokes] | None = None
    ) -> np.ndarray:
        """Calibrated probabilities (N, classes) of characters, adapted to the writer.

        Args:
            glyphs: (N, side, side).
            strokes: the pen strokes of each character, as `stroke_model.pen_path` takes them; empty for a
                character whose strokes are unknown.
        """
        probabilities, features = self.forward(glyphs)
        if self.adaptation or strokes:
            of_labels = probabilities[:, self.label_mask]
            # the probability of "not a character" stays as it is
            character = np.maximum(of_labels.sum(axis=1, keepdims=True), TINY)
            if_character = of_labels / character
            stroke_weight = np.ones(len(if_character))
            if self.adaptation:
                if_character = self.adaptation.adapt(if_character, features)
                # the strokes must not overrule a correction of a similar character
                stroke_weight -= self.adaptation.max_similarity(features)
            if strokes:
                if_character = stroke_model.combine(
                    self.model, self.labels, if_character, strokes, stroke_weight
                )
            probabilities[:, self.label_mask] = character * if_character
        return probabilities

    def restrict(self, probabilities: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """Renormalize probabilities (..., classes) to the allowed labels, bool (labels,), and ""."""
        possible = np.ones(len(self.label_mask))
        possible[self.label_mask] = allowed
        restricted = probabilities * possible
        return restricted / np.maximum(restricted.sum(axis=-1, keepdims=True), TINY)

    def expand_to_classes(self, label_probabilities: np.ndarray) -> np.ndarray:
        """Turn probabilities (..., labels) into (..., classes) summing to 1, with 0 for ""."""
        expanded = np.zeros((*label_probabilities.shape[:-1], len(self.label_mask)))
        expanded[..., self.label_mask] = label_probabilities
        return expanded / np.maximum(expanded.sum(axis=-1, keepdims=True), TINY)

    def to_character(self, probabilities: np.ndarray, box: Box | None, seen: np.ndarray) -> Character:
        """Make a character of calibrated probabilities.

        Args:
            probabilities: (classes,), summing to 1.
            box: x, y, width and height in pixels of the picture.
            seen: (side, side), the glyph that the network saw.
        """
        return calibration.to_character(probabilities, self.model.classes, box, as_28x28(seen), self.policy)

    def forward(self, glyphs: list[np.ndarray] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The network alone, without adaptation or strokes, on glyphs (N, side, side).

        Returns:
            Calibrated probabilities (N, classes), and the features (N, width) that the last dense layer sees.
        """
        card, side = self.model.card, self.model.side
        logits, features = self.model.logits_and_features(np.reshape(glyphs, (-1, side, side)))
        return softmax(logits, card["temperature"], card.get("prior", 1.0)), features
