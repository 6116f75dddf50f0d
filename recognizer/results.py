"""What a recognizer returns: characters, lines, and the reading of a whole picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

Box = tuple[int, int, int, int]  # x, y, width and height in pixels


@dataclass(frozen=True, eq=False)
class Character:
    """One character as it was read.

    Attributes:
        label: the most probable label; "" if nothing was read.
        probability: of the label, given that this is a character. It is calibrated: of all answers with
            probability 0.9, nine in ten are right.
        alternatives: (label, probability) pairs, best first, the label included.
        accepted: whether the answer meets the recognizer's acceptance policy.
        reason: why it was not accepted, "blank", "not a character" or "uncertain"; "" if it was.
        box: x, y, width and height in pixels of the picture; None if the picture is blank or only a glyph
            was given.
        glyph: float32 (28, 28) in [0, 1], 1 = ink: the character as the network saw it.
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
        text: their labels with one space between words; if a pattern was given, its labels and literals.
    """

    characters: tuple[Character, ...]
    text: str

    def corrected(self, labels: Mapping[int, str]) -> "Line":
        """The line after a person corrected some of its characters.

        Args:
            labels: the correct label by index in `characters`.
        """
        characters = list(self.characters)
        for index, label in labels.items():
            characters[index] = replace(
                characters[index], label=label, probability=1.0, accepted=True, reason=""
            )
        text, index = "", 0
        for sign in self.text:  # a space or a literal of a pattern belongs to no character
            is_read = index < len(characters) and sign == self.characters[index].label
            text += characters[index].label if is_read else sign
            index += is_read
        return Line(tuple(characters), text)


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything that was read on a picture.

    Attributes:
        lines: from top to bottom; empty for a blank picture.
    """

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The text of all lines, joined by newlines."""
        return "\n".join(line.text for line in self.lines)
