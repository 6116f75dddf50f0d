"""One model, and whose hand it knows: ink or glyphs in, calibrated probabilities out."""

from collections.abc import Iterable, Sequence

import numpy as np

from recognizer import confidence, personal, trajectory
from recognizer.confidence import USUAL, Box, Character, Demands
from recognizer.glyphs import glyph, shown
from recognizer.images import ImageError
from recognizer.models import Model, ModelError
from recognizer.trajectory import Strokes

TINY = 1e-12  # of a sum of probabilities


class Classifier:
    """Says what isolated characters are."""

    def __init__(self, model: Model, demands: Demands = USUAL, hand: personal.Hand | None = None):
        """
        Args:
            model: of weights/.
            demands: when an answer is accepted.
            hand: whose corrections it knows; None: nobody's.
        """
        self._model = model
        self._demands = demands
        self._hand = hand
        self.named = confidence.is_label(model.classes)  # all but "", what is no character
        self.labels = tuple(label for label in model.classes if label)

    def glyph(self, ink: np.ndarray) -> np.ndarray:
        """What the network sees of a character's ink: float32 (side, side)."""
        return glyph(ink, self._model.card["recipe"], self._model.side)

    def probabilities(
        self, glyphs: list[np.ndarray] | np.ndarray, strokes: Sequence[Strokes] | None = None
    ) -> np.ndarray:
        """Calibrated probabilities (N, classes) of characters, as the hand writes them.

        Args:
            glyphs: (N, side, side).
            strokes: of each the pen strokes, none where they are not known (`trajectory.path`).
        """
        probabilities, features = self._plain(glyphs)
        if self._hand or strokes:
            named = probabilities[:, self.named]
            share = np.maximum(named.sum(axis=1, keepdims=True), TINY)  # the rest, no character, stays
            known = named / share
            weight = np.ones(len(known))
            if self._hand:
                known = personal.personal(known, features, self._hand)
                weight -= personal.nearness(features, self._hand)  # who corrected this knows better
            if strokes:
                known = trajectory.helped(self._model.name, self.labels, known, strokes, weight)
            probabilities[:, self.named] = share * known
        return probabilities

    def column(self, label: str) -> int:
        """Where a label stands in `probabilities`."""
        return self._model.classes.index(label)

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
        return confidence.answer(probabilities, self._model.classes, box, shown(seen), self._demands)

    def knowing(self, glyphs: np.ndarray, labels: Iterable[str]) -> "Classifier":
        """A new one that also knows what these glyphs are in a person's hand.

        Args:
            glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1].
            labels: what each is.

        Raises:
            ModelError: a label that the model cannot say, glyphs of another size, or not a label for each.
            ImageError: a glyph is blank.
        """
        glyphs, side = np.asarray(glyphs), self._model.side
        columns = personal.columns_of(labels, self.labels)
        if len(columns) != len(glyphs):
            raise ModelError(f"{len(glyphs)} characters but {len(columns)} labels: give each its own")
        if not len(glyphs):
            return self
        if glyphs.shape[1:] != (side, side):
            raise ModelError(f"{self._model.name} sees (N, {side}, {side}) glyphs, not {glyphs.shape}")
        if blank := [number for number, one in enumerate(glyphs, 1) if not one.any()]:
            raise ImageError(f"correction {blank[0]} shows nothing: leave it out")
        probabilities, features = self._plain(glyphs / 255 if glyphs.dtype == np.uint8 else glyphs)
        known = probabilities[:, self.named]
        known = known / np.maximum(known.sum(axis=1, keepdims=True), TINY)
        hand = personal.Hand(features, known, columns)
        return Classifier(self._model, self._demands, self._hand.followed_by(hand) if self._hand else hand)

    def _plain(self, glyphs: list[np.ndarray] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the network says whoever wrote: calibrated probabilities (N, classes), features (N, width)."""
        card, side = self._model.card, self._model.side
        logits, features = self._model.logits_and_features(np.reshape(glyphs, (-1, side, side)))
        return confidence.softmax(logits, card["temperature"], card.get("prior", 1.0)), features
