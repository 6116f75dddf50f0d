"""Arrange characters in lines and words by their boxes."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognizer.results import Box, Character, Line, Reading

# A gap separates two words if it is wider than both of these:
MIN_WORD_GAP = 0.6  # of the median height of the line's characters
MIN_GAP_RATIO = 1.8  # times the median gap of the line
MIN_OVERLAP = 0.4  # of the smaller height: two boxes that overlap more in y are in one line


def text_of(characters: Sequence[Character]) -> str:
    """The labels of characters with boxes, given from left to right, with a space between words."""
    labels = [character.label for character in characters]
    ends = word_ends([_box_of(character) for character in characters])
    return " ".join("".join(labels[start:end]) for start, end in pairwise([0, *ends]))


def word_ends(boxes: Sequence[tuple[float, float, float, float]]) -> list[int]:
    """The index after the last character of each word of a line.

    Args:
        boxes: (x, y, width, height) of the characters, from left to right.
    """
    gaps = [box[0] - previous[0] - previous[2] for previous, box in pairwise(boxes)]
    height = float(np.median([box[3] for box in boxes] or [0]))
    word_gap = max(MIN_WORD_GAP * height, MIN_GAP_RATIO * float(np.median(gaps)) if gaps else 0.0)
    ends = [index for index, gap in enumerate(gaps, 1) if gap > word_gap]
    return [*ends, len(boxes)] if boxes else []


def arrange_lines(characters: list[Character]) -> Reading:
    """Arrange characters with boxes in lines from top to bottom, each from left to right."""
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda character: _box_of(character)[0]):
        overlaps = [_overlap(_box_of(character), _box_of(line[-1])) for line in lines]
        if overlaps and max(overlaps) > MIN_OVERLAP:
            lines[int(np.argmax(overlaps))].append(character)
        else:
            lines.append([character])
    lines.sort(key=_middle)
    return Reading(tuple(Line(tuple(line), text_of(line)) for line in lines))


def _middle(line: list[Character]) -> float:
    """The y of a line: the median over the middles of its characters."""
    return float(np.median([y + height / 2 for _, y, _, height in map(_box_of, line)]))


def _overlap(first: Box, second: Box) -> float:
    """The overlap of two boxes in y, as a share of the smaller height."""
    shared = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    return shared / max(min(first[3], second[3]), 1)


def _box_of(character: Character) -> Box:
    """The box of a character that must have one.

    Raises:
        ValueError: it has no box.
    """
    if character.box is None:
        raise ValueError(f"the character {character.label!r} has no box: it cannot be put in a line")
    return character.box
