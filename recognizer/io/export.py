"""What was read, as text, CSV, JSON or a picture with boxes."""

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
FORMULA = tuple("=+-@\t\r")  # what begins with one of these is computed by spreadsheets
SURE, DOUBTFUL = (16, 110, 60), (200, 40, 16)  # red, green, blue: read on white paper
MARK = "?"  # after the label of a doubtful one: not everybody tells the colours apart
DIGITS = 4  # of a probability, behind the point
FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_HEIGHT = 22  # pixels of its capitals at scale 1
LABEL, SMALLEST = 0.5, 10  # how high a label is written: a share of its box's height, at least pixels


def to_csv(reading: Reading) -> str:
    """A table with a header and a row for each character; alternatives are "4 0.9312; 9 0.0604".

    Args:
        reading: what was read.
    """
    return csv_text([COLUMNS, *csv_rows(reading)])


def csv_rows(reading: Reading) -> list[list[object]]:
    """A row of COLUMNS for each character, in reading order."""
    return [
        [number, place, one.label, round(one.probability, DIGITS), one.accepted, _others(one),
         *(one.box or ("",) * 4)]
        for number, line in enumerate(reading.lines, 1)
        for place, one in enumerate(line.characters, 1)
    ]  # fmt: skip


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. A text that a spreadsheet would compute gets an apostrophe before it."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(
        [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row]
        for row in rows
    )
    return file.getvalue()


def to_json(reading: Reading, **also: object) -> str:
    """An object with `text` and `lines`.

    Args:
        reading: what was read.
        also: what shall stand before them, by name.

    A line has its text and its characters; a character its label, probability, accepted, reason,
    alternatives [[label, probability], ...] and box [x, y, width, height], null where it has none.
    """
    lines = [
        {"text": line.text, "characters": [_described(one) for one in line.characters]}
        for line in reading.lines
    ]
    return json.dumps({**also, "text": reading.text, "lines": lines}, ensure_ascii=False)


def to_png(picture: np.ndarray, reading: Reading) -> bytes:
    """The picture as `annotated` draws on it, as the bytes of a PNG file.

    Args:
        picture: uint8 (H, W, 4), as recognizer.io.decoding gives it.
        reading: what was read on it.
    """
    return cv2.imencode(".png", cv2.cvtColor(annotated(picture, reading), cv2.COLOR_RGB2BGR))[1].tobytes()


def annotated(picture: np.ndarray, reading: Reading) -> np.ndarray:
    """The picture with a box and a label on each character, doubtful ones in red with a question mark.

    Args:
        picture: uint8 (H, W, 4), as recognizer.io.decoding gives it.
        reading: what was read on it.

    Returns:
        uint8 (H, W, 3), red, green, blue; transparent parts are white.
    """
    clear = picture[..., 3:].astype(np.uint16)
    shown = ((picture[..., :3] * clear + 255 * (255 - clear)) // 255).astype(np.uint8)
    thick = max(1, round(max(shown.shape) / 1000))
    for one in (one for line in reading.lines for one in line.characters):
        if one.box is None:
            continue
        x, y, width, height = one.box
        colour, label = (SURE, one.label) if one.accepted else (DOUBTFUL, one.label + MARK)
        cv2.rectangle(shown, (x, y), (x + width, y + height), colour, thick)
        high = max(SMALLEST, LABEL * height)
        foot = y - 2 * thick if y - 2 * thick > high else y + height + round(high) + 2 * thick
        cv2.putText(shown, label, (x, foot), FONT, high / FONT_HEIGHT, colour, thick, cv2.LINE_AA)
    return shown


def _others(one: Character) -> str:
    return "; ".join(f"{label} {probability:.{DIGITS}f}" for label, probability in one.alternatives)


def _described(one: Character) -> dict[str, Any]:
    return {
        "label": one.label,
        "probability": round(one.probability, DIGITS),
        "accepted": one.accepted,
        "reason": one.reason,
        "alternatives": [[label, round(value, DIGITS)] for label, value in one.alternatives],
        "box": one.box and [int(side) for side in one.box],
    }
