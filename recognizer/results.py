"""What a reading gives: characters, and the lines of a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

Box = tuple[int, int, int, int]  # x, y, width and height


@dataclass(frozen=True, eq=False)
class Character:
    """One character as it was read.

    Attributes:
        label: what it is; "" where nothing was read.
        probability: of the label, if this is a character; calibrated: of answers given 0.9, nine in ten are
            right.
        alternatives: (label, probability), best first, the label included.
        accepted: whether the answer is as sure as was asked of the recognizer.
        reason: why it was not accepted: "blank", "not a character" or "uncertain"; "" where it was.
        box: x, y, width and height in pixels of the picture; None where nothing was found, or no picture
            was given.
        glyph: float32 (28, 28) in [0, 1], 1 = ink: what the network saw.
    """

    label: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    accepted: bool
    reason: str
    box: Box | None
    glyph: np.ndarray


@dataclass(frozen=True, eq=False)
class Line:
    """One line of writing as it was read.

    Attributes:
        characters: from left to right.
        text: their labels, words parted by one space; by a pattern, with its literals.
    """

    characters: tuple[Character, ...]
    text: str

    def corrected(self, labels: Mapping[int, str]) -> "Line":
        """The line after somebody said what some of its characters are.

        Args:
            labels: for the places of characters, from 0 on, what stands there.
        """
        characters = list(self.characters)
        for place, label in labels.items():
            characters[place] = replace(
                characters[place], label=label, probability=1.0, accepted=True, reason=""
            )
        text, place = "", 0
        for sign in self.text:  # spaces, and a pattern's literals, are no characters
            is_read = place < len(characters) and sign == self.characters[place].label
            text += characters[place].label if is_read else sign
            place += is_read
        return Line(tuple(characters), text)


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything that was read on a picture.

    Attributes:
        lines: from top to bottom; none on a blank picture.
    """

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)
