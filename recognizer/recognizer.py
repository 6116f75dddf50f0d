"""`Recognizer`: the one place where the rooms of this package are strung together."""

from collections.abc import Iterable

import numpy as np

from recognizer import confidence, models
from recognizer.confidence import Character
from recognizer.glyphs import glyph, shown
from recognizer.images import ImageLike, load_image
from recognizer.ink import find_ink, ink_box, only_character


class Recognizer:
    """Reads handwritten characters with one model.

    Example:
        >>> reader = Recognizer.load("digits")
        >>> reader.character("seven.png").label
        '7'
    """

    def __init__(self, model: models.Model):
        self._model = model

    @classmethod
    def load(cls, name: str) -> "Recognizer":
        """A recognizer with a model of weights/: "digits", "letters", "alphanumeric" or another there.

        Takes seconds the first time in a process; keep what it returns.

        Raises:
            ModelError: no such model, or its weights are not those its card describes.
        """
        return cls(models.load_model(name))

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels it can say, in the order of the network's outputs."""
        return tuple(label for label in self._model.classes if label)

    def character(self, image: ImageLike) -> Character:
        """Read one isolated character, anywhere in the picture, at any size, with any pen.

        A blank picture is no error: it gives accepted=False and reason="blank".

        Raises:
            ImageError: the picture cannot be read (recognizer.images.load_image says what can).
        """
        return self.characters([image])[0]

    def characters(self, images: Iterable[ImageLike]) -> list[Character]:
        """Read isolated characters, one a picture, in one batched pass; as `character` otherwise."""
        side = self._model.side
        boxes, glyphs = [], []
        for image in images:  # one at a time: the ink of thousands of pictures would fill the memory
            ink = only_character(find_ink(load_image(image)))
            boxes.append(ink_box(ink))
            glyphs.append(glyph(ink, self._model.card["recipe"], side))
        probabilities = self._probabilities(np.reshape(glyphs, (-1, side, side)))
        return [
            confidence.answer(row, self._model.classes, box, shown(seen)) if box else confidence.blank()
            for row, box, seen in zip(probabilities, boxes, glyphs, strict=True)
        ]

    def _probabilities(self, glyphs: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, classes) of glyphs (N, side, side)."""
        card = self._model.card
        return confidence.softmax(self._model.logits(glyphs), card["temperature"], card.get("prior", 1.0))
