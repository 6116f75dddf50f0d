"""Random pen strokes of characters: written-down stroke templates, varied as hands vary.

stroke_templates.txt defines the strokes, their order and their direction. It holds no writer's strokes.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

import numpy as np

from recognizer.io.rasterizer import draw_stroke

FILE = Path(__file__).with_suffix(".txt")
POINT = re.compile(r"\(([^)]*)\)(\*?)|(-?[\d.]+),(-?[\d.]+)(\*?)")  # an arc or a point, * if it is a corner
ARC_STEP = 28  # degrees between the points of an arc
CORNER_OFFSET = 0.008  # of the box: a corner is two points this far apart in x and in y
LETTER_LIKE = "~"  # after a digit: the template looks like a letter
LETTER_LIKE_RATE = 0.2  # of their usual rate, for letter-like templates where letters are possible too
NARROW = "Iil"
DESCENDERS = "gjpqy"
NO_LEAD_OUT = "fgjpqsy"  # small letters that do not end on the baseline, or are not joined to the next letter
SHEET, MARGIN = 112, 15  # pixels a side of a picture, and free around the character
PENS = (5, 15)  # pixels: min, and max + 1
HEAVY_PEN_RATE, HEAVY_PENS = 0.15, (15, 24)  # share of characters with a heavy pen, and its pixels
POINTS_PER_SEGMENT = 10  # of a smooth curve, between two points of a template

Strokes = list[np.ndarray]  # points (n, 2) of each stroke, x and y, y down


def digest() -> str:
    """The SHA-256 of stroke_templates.txt, for model cards."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()


