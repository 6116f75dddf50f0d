"""Negatives: scribbles, shapes, and what a badly cut document page gives.

Several characters side by side, parts of one, scribbles, dashes and dots, shapes, smudges, all random;
characters come from rows of the training set. Most become glyphs by the recipe alone, as the rows did, and
some by the reader's normalization, as pictures do, so a network cannot tell negatives by that difference.
"""

from collections.abc import Callable

import cv2
import numpy as np

from recognizer.preprocessing.declutter import is_bare_stroke
from recognizer.preprocessing.foreground import ink_box
from recognizer.preprocessing.normalize import NIST_SIDE, emnist_glyph, glyph, mnist_glyph

READER_SHARE = 0.3  # of the negatives become glyphs by the reader's normalization
SHEET = 112  # pixels a side of the sheet on which negatives are drawn and cut
PENS = (5, 15)  # pixels on the sheet: min, and max + 1
NARROW = 0.4  # width over height: two characters below this, set close together, look like one letter
POINTS_PER_CORNER = 12  # of a smooth curve

Maker = Callable[[list[np.ndarray], np.random.Generator], np.ndarray]


def negative(characters: list[np.ndarray], recipe: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random glyph that shows no character.

    Args:
        characters: three of the training set, uint8 (side, side), 255 = ink.
        recipe: "mnist" or "emnist".
        side: pixels a side.
        rng: source of randomness.

    Returns:
        float32 (side, side) in [0, 1].
    """
    makers, shares = zip(*MAKERS, strict=True)
    result = np.zeros((side, side), np.float32)
    while not result.any():  # a cut can leave no ink, or a single stroke, which is a character
        maker = makers[rng.choice(len(makers), p=shares)]
        ink = maker(characters, rng)
        if ink_box(ink) and not is_bare_stroke(ink):
            result = (
                glyph(ink, recipe, side) if rng.random() < READER_SHARE else _by_recipe(ink, recipe, side)
            )
    return result


def _by_recipe(ink: np.ndarray, recipe: str, side: int) -> np.ndarray:
    """A glyph by the recipe alone, without the reader's normalization of the pen."""
    if recipe == "mnist":
        return mnist_glyph(ink)
    return emnist_glyph(ink, max(ink_box(ink)[2:]) / NIST_SIDE, side)


def _several(characters, rng) -> np.ndarray:
    """Two or three characters side by side, close or touching; the last may be cut off."""
    boxes = [_cropped(character) for character in characters[: 2 if rng.random() < 0.75 else 3]]
    if rng.random() < 0.3:
        last = boxes[-1]
        boxes[-1] = last[:, : max(2, round(last.shape[1] * rng.uniform(0.5, 0.9)))]
    height = max(len(box) for box in boxes)
    sheet = np.zeros((2 * height, sum(box.shape[1] for box in boxes) + len(boxes) * height), np.float32)
    right, narrow = height // 4, False
    for index, box in enumerate(boxes):
        size = rng.uniform(0.8, 1.2)
        box = cv2.resize(box, None, fx=size, fy=size, interpolation=cv2.INTER_LINEAR)
        was_narrow, narrow = narrow, box.shape[1] < NARROW * len(box)
        if index:
            right += round(height * rng.uniform(0.1 if narrow or was_narrow else -0.12, 0.3))
        top = round((2 * height - len(box)) / 2 + height * rng.normal(0, 0.08))
        top = min(max(top, 0), 2 * height - len(box))
        window = sheet[top : top + len(box), right : right + box.shape[1]]
        np.maximum(window, box[:, : window.shape[1]], out=window)
        right += box.shape[1]
    return sheet


def _part(characters, rng) -> np.ndarray:
    """The ink to one side of a cut through a character; most cuts are upright."""
    ink = cv2.resize(_cropped(characters[0]), (SHEET, SHEET), interpolation=cv2.INTER_LINEAR) > 0.5
    ys, xs = np.nonzero(ink)
    angle = rng.choice([0, np.pi]) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * xs + np.sin(angle) * ys
    kept = along <= np.quantile(along, rng.uniform(0.25, 0.6))
    sheet = np.zeros((SHEET, SHEET), np.float32)
    sheet[ys[kept], xs[kept]] = 1
    shape = np.array(characters[0].shape) * (1, max(0.3, _aspect(characters[0])))
    return cv2.resize(sheet, tuple(np.rint(4 * shape[::-1]).astype(int)), interpolation=cv2.INTER_AREA)


def _scribble(_, rng) -> np.ndarray:
    """Smooth or jagged lines through random points."""
    lines = []
    for _line in range(rng.integers(1, 4)):
        corners = rng.uniform(0, 1, (rng.integers(5, 16), 2))
        lines.append(_curve(corners) if rng.random() < 0.7 else corners)
    return _draw(lines, rng)


def _dashes_or_dots(_, rng) -> np.ndarray:
    """Parallel dashes, dots, or round blots."""
    kind = rng.integers(4)
    if kind == 0:  # dashes
        tilt = rng.normal(0, 0.08, (3, 1)) * (0, 1)
        rows = rng.permutation([0.2, 0.5, 0.8])[: rng.integers(1, 4)]
        return _draw([np.array([(0.1, row), (0.9, row)]) + tilt[i] for i, row in enumerate(rows)], rng)
    if kind == 1:  # dots
        dots = rng.uniform(0, 1, (rng.integers(2, 6), 1, 2))
        return _draw([np.repeat(dot, 2, axis=0) for dot in dots], rng)
    sheet = np.zeros((SHEET, SHEET), np.float32)
    for _blot in range(1 if kind == 2 else 4):
        axes = tuple(int(length) for length in rng.uniform(8, 30, 2))
        centre = tuple(int(coordinate) for coordinate in rng.uniform(35, SHEET - 35, 2))
        cv2.ellipse(sheet, centre, axes, rng.uniform(0, 180), 0, 360, 1, -1)
    return sheet


def _shape(_, rng) -> np.ndarray:
    """A polygon, a star, a zigzag, a spiral, a grid, an arrow, rings, a face, a heart, a flower, a cloud."""
    turn, kind = rng.uniform(0, 2 * np.pi), rng.integers(11)
    if kind == 0:  # polygon
        lines = [_ring(rng.integers(3, 6), turn)]
    elif kind == 1:  # star
        points = rng.integers(5, 8)
        star = _ring(2 * points, turn)
        star[1::2] = 0.5 + (star[1::2] - 0.5) * rng.uniform(0.35, 0.6)
        lines = [star]
    elif kind == 2:  # zigzag
        teeth = rng.integers(5, 10)
        lines = [np.column_stack([np.linspace(0, 1, teeth), 0.5 + 0.25 * (-1.0) ** np.arange(teeth)])]
    elif kind == 3:  # spiral
        t = np.linspace(0, 1, 80)[:, None]
        angle = turn + 2 * np.pi * rng.uniform(2, 4) * t
        lines = [0.5 + 0.5 * t * np.hstack([np.cos(angle), np.sin(angle)])]
    elif kind == 4:  # grid
        positions = np.linspace(0.1, 0.9, rng.integers(2, 5))
        lines = [np.array([(position, 0), (position, 1)]) for position in positions]
        lines += [np.array([(0, position), (1, position)]) for position in positions]
    elif kind == 5:  # arrow
        head = np.array([(0.7, 0.3), (1, 0.5), (0.7, 0.7)])
        lines = [_turned(line, turn) for line in (np.array([(0, 0.5), (1, 0.5)]), head)]
    elif kind == 6:  # rings
        lines = [0.5 + size * (_ring(24, turn) - 0.5) for size in (1, rng.uniform(0.3, 0.6))]
    elif kind == 7:  # face
        eyes = [np.full((2, 2), (x, 0.4)) for x in (0.35, 0.65)]
        mouth = _curve(np.array([(0.3, 0.6), (0.5, rng.uniform(0.6, 0.8)), (0.7, 0.6)]))
        lines = [_ring(24, turn), *eyes, mouth]
    elif kind == 8:  # heart
        lines = [_heart(rng)]
    else:  # flower or cloud
        petals = rng.integers(4, 9)
        power = rng.choice([0.5, 1])  # the lower, the more pointed the petals
        t = np.linspace(0, 2 * np.pi, 80)[:, None]
        reach = 1 - rng.uniform(0.2, 0.5) * np.abs(np.cos(petals * t / 2 + turn)) ** power
        lines = [0.5 + 0.5 * reach * np.hstack([np.cos(t), rng.uniform(0.6, 1) * np.sin(t)])]
    roughness = rng.normal(0, 0.02)
    return _draw([line + roughness * rng.normal(size=line.shape) for line in lines], rng)


def _heart(rng) -> np.ndarray:
    """Two arcs from a notch down to one point, in varying proportions."""
    notch, depth, half_width = rng.uniform(0.1, 0.3), rng.uniform(0.2, 0.45), rng.uniform(0.5, 0.6)
    right = np.array([(0.5, notch), (0.6, 0), (0.8, 0), (0.5 + half_width, depth), (0.75, 0.7), (0.5, 1)])
    right = _curve(right + rng.normal(0, 0.02, right.shape))
    ends = np.array([(0.5, notch)]), np.array([(0.5, 1)])
    left = np.column_stack([1 - right[:, 0], right[:, 1]])[::-1]
    return np.concatenate([ends[0], right, ends[1], left, ends[0]])


def _smudge(_, rng) -> np.ndarray:
    """Blurred noise above a random threshold."""
    noise = rng.normal(size=(SHEET, SHEET)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(2, 8))
    return (noise > np.quantile(noise, rng.uniform(0.6, 0.9))).astype(np.float32)


# each kind of negative with its share
MAKERS: tuple[tuple[Maker, float], ...] = (
    (_several, 0.37), (_part, 0.18), (_scribble, 0.13), (_dashes_or_dots, 0.08), (_shape, 0.2),
    (_smudge, 0.04),
)  # fmt: skip


def _cropped(image: np.ndarray) -> np.ndarray:
    """A character cropped to its ink and enlarged four times, float32 in [0, 1]."""
    x, y, width, height = ink_box(image.astype(np.float32) / 255) or (0, 0, *image.shape[::-1])
    crop = image[y : y + height, x : x + width].astype(np.float32) / 255
    return cv2.resize(crop, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)


def _aspect(image: np.ndarray) -> float:
    height, width = _cropped(image).shape
    return width / height


def _ring(corners: int, turn: float) -> np.ndarray:
    """A closed line through points on the circle inscribed in the unit square."""
    angles = turn + np.linspace(0, 2 * np.pi, corners + 1)
    return 0.5 + 0.5 * np.column_stack([np.cos(angles), np.sin(angles)])


def _curve(corners: np.ndarray) -> np.ndarray:
    """A smooth line through points (n, 2)."""
    points = corners.astype(np.float32)
    return cv2.resize(points, (2, POINTS_PER_CORNER * len(points)), interpolation=cv2.INTER_CUBIC)


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return 0.5 + (points - 0.5) @ np.array([[cosine, sine], [-sine, cosine]])


def _draw(lines: list[np.ndarray], rng) -> np.ndarray:
    """Draw lines of the unit square, which may be squeezed to a rectangle: float32 (SHEET, SHEET)."""
    sheet = np.zeros((SHEET, SHEET), np.float32)
    size = 0.1 * SHEET + 0.8 * SHEET * np.array(
        [min(1, rng.uniform(0.6, 1.6)), min(1, rng.uniform(0.6, 1.6))]
    )
    for line in lines:
        points = np.rint(0.1 * SHEET + line * (size - 0.1 * SHEET)).astype(np.int32)[:, None]
        cv2.polylines(sheet, [points], False, 1, int(rng.integers(*PENS)))
    return sheet
