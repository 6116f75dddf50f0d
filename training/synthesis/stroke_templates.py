"""Pen strokes, made up to teach a network how characters are written: known ways, varied as hands vary.

stroke_templates.txt says which strokes, in which order and direction. It holds no writer's strokes.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

import cv2
import numpy as np

FILE = Path(__file__).with_suffix(".txt")
POINT = re.compile(r"\(([^)]*)\)(\*?)|(-?[\d.]+),(-?[\d.]+)(\*?)")
ARC_PIECE = 28  # degrees
CORNER = 0.008  # of the box: how far apart the two points are that make a corner
LIKE_LETTER = "~"  # after a digit: this way of writing it looks like a letter
RARE = 0.2  # where letters may come, such a way is as often as this, of its usual share
NARROW = "Iil"
BELOW = "gjpqy"  # small letters with a stroke under the line
ENDS_FREE = "fgjpqsy"  # small letters whose end is not at the line, or is not joined to the next one
SHEET, MARGIN = 112, 15  # pixels a side to draw on; free around the character
PENS = (5, 15)  # pixels
HEAVY, HEAVY_PENS = 0.15, (15, 24)  # so many have such a pen
FINE = 10  # points of a curve between two of a way


def digest() -> str:
    """The SHA-256 of the file of templates, for cards."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()