@cache
def templates() -> dict[str, list[Strokes]]:
    """The templates of each character, in a box of 1 by 1.

    The key of a digit followed by "~" holds its letter-like templates.
    """
    by_label: dict[str, list[Strokes]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, strokes = line.split(" ", 1)
            by_label.setdefault(label, []).append([_points(stroke) for stroke in strokes.split(";")])
    return by_label


def sample_strokes(label: str, rng: np.random.Generator, only_digits: bool = False) -> Strokes:
    """Write one character with a random template, varied.

    Args:
        label: the character.
        rng: source of randomness.
        only_digits: letters are impossible, so letter-like digits are as likely as others.

    Returns:
        Strokes in the order of the pen; the character is about 1 high.
    """
    choices, letter_like = templates()[label], templates().get(label + LETTER_LIKE, [])
    letter_like_share = len(letter_like) / (len(choices) + len(letter_like))
    if rng.random() < letter_like_share * (1 if only_digits else LETTER_LIKE_RATE):
        choices = letter_like
    template = choices[rng.integers(len(choices))]
    if label.islower():
        template = _with_joining_strokes(template, label, rng)
    warp, transform = _random_warp(rng), _random_transform(label, rng)
    roughness, shift = rng.uniform(0.015, 0.055), 0.03 if len(template) > 1 else 0.0
    strokes = []
    for stroke in template:
        noise = rng.normal(0, roughness, stroke.shape)
        if len(stroke) > 6:  # smooth the noise: more points must not make a curve rougher
            noise[1:-1] = (noise[:-2] + noise[1:-1] + noise[2:]) / 1.8
        curve = _smooth_curve(stroke + noise + rng.normal(0, shift, 2))
        if len(curve) > 30:  # ends fall short
            first, last = (len(curve) * np.maximum(rng.normal(0, 0.04, 2), 0)).astype(int)
            curve = curve[first : len(curve) - last]
        strokes.append(warp(curve) @ transform.T)
    return _with_stroke_changes(strokes, rng)


def picture(label: str, rng: np.random.Generator, only_digits: bool = False) -> np.ndarray:
    """Draw one character of `sample_strokes` with a random pen: float32 (SHEET, SHEET) in [0, 1], 1 = ink."""
    strokes = sample_strokes(label, rng, only_digits)
    pen = int(rng.integers(*(HEAVY_PENS if rng.random() < HEAVY_PEN_RATE else PENS)))
    points = np.vstack(strokes)
    corner, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    for stroke in strokes:
        path = (stroke - corner) * (SHEET - 2 * MARGIN) / max(extent, 1e-6) + MARGIN
        draw_stroke(sheet, path, 255, pen)
    return sheet.astype(np.float32) / 255


def _points(text: str) -> np.ndarray:
    """Parse one stroke of stroke_templates.txt into points (n, 2)."""
    points: list[tuple[float, float]] = []
    for arc, arc_corner, x, y, corner in POINT.findall(text):
        if arc:
            centre_x, centre_y, radius_x, radius_y, start, end = map(float, arc.split(","))
            angles = np.deg2rad(np.linspace(start, end, max(4, int(abs(end - start) / ARC_STEP))))
            points += zip(
                centre_x + radius_x * np.cos(angles), centre_y + radius_y * np.sin(angles), strict=True
            )
        else:
            points.append((float(x), float(y)))
        if arc_corner or corner:
            points.append((points[-1][0] + 100 * CORNER_OFFSET, points[-1][1] + 100 * CORNER_OFFSET))
    return np.array(points) / 100


def _smooth_curve(points: np.ndarray) -> np.ndarray:
    """A smooth line through points (n, 2) (Catmull and Rom 1974)."""
    before = 2 * points[0] - points[1]
    after = 2 * points[-1] - points[-2]
    padded = np.vstack([before, points, after])
    a, b, c, d = (padded[k : len(padded) - 3 + k, None] for k in range(4))
    t = np.linspace(0, 1, POINTS_PER_SEGMENT, endpoint=False)[:, None]
    line = (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2
    return np.vstack([line.reshape(-1, 2), points[-1:]])


def _random_warp(rng: np.random.Generator):
    """A smooth random change of the plane, made of four waves: points (n, 2) -> points (n, 2)."""
    waves = rng.uniform(0.5, 2.2, (4, 2)) * rng.choice([-1, 1], (4, 2)) * 1.2 * np.pi
    phases, size = rng.uniform(0, 2 * np.pi, 4), rng.normal(0, 0.05, (4, 2))
    return lambda points: points + np.sin(points @ waves.T + phases) @ size


def _random_transform(label: str, rng: np.random.Generator) -> np.ndarray:
    """A random width, slant and rotation, (2, 2)."""
    width = 0.75 * np.exp(rng.normal(0, 0.35))
    if label in NARROW:
        width = 0.7 * min(width, 0.8)
    if label == "1":  # from a single stroke to one with an upstroke as wide as the 1 is high
        width *= 0.8
    slant, angle = rng.normal(0.1, 0.2), rng.normal(0, 0.1)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return rotation @ np.array([[width, -slant], [0, 1]])


def _with_joining_strokes(template: Strokes, label: str, rng: np.random.Generator) -> Strokes:
    """Randomly add a lead-in from the letter before and a lead-out to the next one to a small letter."""
    baseline = 0.52 if label in DESCENDERS else 1.0
    body = next((index for index, stroke in enumerate(template) if len(stroke) > 2), 0)
    stroke = template[body]
    x, y = stroke[0]
    if rng.random() < 0.2 and y < baseline - 0.1:
        reach = rng.uniform(0.1, 0.5)
        middle_y = (y + baseline) / 2 + rng.uniform(-0.1, 0.15)
        stroke = np.vstack(
            [[(x - reach, baseline * rng.uniform(0.6, 1)), (x - 0.45 * reach, middle_y)], stroke]
        )
    x, y = stroke[-1]
    if rng.random() < 0.2 and y > 0.75 * baseline and label not in NO_LEAD_OUT:
        stroke = np.vstack(
            [stroke, [(x + 0.12, y + 0.03), (x + rng.uniform(0.2, 0.5), y - rng.uniform(0.02, 0.3))]]
        )
    return [*template[:body], stroke, *template[body + 1 :]]


def _with_stroke_changes(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Sometimes reverse a stroke, shuffle the order, split one stroke, or join two."""
    strokes = list(strokes)
    if rng.random() < 0.04:
        index = rng.integers(len(strokes))
        strokes[index] = strokes[index][::-1]
    if rng.random() < 0.08:
        strokes = [strokes[index] for index in rng.permutation(len(strokes))]
    if rng.random() < 0.05:
        index = rng.integers(len(strokes))
        length = len(strokes[index])
        if length > 20:
            lift = rng.integers(length // 6, length - length // 6)
            parts = [strokes[index][:lift], strokes[index][lift + 1 :]]
            strokes = [*strokes[:index], *parts, *strokes[index + 1 :]]
    if len(strokes) > 1 and rng.random() < 0.05:
        index = rng.integers(len(strokes) - 1)
        joined = np.vstack(strokes[index : index + 2])
        strokes = [*strokes[:index], joined, *strokes[index + 2 :]]
    return strokes
