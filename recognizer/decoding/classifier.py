"""One model, and whose hand it knows: ink or glyphs in, calibrated probabilities out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recognizer.decoding import calibration
from recognizer.decoding.calibration import USUAL, AcceptancePolicy
from recognizer.models import stroke_model
from recognizer.models.store import Model
from recognizer.models.stroke_model import Strokes
from recognizer.numerics import TINY, softmax
from recognizer.preprocessing.normalize import glyph, shown
from recognizer.results import Box, Character


class Adaptation(Protocol):
    """A person's corrections, as `recognizer.personalization.adaptation` knows them."""

    def adapted(self, known: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Probabilities (N, labels) moved towards how this person writes."""

    def nearness(self, features: np.ndarray) -> np.ndarray:
        """How near the nearest correction is to each character: (N,) in [0, 1]."""


class Classifier:
    """Says what isolated characters are."""

    def __init__(self, model: Model, demands: AcceptancePolicy = USUAL, hand: Adaptation | None = None):
        """
        Args:
            model: of weights/.
            demands: when an answer is accepted.
            hand: whose corrections it knows; None: nobody's.
        """
        self.model = model
        self.demands = demands
        self.hand = hand
        self.named = calibration.is_label(model.classes)  # all but "", what is no character
        self.labels = tuple(label for label in model.classes if label)

    def glyph(self, ink: np.ndarray) -> np.ndarray:
        """What the network sees of a character's ink: float32 (side, side)."""
        return glyph(ink, self.model.card["recipe"], self.model.side)

    def probabilities(
        self, glyphs: list[np.ndarray] | np.ndarray, strokes: Sequence[Strokes] | None = None
    ) -> np.ndarray:
        """Calibrated probabilities (N, classes) of characters, as the hand writes them.

        Args:
            glyphs: (N, side, side).
            strokes: of each the pen strokes, none where they are not known (`trajectory.path`).
        """
        probabilities, features = self.plain(glyphs)
        if self.hand or strokes:
            named = probabilities[:, self.named]
            share = np.maximum(named.sum(axis=1, keepdims=True), TINY)  # the rest, no character, stays
            known = named / share
            weight = np.ones(len(known))
            if self.hand:
                known = self.hand.adapted(known, features)
                weight -= self.hand.nearness(features)  # who corrected this knows better
            if strokes:
                known = stroke_model.helped(self.model.name, self.labels, known, strokes, weight)
            probabilities[:, self.named] = share * known
        return probabilities

    def column(self, label: str) -> int:
        """Where a label stands in `probabilities`."""
        return self.model.classes.index(label)

    def among(self, probabilities: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """Probabilities (..., classes) where only some labels may be: allowed, bool (labels,)."""
        may = np.ones(len(self.named))
        may[self.named] = allowed
        known = probabilities * may
        return known / np.maximum(known.sum(axis=-1, keepdims=True), TINY)

    def of_labels(self, shares: np.ndarray) -> np.ndarray:
        """Probabilities (..., labels) as those of all classes, summing to 1; "" has none."""
        wide = np.zeros((*shares.shape[:-1], len(self.named)))
        wide[..., self.named] = shares
        return wide / np.maximum(wide.sum(axis=-1, keepdims=True), TINY)

    def answer(self, probabilities: np.ndarray, box: Box | None, seen: np.ndarray) -> Character:
        """A character of probabilities (classes,), its box in pixels of the picture, and its glyph."""
        return calibration.answer(probabilities, self.model.classes, box, shown(seen), self.demands)

    def plain(self, glyphs: list[np.ndarray] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the network says whoever wrote: calibrated probabilities (N, classes), features (N, width)."""
        card, side = self.model.card, self.model.side
        logits, features = self.model.logits_and_features(np.reshape(glyphs, (-1, side, side)))
        return softmax(logits, card["temperature"], card.get("prior", 1.0)), features