@cache
def ways() -> dict[str, list[list[np.ndarray]]]:
    """For each character its ways; a way is strokes, points (n, 2) each, in a box of 1 by 1, y down.

    A digit and "~" has those of its ways that look like letters.
    """
    found: dict[str, list[list[np.ndarray]]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, strokes = line.split(" ", 1)
            found.setdefault(label, []).append([_points(one) for one in strokes.split(";")])
    return found


def drawn(label: str, rng: np.random.Generator, only_digits: bool = False) -> list[np.ndarray]:
    """One character, as somebody writes it.

    Args:
        label: which.
        rng: decides how.
        only_digits: no letter comes beside it.

    Returns:
        Strokes in the order of the pen, points (n, 2) each, y down; the character is about 1 high.
    """
    known, like_letters = ways()[label], ways().get(label + LIKE_LETTER, [])
    usual = len(like_letters) / (len(known) + len(like_letters))
    if rng.random() < usual * (1 if only_digits else RARE):
        known = like_letters
    way = known[rng.integers(len(known))]
    if label.islower():
        way = _joined(way, label, rng)
    warp, to_hand = _warp(rng), _hand(label, rng)
    rough, shift = rng.uniform(0.015, 0.055), 0.03 if len(way) > 1 else 0.0
    strokes = []
    for stroke in way:
        noise = rng.normal(0, rough, stroke.shape)
        if len(stroke) > 6:
            noise[1:-1] = (
                noise[:-2] + noise[1:-1] + noise[2:]
            ) / 1.8  # a curve is not rougher for its points
        curve = _curve(stroke + noise + rng.normal(0, shift, 2))
        if len(curve) > 30:  # ends come short
            first, last = (len(curve) * np.maximum(rng.normal(0, 0.04, 2), 0)).astype(int)
            curve = curve[first : len(curve) - last]
        strokes.append(warp(curve) @ to_hand.T)
    return _otherwise(strokes, rng)


def picture(label: str, rng: np.random.Generator, only_digits: bool = False) -> np.ndarray:
    """The ink of one character as `drawn`, with a pen: float32 (SHEET, SHEET) in [0, 1]."""
    strokes = drawn(label, rng, only_digits)
    pen = int(rng.integers(*(HEAVY_PENS if rng.random() < HEAVY else PENS)))
    points = np.vstack(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    for stroke in strokes:
        path = (stroke - low) * (SHEET - 2 * MARGIN) / max(extent, 1e-6) + MARGIN
        cv2.polylines(sheet, [np.rint(16 * path).astype(np.int32)[:, None]], False, 255, pen, cv2.LINE_AA, 4)
    return sheet.astype(np.float32) / 255


def _points(text: str) -> np.ndarray:
    """A stroke of stroke_templates.txt."""
    points: list[tuple[float, float]] = []
    for arc, arc_corner, x, y, corner in POINT.findall(text):
        if arc:
            middle_x, middle_y, wide, high, start, end = map(float, arc.split(","))
            turn = np.deg2rad(np.linspace(start, end, max(4, int(abs(end - start) / ARC_PIECE))))
            points += zip(middle_x + wide * np.cos(turn), middle_y + high * np.sin(turn), strict=True)
        else:
            points.append((float(x), float(y)))
        if arc_corner or corner:
            points.append((points[-1][0] + 100 * CORNER, points[-1][1] + 100 * CORNER))
    return np.array(points) / 100


def _curve(points: np.ndarray) -> np.ndarray:
    """A smooth line through points (Catmull and Rom 1974)."""
    before = 2 * points[0] - points[1]
    after = 2 * points[-1] - points[-2]
    every = np.vstack([before, points, after])
    a, b, c, d = (every[k : len(every) - 3 + k, None] for k in range(4))
    t = np.linspace(0, 1, FINE, endpoint=False)[:, None]
    line = (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2
    return np.vstack([line.reshape(-1, 2), points[-1:]])


def _warp(rng: np.random.Generator):
    """A smooth change of the plane: four waves."""
    waves = rng.uniform(0.5, 2.2, (4, 2)) * rng.choice([-1, 1], (4, 2)) * 1.2 * np.pi
    phases, size = rng.uniform(0, 2 * np.pi, 4), rng.normal(0, 0.05, (4, 2))
    return lambda points: points + np.sin(points @ waves.T + phases) @ size


def _hand(label: str, rng: np.random.Generator) -> np.ndarray:
    """Width, slant and turn, (2, 2)."""
    width = 0.75 * np.exp(rng.normal(0, 0.35))
    if label in NARROW:
        width = 0.7 * min(width, 0.8)
    if label == "1":  # from a bare stroke to one with a flag as wide as it is high
        width *= 0.8
    slant, turn = rng.normal(0.1, 0.2), rng.normal(0, 0.1)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return turned @ np.array([[width, -slant], [0, 1]])


def _joined(way: list[np.ndarray], label: str, rng: np.random.Generator) -> list[np.ndarray]:
    """A small letter, some with the strokes that come from the letter before and lead to the next."""
    line = 0.52 if label in BELOW else 1.0
    body = next((number for number, stroke in enumerate(way) if len(stroke) > 2), 0)
    stroke = way[body]
    x, y = stroke[0]
    if rng.random() < 0.2 and y < line - 0.1:
        far = rng.uniform(0.1, 0.5)
        between = (y + line) / 2 + rng.uniform(-0.1, 0.15)
        stroke = np.vstack([[(x - far, line * rng.uniform(0.6, 1)), (x - 0.45 * far, between)], stroke])
    x, y = stroke[-1]
    if rng.random() < 0.2 and y > 0.75 * line and label not in ENDS_FREE:
        stroke = np.vstack(
            [stroke, [(x + 0.12, y + 0.03), (x + rng.uniform(0.2, 0.5), y - rng.uniform(0.02, 0.3))]]
        )
    return [*way[:body], stroke, *way[body + 1 :]]


def _otherwise(strokes: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Some in another order or direction, with the pen lifted on the way, or not lifted."""
    strokes = list(strokes)
    if rng.random() < 0.04:
        number = rng.integers(len(strokes))
        strokes[number] = strokes[number][::-1]
    if rng.random() < 0.08:
        strokes = [strokes[number] for number in rng.permutation(len(strokes))]
    if rng.random() < 0.05:
        number = rng.integers(len(strokes))
        long = len(strokes[number])
        if long > 20:
            lift = rng.integers(long // 6, long - long // 6)
            parts = [strokes[number][:lift], strokes[number][lift + 1 :]]
            strokes = [*strokes[:number], *parts, *strokes[number + 1 :]]
    if len(strokes) > 1 and rng.random() < 0.05:
        number = rng.integers(len(strokes) - 1)
        both = np.vstack(strokes[number : number + 2])
        strokes = [*strokes[:number], both, *strokes[number + 2 :]]
    return strokes
