"""Measure what corrections help, by leave-one-out: each is read by a reader adapted to all the others."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recognizer.recognizer import Recognizer


def count_correct(reader: "Recognizer", glyphs: np.ndarray, labels: list[str]) -> tuple[int, int]:
    """Count the glyphs that are read correctly before and after adaptation to all other glyphs.

    Args:
        reader: before adaptation.
        glyphs: float32 (N, side, side) in [0, 1], 1 = ink, made by the recipe of its model.
        labels: the N correct labels, each one of `reader.classes`.

    Returns:
        The numbers of correct glyphs, before and after.
    """
    before = sum(read == label for read, label in zip(_read(reader, glyphs), labels, strict=True))
    after = 0
    for row, label in enumerate(labels):
        other_labels = labels[:row] + labels[row + 1 :]
        adapted = reader.adapted_to_glyphs(np.delete(glyphs, row, axis=0), other_labels)
        after += _read(adapted, glyphs[row : row + 1]) == [label]
    return before, after


def _read(reader: "Recognizer", glyphs: np.ndarray) -> list[str]:
    return [character.label for character in reader.of_glyphs(glyphs)]
