"""Characters gathered into lines and words: what was read on a whole picture."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recognizer.confidence import Character

SPACE = 0.6  # of the characters' height: a wider gap parts two words, where it is wide for its line
WIDE_FOR_LINE = 1.8  # times the median gap
SAME_LINE = 0.4  # of the lower of two boxes stands beside the other, where they are of one line


@dataclass(frozen=True, eq=False)
class Line:
    """One line of writing as it was read."""

    characters: tuple[Character, ...]
    text: str  # its labels, words parted by one space


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything that was read on a picture."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)


def text_of(characters: list[Character]) -> str:
    """Labels of characters with boxes, from left to right, with a space where the gap between two is wide."""
    gaps = [other.box[0] - one.box[0] - one.box[2] for one, other in pairwise(characters)]
    height = float(np.median([one.box[3] for one in characters] or [0]))
    least = max(SPACE * height, WIDE_FOR_LINE * float(np.median(gaps)) if gaps else 0.0)
    text = characters[0].label if characters else ""
    for gap, character in zip(gaps, characters[1:], strict=True):
        text += " " * (gap > least) + character.label
    return text


def arranged(characters: list[Character]) -> Reading:
    """Characters with boxes, gathered into lines: from top to bottom, each from left to right."""
    lines: list[list[Character]] = []
    for one in sorted(characters, key=lambda one: one.box[0]):
        shares = [_shared_height(one, line[-1]) for line in lines]
        if shares and max(shares) > SAME_LINE:
            lines[int(np.argmax(shares))].append(one)
        else:
            lines.append([one])
    lines.sort(key=lambda line: np.median([one.box[1] + one.box[3] / 2 for one in line]))
    return Reading(tuple(Line(tuple(line), text_of(line)) for line in lines))


def _shared_height(one: Character, other: Character) -> float:
    """How much of the lower box's height stands beside the other box."""
    shared = min(one.box[1] + one.box[3], other.box[1] + other.box[3]) - max(one.box[1], other.box[1])
    return shared / max(min(one.box[3], other.box[3]), 1)
