"""What is no character: what people scribble, and what a page that is cut badly gives.

Several characters in one picture, parts of one, scribbles, dashes and dots, shapes, smudges. Each is made
anew from chance and, where it is made of characters, from rows of the training set. Most are brought to
glyphs by the recipe alone, as the rows were, some by the reader, as pictures are: nobody shall tell them
from characters by that.
"""

from collections.abc import Callable

import cv2
import numpy as np

from recognizer.preprocessing.declutter import is_bare_stroke
from recognizer.preprocessing.foreground import ink_box
from recognizer.preprocessing.normalize import FORM, emnist_glyph, glyph, mnist_glyph

AS_READ = 0.3  # of them
SHEET = 112  # pixels a side to draw and cut on
PENS = (5, 15)  # pixels on the sheet
NARROW = 0.4  # width over height: two of these side by side are easily taken for one letter
SMOOTH = 12  # points on a curve for each that it goes through

Maker = Callable[[list[np.ndarray], np.random.Generator], np.ndarray]


def nothing(parents: list[np.ndarray], recipe: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """A glyph that is no character.

    Args:
        parents: three characters of the training set, uint8 (side, side), 255 = ink.
        recipe: "mnist" or "emnist".
        side: pixels a side.
        rng: source of all chance.

    Returns:
        float32 (side, side) in [0, 1].
    """
    makers, shares = zip(*MAKERS, strict=True)
    made = np.zeros((side, side), np.float32)
    while not made.any():  # a cut can leave nothing, or a stroke
        maker = makers[rng.choice(len(makers), p=shares)]
        ink = maker(parents, rng)
        if ink_box(ink) and not is_bare_stroke(ink):
            made = glyph(ink, recipe, side) if rng.random() < AS_READ else _by_recipe(ink, recipe, side)
    return made


def _by_recipe(ink: np.ndarray, recipe: str, side: int) -> np.ndarray:
    if recipe == "mnist":
        return mnist_glyph(ink)
    return emnist_glyph(ink, max(ink_box(ink)[2:]) / FORM, side)


def _several(parents, rng) -> np.ndarray:
    """Two or three characters side by side, near or touching; the last may be cut off."""
    boxes = [_boxed(parent) for parent in parents[: 2 if rng.random() < 0.75 else 3]]
    if rng.random() < 0.3:
        last = boxes[-1]
        boxes[-1] = last[:, : max(2, round(last.shape[1] * rng.uniform(0.5, 0.9)))]
    height = max(len(box) for box in boxes)
    sheet = np.zeros((2 * height, sum(box.shape[1] for box in boxes) + len(boxes) * height), np.float32)
    right, narrow = height // 4, False
    for number, box in enumerate(boxes):
        size = rng.uniform(0.8, 1.2)
        box = cv2.resize(box, None, fx=size, fy=size, interpolation=cv2.INTER_LINEAR)
        was_narrow, narrow = narrow, box.shape[1] < NARROW * len(box)
        if number:
            right += round(height * rng.uniform(0.1 if narrow or was_narrow else -0.12, 0.3))
        top = round((2 * height - len(box)) / 2 + height * rng.normal(0, 0.08))
        top = min(max(top, 0), 2 * height - len(box))
        place = sheet[top : top + len(box), right : right + box.shape[1]]
        np.maximum(place, box[:, : place.shape[1]], out=place)
        right += box.shape[1]
    return sheet


def _part(parents, rng) -> np.ndarray:
    """What lies to one side of a cut through a character, most often an upright one."""
    ink = cv2.resize(_boxed(parents[0]), (SHEET, SHEET), interpolation=cv2.INTER_LINEAR) > 0.5
    ys, xs = np.nonzero(ink)
    angle = rng.choice([0, np.pi]) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * xs + np.sin(angle) * ys
    kept = along <= np.quantile(along, rng.uniform(0.25, 0.6))
    sheet = np.zeros((SHEET, SHEET), np.float32)
    sheet[ys[kept], xs[kept]] = 1
    shape = np.array(parents[0].shape) * (1, max(0.3, _width_over_height(parents[0])))
    return cv2.resize(sheet, tuple(np.rint(4 * shape[::-1]).astype(int)), interpolation=cv2.INTER_AREA)


def _scribble(_, rng) -> np.ndarray:
    """Smooth or jagged lines through random points."""
    lines = []
    for _line in range(rng.integers(1, 4)):
        corners = rng.uniform(0, 1, (rng.integers(5, 16), 2))
        lines.append(_curve(corners) if rng.random() < 0.7 else corners)
    return _drawn(lines, rng)


def _mark(_, rng) -> np.ndarray:
    """Dashes one over the other or side by side, dots, a smudge."""
    kind = rng.integers(4)
    if kind == 0:  # dashes
        tilt = rng.normal(0, 0.08, (3, 1)) * (0, 1)
        rows = rng.permutation([0.2, 0.5, 0.8])[: rng.integers(1, 4)]
        return _drawn([np.array([(0.1, row), (0.9, row)]) + tilt[i] for i, row in enumerate(rows)], rng)
    if kind == 1:  # dots
        dots = rng.uniform(0, 1, (rng.integers(2, 6), 1, 2))
        return _drawn([np.repeat(dot, 2, axis=0) for dot in dots], rng)
    sheet = np.zeros((SHEET, SHEET), np.float32)
    for _spot in range(1 if kind == 2 else 4):
        axes = tuple(int(length) for length in rng.uniform(8, 30, 2))
        centre = tuple(int(place) for place in rng.uniform(35, SHEET - 35, 2))
        cv2.ellipse(sheet, centre, axes, rng.uniform(0, 180), 0, 360, 1, -1)
    return sheet


def _shape(_, rng) -> np.ndarray:
    """A polygon, a star, a zigzag, a spiral, a grid, an arrow, rings, a face, a heart, a flower, a cloud."""
    turn, kind = rng.uniform(0, 2 * np.pi), rng.integers(11)
    if kind == 0:
        lines = [_ring(rng.integers(3, 6), turn)]
    elif kind == 1:
        points = rng.integers(5, 8)
        star = _ring(2 * points, turn)
        star[1::2] = 0.5 + (star[1::2] - 0.5) * rng.uniform(0.35, 0.6)
        lines = [star]
    elif kind == 2:
        teeth = rng.integers(5, 10)
        lines = [np.column_stack([np.linspace(0, 1, teeth), 0.5 + 0.25 * (-1.0) ** np.arange(teeth)])]
    elif kind == 3:
        t = np.linspace(0, 1, 80)[:, None]
        angle = turn + 2 * np.pi * rng.uniform(2, 4) * t
        lines = [0.5 + 0.5 * t * np.hstack([np.cos(angle), np.sin(angle)])]
    elif kind == 4:
        places = np.linspace(0.1, 0.9, rng.integers(2, 5))
        lines = [np.array([(place, 0), (place, 1)]) for place in places]
        lines += [np.array([(0, place), (1, place)]) for place in places]
    elif kind == 5:
        head = np.array([(0.7, 0.3), (1, 0.5), (0.7, 0.7)])
        lines = [_turned(line, turn) for line in (np.array([(0, 0.5), (1, 0.5)]), head)]
    elif kind == 6:
        lines = [0.5 + size * (_ring(24, turn) - 0.5) for size in (1, rng.uniform(0.3, 0.6))]
    elif kind == 7:
        eyes = [np.full((2, 2), (x, 0.4)) for x in (0.35, 0.65)]
        mouth = _curve(np.array([(0.3, 0.6), (0.5, rng.uniform(0.6, 0.8)), (0.7, 0.6)]))
        lines = [_ring(24, turn), *eyes, mouth]
    elif kind == 8:
        lines = [_heart(rng)]
    else:
        petals = rng.integers(4, 9)
        sharp = rng.choice([0.5, 1])  # a flower's petals are round, a cloud's meet sharply
        t = np.linspace(0, 2 * np.pi, 80)[:, None]
        reach = 1 - rng.uniform(0.2, 0.5) * np.abs(np.cos(petals * t / 2 + turn)) ** sharp
        lines = [0.5 + 0.5 * reach * np.hstack([np.cos(t), rng.uniform(0.6, 1) * np.sin(t)])]
    crooked = rng.normal(0, 0.02)
    return _drawn([line + crooked * rng.normal(size=line.shape) for line in lines], rng)


def _heart(rng) -> np.ndarray:
    """Two bows from a notch, down to one point, as high or wide as people draw it."""
    notch, deep, wide = rng.uniform(0.1, 0.3), rng.uniform(0.2, 0.45), rng.uniform(0.5, 0.6)
    right = np.array([(0.5, notch), (0.6, 0), (0.8, 0), (0.5 + wide, deep), (0.75, 0.7), (0.5, 1)])
    right = _curve(right + rng.normal(0, 0.02, right.shape))
    ends = np.array([(0.5, notch)]), np.array([(0.5, 1)])
    left = np.column_stack([1 - right[:, 0], right[:, 1]])[::-1]
    return np.concatenate([ends[0], right, ends[1], left, ends[0]])


def _smudge(_, rng) -> np.ndarray:
    """Blurred noise, cut at a random level."""
    noise = rng.normal(size=(SHEET, SHEET)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(2, 8))
    return (noise > np.quantile(noise, rng.uniform(0.6, 0.9))).astype(np.float32)


MAKERS: tuple[tuple[Maker, float], ...] = (
    (_several, 0.37), (_part, 0.18), (_scribble, 0.13), (_mark, 0.08), (_shape, 0.2), (_smudge, 0.04)
)  # fmt: skip


def _boxed(image: np.ndarray) -> np.ndarray:
    """A character's box at four times its size, float32 in [0, 1]."""
    x, y, width, height = ink_box(image.astype(np.float32) / 255) or (0, 0, *image.shape[::-1])
    box = image[y : y + height, x : x + width].astype(np.float32) / 255
    return cv2.resize(box, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)


def _width_over_height(image: np.ndarray) -> float:
    height, width = _boxed(image).shape
    return width / height


def _ring(corners: int, turn: float) -> np.ndarray:
    """A closed line of points on a circle that fills the unit square."""
    angles = turn + np.linspace(0, 2 * np.pi, corners + 1)
    return 0.5 + 0.5 * np.column_stack([np.cos(angles), np.sin(angles)])


def _curve(corners: np.ndarray) -> np.ndarray:
    """A smooth line through points (n, 2)."""
    points = corners.astype(np.float32)
    return cv2.resize(points, (2, SMOOTH * len(points)), interpolation=cv2.INTER_CUBIC)


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return 0.5 + (points - 0.5) @ np.array([[cosine, sine], [-sine, cosine]])


def _drawn(lines: list[np.ndarray], rng) -> np.ndarray:
    """Lines in the unit square, drawn with one pen, a little wider or higher: float32 (SHEET, SHEET)."""
    sheet = np.zeros((SHEET, SHEET), np.float32)
    room = 0.1 * SHEET + 0.8 * SHEET * np.array(
        [min(1, rng.uniform(0.6, 1.6)), min(1, rng.uniform(0.6, 1.6))]
    )
    for line in lines:
        points = np.rint(0.1 * SHEET + line * (room - 0.1 * SHEET)).astype(np.int32)[:, None]
        cv2.polylines(sheet, [points], False, 1, int(rng.integers(*PENS)))
    return sheet
