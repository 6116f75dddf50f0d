"""`Recognizer`: the one place where the rooms of this package are strung together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from recognizer import confidence, lines, models
from recognizer.confidence import Character
from recognizer.context import Line, Reading, arranged, text_of
from recognizer.glyphs import glyph, shown
from recognizer.images import ImageLike, load_image
from recognizer.ink import find_ink, ink_box, only_character
from recognizer.layout import Page
from recognizer.paper import page_ink

ALONE = 0.5  # how much a character alone counts beside what the line says of it
Box = tuple[int, int, int, int]


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

    def read(
        self,
        image: ImageLike,
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """Read everything on a picture, line by line, all characters in one batched pass.

        Args:
            image: a page, a field, a word; in any light.
            pattern: what stands on every line: 9 is a digit, A a letter, * any character, anything else
                itself, as in "99999", "AA-999", "99/99/9999".
            charset: the labels that may be read; all of the model's where it is left out.
            faintest: how dark ink is at least, of the usual ink of the picture, in (0, 1]; found from the
                paper's grain where it is left out.

        Raises:
            ImageError: the picture cannot be read (recognizer.images.load_image says what can).
        """
        ink, scale = page_ink(load_image(image), faintest)
        page = Page(ink)
        network = models.line_model(self.classes)
        strips = [lines.strip(page, line, network.side, network.card["tall"]) for line in page.lines()]
        allowed = np.array([not charset or label in charset for label in self.classes])
        found = [
            self._steps(logits, network.classes, pattern, allowed)
            for logits in lines.logits_of(strips, network.logits)
        ]
        marks = [
            lines.shares([step for step, _ in steps], strip.ink)
            for steps, strip in zip(found, strips, strict=True)
        ]
        side, recipe = self._model.side, self._model.card["recipe"]
        inks = [strip.ink * mine for strip, some in zip(strips, marks, strict=True) for mine in some]
        glyphs = [glyph(ink, recipe, side) for ink in inks]
        seen = iter(zip(glyphs, self._probabilities(np.reshape(glyphs, (-1, side, side))), strict=True))
        read = []
        for steps, some, strip in zip(found, marks, strips, strict=True):
            characters = []
            for (_, share), mine in zip(steps, some, strict=True):
                one, alone = next(seen)
                if not mine.any():
                    continue
                box = tuple(round(place / scale) for place in lines.box_on_page(mine, strip))
                both = self._together(share, alone)
                characters.append(confidence.answer(both, self._model.classes, box, shown(one)))
            if characters:
                read.append(Line(tuple(characters), text_of(characters)))
        return Reading(tuple(read))

    def _steps(self, logits: np.ndarray, classes: tuple[str, ...], pattern: str | None, allowed: np.ndarray):
        """The characters of a line and, for each, the probabilities (classes,) of what it may be there."""
        known = lines.probabilities(logits, classes, tuple(np.where(allowed, self.classes, "").tolist()))
        logs = np.log(np.maximum(known, 1e-12))
        wanted = lines.positions(pattern, self.classes) if pattern else None
        steps = lines.steps_by_pattern(logs, wanted) if wanted else lines.best_steps(logs)
        found = []
        for step in steps:
            place = step.start + int(known[step.start : step.end, step.best].argmax())
            may_be = wanted[step.position].allowed & allowed if wanted else allowed
            share = known[place, :-1] * may_be
            found.append((step, share / max(share.sum(), 1e-12)))
        return found

    def _together(self, in_line: np.ndarray, alone: np.ndarray) -> np.ndarray:
        """What the line and the character alone say of its class, as probabilities (model's classes,)."""
        both = np.zeros(len(self._model.classes))
        named = np.array([label != "" for label in self._model.classes])
        both[named] = in_line ** (1 - ALONE) * np.maximum(alone[named], 1e-6) ** ALONE
        return both / max(both.sum(), 1e-12)

    def reread(self, image: ImageLike, reading: Reading, boxes: Sequence[Box]) -> Reading:
        """A reading whose boxes somebody moved, added or took away: only what changed is read again.

        Args:
            image: the picture that was read.
            reading: what was read on it.
            boxes: (x, y, width, height) in pixels of the picture, of all characters that there shall be.

        Returns:
            A character for each box, arranged in lines: as it was where its box stayed, else as the ink
            within its box is read; where there is none, with reason="blank".

        Raises:
            ImageError: the picture cannot be read.
        """
        known = {one.box: one for line in reading.lines for one in line.characters}
        boxes = [tuple(round(side) for side in box) for box in boxes]
        new = [box for box in boxes if box not in known]
        if new:
            picture = load_image(image)
            ink, scale = page_ink(picture)
            side, recipe = self._model.side, self._model.card["recipe"]
            glyphs = [glyph(_within(ink, box, scale), recipe, side) for box in new]
            probabilities = self._probabilities(np.reshape(glyphs, (-1, side, side)))
            for box, row, seen in zip(new, probabilities, glyphs, strict=True):
                read = confidence.answer(row, self._model.classes, box, shown(seen))
                known[box] = read if seen.any() else replace(confidence.blank(), box=box)
        return arranged([known[box] for box in boxes])

    def _probabilities(self, glyphs: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, classes) of glyphs (N, side, side)."""
        card = self._model.card
        return confidence.softmax(self._model.logits(glyphs), card["temperature"], card.get("prior", 1.0))


def _within(ink: np.ndarray, box: Box, scale: float) -> np.ndarray:
    """The ink in a box given in pixels of the picture, on a page whose ink is `scale` times as large."""
    left, top = (max(0, int(place * scale)) for place in box[:2])
    right, bottom = (
        max(0, int(np.ceil((place + length) * scale))) for place, length in zip(box[:2], box[2:], strict=True)
    )
    return ink[top:bottom, left:right] if ink[top:bottom, left:right].size else np.zeros((1, 1), np.float32)
