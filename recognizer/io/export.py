"""Write a reading as CSV, as JSON, or as the picture with a box and a label on each character."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from recognizer.results import Character, Reading

__all__ = ["annotated", "to_csv", "to_json", "to_png"]

COLUMNS = ("line", "position", "character", "probability", "accepted", "alternatives",
           "x", "y", "width", "height")  # fmt: skip
FORMULA_PREFIXES = tuple("=+-@\t\r")  # spreadsheets compute a text that begins with one of these
ACCEPTED_COLOUR, DOUBTFUL_COLOUR = (16, 110, 60), (200, 40, 16)  # red, green, blue; legible on white paper
DOUBTFUL_MARK = "?"  # after the label: not everybody can tell the two colours apart
DECIMALS = 4  # of a probability
FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_HEIGHT = 22  # pixels of a capital at scale 1
LABEL_SHARE, MIN_LABEL_HEIGHT = 0.5, 10  # a label's height: this share of its box's, at least so many pixels


def to_csv(reading: Reading) -> str:
    """A reading as a CSV table with a header and one row per character.

    Alternatives are written as "4 0.9312; 9 0.0604".

    Args:
        reading: all its lines are written.
    """
    return csv_text([COLUMNS, *csv_rows(reading)])


def csv_rows(reading: Reading) -> list[list[object]]:
    """One row of COLUMNS per character, in reading order."""
    return [
        [line_number, position, character.label, round(character.probability, DECIMALS), character.accepted,
         _alternatives_text(character), *(character.box or ("",) * 4)]
        for line_number, line in enumerate(reading.lines, 1)
        for position, character in enumerate(line.characters, 1)
    ]  # fmt: skip


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. A text that a spreadsheet would compute gets an apostrophe before it."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(
        [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_PREFIXES) else cell for cell in row]
        for row in rows
    )
    return file.getvalue()


def to_json(reading: Reading, **extra: object) -> str:
    """A reading as a JSON object with `text` and `lines`.

    Each line has `text` and `characters`. Each character has `label`, `probability`, `accepted`, `reason`,
    `alternatives` as [[label, probability], ...] and `box` as [x, y, width, height], or null without a box.

    Args:
        reading: all its lines are written.
        extra: more members of the object, before `text`.
    """
    lines = [
        {"text": line.text, "characters": [_character_object(character) for character in line.characters]}
        for line in reading.lines
    ]
    return json.dumps({**extra, "text": reading.text, "lines": lines}, ensure_ascii=False)


def to_png(picture: np.ndarray, reading: Reading) -> bytes:
    """The picture that `annotated` gives, as the bytes of a PNG file.

    Args:
        picture: uint8 (H, W, 4), as recognizer.io.decoding.load_image gives it.
        reading: of this picture.
    """
    return cv2.imencode(".png", cv2.cvtColor(annotated(picture, reading), cv2.COLOR_RGB2BGR))[1].tobytes()


def annotated(picture: np.ndarray, reading: Reading) -> np.ndarray:
    """Draw a box and a label on each character of a picture, doubtful ones in red with a question mark.

    Args:
        picture: uint8 (H, W, 4), as recognizer.io.decoding.load_image gives it; it stays as it is.
        reading: of this picture.

    Returns:
        uint8 (H, W, 3): red, green, blue; transparent parts become white.
    """
    alpha = picture[..., 3:].astype(np.uint16)
    canvas = ((picture[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    thickness = max(1, round(max(canvas.shape) / 1000))
    for character in (character for line in reading.lines for character in line.characters):
        if character.box is None:
            continue
        x, y, width, height = character.box
        accepted = character.accepted
        colour = ACCEPTED_COLOUR if accepted else DOUBTFUL_COLOUR
        label = character.label if accepted else character.label + DOUBTFUL_MARK
        cv2.rectangle(canvas, (x, y), (x + width, y + height), colour, thickness)
        label_height = max(MIN_LABEL_HEIGHT, LABEL_SHARE * height)
        above = y - 2 * thickness
        below = y + height + round(label_height) + 2 * thickness
        bottom = (
            above if above > label_height else below
        )  # at the picture's top there is no room above the box
        scale = label_height / FONT_HEIGHT
        cv2.putText(canvas, label, (x, bottom), FONT, scale, colour, thickness, cv2.LINE_AA)
    return canvas


def _alternatives_text(character: Character) -> str:
    return "; ".join(f"{label} {probability:.{DECIMALS}f}" for label, probability in character.alternatives)


def _character_object(character: Character) -> dict[str, Any]:
    return {
        "label": character.label,
        "probability": round(character.probability, DECIMALS),
        "accepted": character.accepted,
        "reason": character.reason,
        "alternatives": [
            [label, round(probability, DECIMALS)] for label, probability in character.alternatives
        ],
        "box": character.box and [int(side) for side in character.box],
    }
