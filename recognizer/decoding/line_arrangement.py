"""Characters gathered into lines and words: what was read on a whole picture."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognizer.results import Box, Character, Line, Reading

SPACE = 0.6  # of the characters' height: a wider gap parts two words, where it is wide for its line
WIDE_FOR_LINE = 1.8  # times the median gap
SAME_LINE = 0.4  # of the lower of two boxes stands beside the other, where they are of one line


def text_of(characters: Sequence[Character]) -> str:
    """Labels of characters with boxes, from left to right, with a space where the gap between two is wide."""
    labels = [one.label for one in characters]
    ends = word_ends([_box_of(one) for one in characters])
    return " ".join("".join(labels[start:end]) for start, end in pairwise([0, *ends]))


def word_ends(boxes: Sequence[tuple[float, float, float, float]]) -> list[int]:
    """After how many characters of a line each of its words ends: where the gap to the next is wide.

    Args:
        boxes: (x, y, width, height) of the characters, from left to right.
    """
    gaps = [other[0] - one[0] - one[2] for one, other in pairwise(boxes)]
    height = float(np.median([box[3] for box in boxes] or [0]))
    least = max(SPACE * height, WIDE_FOR_LINE * float(np.median(gaps)) if gaps else 0.0)
    wide = [place for place, gap in enumerate(gaps, 1) if gap > least]
    return [*wide, len(boxes)] if boxes else []


def arranged(characters: list[Character]) -> Reading:
    """Characters with boxes, gathered into lines: from top to bottom, each from left to right."""
    lines: list[list[Character]] = []
    for one in sorted(characters, key=lambda one: _box_of(one)[0]):
        shares = [_shared_height(_box_of(one), _box_of(line[-1])) for line in lines]
        if shares and max(shares) > SAME_LINE:
            lines[int(np.argmax(shares))].append(one)
        else:
            lines.append([one])
    lines.sort(key=_middle)
    return Reading(tuple(Line(tuple(line), text_of(line)) for line in lines))


def _middle(line: list[Character]) -> float:
    """How far down a line runs: the median of its characters' middles."""
    return float(np.median([y + height / 2 for _, y, _, height in map(_box_of, line)]))


def _shared_height(one: Box, other: Box) -> float:
    """How much of the lower box's height stands beside the other box."""
    shared = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return shared / max(min(one[3], other[3]), 1)


def _box_of(one: Character) -> Box:
    """The box of a character that has one.

    Raises:
        ValueError: it has none, so it has no place in a line.
    """
    if one.box is None:
        raise ValueError(f"the character {one.label!r} has no box: it cannot be put in a line")
    return one.box
