"""Does it help to know a hand? Each correction is read by a reader that knows all the others, but not it."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recognizer.recognizer import Recognizer


def right(plain: "Recognizer", glyphs: np.ndarray, labels: list[str]) -> tuple[int, int]:
    """How many glyphs are read rightly by a reader, and how many by it adapted to the other glyphs.

    Args:
        plain: the reader.
        glyphs: float32 (N, side, side) in [0, 1], by its model's recipe.
        labels: what each is, one of `plain.classes`.
    """
    before = sum(one == label for one, label in zip(_read(plain, glyphs), labels, strict=True))
    after = 0
    for row, label in enumerate(labels):
        others = labels[:row] + labels[row + 1 :]
        adapted = plain.adapted_to_glyphs(np.delete(glyphs, row, axis=0), others)
        after += _read(adapted, glyphs[row : row + 1]) == [label]
    return before, after


def _read(reader: "Recognizer", glyphs: np.ndarray) -> list[str]:
    return [one.label for one in reader.of_glyphs(glyphs)]
