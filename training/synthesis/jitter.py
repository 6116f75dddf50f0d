"""Random changes of glyphs, a whole batch at once: fast enough to run during training.

Slant, rotation, stretch, size, position, wobble, pen width and blur. Strokes are added and removed earlier
(training.data.sample_pools); jitter only moves the ink.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from training.synthesis.pen import INK_THRESHOLD

SIDE = 28  # pixels of a glyph
MIDDLE = (SIDE - 1) / 2
MARGIN = 8  # blank pixels around the glyph while it is moved
KNOTS = 5  # knots a side of the wobble's field


@dataclass(frozen=True)
class Jitter:
    """How much a glyph may vary at full strength; each glyph draws its own strength, uniform in [0, 1]."""

    untouched: float  # probability that the strength is 0
    rotation: float  # degrees, standard deviation, clipped at 15
    slant: float  # tangent of the slant, standard deviation
    aspect: float  # log of width over height, standard deviation
    bulge: float  # shift of the middle, as a fraction of half the height and width, standard deviation
    size: float  # fraction of the longer side, uniform to either side
    shift: float  # pixels, standard deviation
    wobble: float  # pixels, standard deviation of the elastic field
    thinner: float  # maximum erosion, in pixels all round
    thicker: float  # maximum dilation, in pixels all round
    blur: float  # probability of blur


def jittered(images: np.ndarray, how: Jitter, rng: np.random.Generator) -> np.ndarray:
    """Vary each glyph by its own amounts; the ink's box keeps about its longer side and is centred.

    Args:
        images: uint8 (N, 28, 28), 255 = ink; none of them blank.
        how: the amounts.
        rng: source of randomness.

    Returns:
        float32 (N, 28, 28) in [0, 1], each with a maximum of 1.
    """
    count = len(images)
    strength = rng.random(count) * (rng.random(count) >= how.untouched)
    forward = _affine(how, strength, rng)
    columns, rows = _edge_points(images)
    points = np.stack([columns, rows], axis=1)  # (N, 2, 4 * 28)
    moved = forward @ points
    low, high = moved.min(axis=2), moved.max(axis=2)
    longer_side = np.maximum(np.ptp(columns, axis=1), np.ptp(rows, axis=1)) + 1
    size = 1 + strength * rng.uniform(-how.size, how.size, count)
    scale = longer_side * size / ((high - low).max(axis=1) + 1)
    shift = (strength * how.shift)[:, None] * rng.normal(0, 1, (count, 2))
    # remap needs, for each pixel of the result, its source in the image: the inverse of the change
    back = np.linalg.inv(forward * scale[:, None, None])
    centre = np.linalg.solve(forward, (low + high)[:, :, None] / 2)[:, :, 0]
    start = centre - (back @ (MIDDLE + shift)[:, :, None])[:, :, 0]
    maps = np.einsum("nij,jhw->nihw", back, PIXEL_GRID) + start[:, :, None, None]
    knots = (strength * how.wobble)[:, None, None, None] * rng.normal(0, 1, (count, 2, KNOTS, KNOTS))
    maps += KNOTS_TO_PIXELS @ knots @ KNOTS_TO_PIXELS.T
    if how.bulge:
        _bulge(maps, columns, rows, strength * how.bulge, rng)
    maps = np.ascontiguousarray(maps + MARGIN, np.float32)
    sheets = np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))).astype(np.float32) / 255
    result = np.empty((count, SIDE, SIDE), np.float32)
    for index, (sheet, (map_x, map_y)) in enumerate(zip(sheets, maps, strict=True)):
        result[index] = cv2.remap(sheet, map_x, map_y, cv2.INTER_CUBIC)
    np.clip(result, 0, 1, out=result)
    return _with_pen_and_blur(result, how, strength, rng)


def _with_pen_and_blur(glyphs: np.ndarray, how: Jitter, strength: np.ndarray, rng) -> np.ndarray:
    """Glyphs float32 (N, 28, 28) with a thinner or thicker pen, some blurred, each at full range."""
    amount = strength * rng.uniform(-how.thinner, how.thicker, len(glyphs))
    glyphs = _with_pen(glyphs, amount.astype(np.float32)[:, None, None])
    for index in np.flatnonzero(rng.random(len(glyphs)) < how.blur * strength):
        glyphs[index] = cv2.GaussianBlur(glyphs[index], (3, 3), rng.uniform(0.3, 0.8))
    return glyphs / np.maximum(glyphs.max(axis=(1, 2), keepdims=True), np.float32(INK_THRESHOLD))


def _affine(how: Jitter, strength: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random rotations after random stretches and slants: (N, 2, 2)."""
    count = len(strength)
    angle = np.deg2rad(np.clip(strength * how.rotation * rng.normal(0, 1, count), -15, 15))
    stretch = np.exp(strength * how.aspect * rng.normal(0, 0.5, count))
    slant = strength * how.slant * rng.normal(0, 1, count)
    cosine, sine, zero = np.cos(angle), np.sin(angle), np.zeros(count)
    rotation = np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)
    return rotation @ np.stack([stretch, slant, zero, 1 / stretch], axis=1).reshape(-1, 2, 2)


def _edge_points(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outermost ink of every row and column.

    Args:
        images: uint8 (N, 28, 28), 255 = ink; none of them blank.

    Returns:
        x and y of the points, each float64 (N, 4 * 28).
    """
    inside = images > 255 * INK_THRESHOLD
    inside |= (images == images.max(axis=(1, 2), keepdims=True)) & ~inside.any(axis=(1, 2), keepdims=True)
    indices = np.arange(SIDE)
    edges = []
    for ink in (inside, inside.transpose(0, 2, 1)):
        has_ink = ink.any(axis=2)
        first, last = ink.argmax(axis=2), SIDE - 1 - ink[:, :, ::-1].argmax(axis=2)
        # a row without ink repeats the point of the first row with ink, which moves no edge
        first_row = has_ink.argmax(axis=1)
        fill = first[np.arange(len(ink)), first_row][:, None]
        across = [np.where(has_ink, ends, fill) for ends in (first, last)]
        along = np.where(has_ink, indices, first_row[:, None])
        edges.append((across, [along, along]))
    (columns_a, rows_a), (rows_b, columns_b) = edges
    columns = np.concatenate([*columns_a, *columns_b], axis=1)
    rows = np.concatenate([*rows_a, *rows_b], axis=1)
    return columns.astype(np.float64), rows.astype(np.float64)


def _bulge(maps: np.ndarray, columns: np.ndarray, rows: np.ndarray, amount: np.ndarray, rng) -> None:
    """Let one half of each glyph grow and the other shrink, in place; its ends stay."""
    for axis, ink in enumerate((columns, rows)):
        half = (np.ptp(ink, axis=1) / 2 + 0.5)[:, None, None]
        middle = (ink.min(axis=1) + ink.max(axis=1))[:, None, None] / 2
        along = np.clip((maps[:, axis] - middle) / half, -1, 1)
        shift = np.clip(amount * rng.normal(0, 1, len(maps)), -0.4, 0.4)[:, None, None]
        maps[:, axis] += shift * half * (1 - along**2)


def _with_pen(glyphs: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Blend towards one more pixel of ink all round (amount 1) or one less (amount -1)."""
    padded = np.pad(glyphs, ((0, 0), (1, 1), (1, 1)))
    neighbours = [padded[:, 1:-1, 1:-1], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2],
                  padded[:, 1:-1, 2:]]  # fmt: skip
    dilated, eroded = np.maximum.reduce(neighbours), np.minimum.reduce(neighbours)
    return glyphs + np.abs(amount) * (np.where(amount > 0, dilated, eroded) - glyphs)


PIXEL_GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE))).astype(
    np.float64
)  # x and y of each pixel
# interpolates knots to pixels as cv2.resize does with cubic interpolation
KNOTS_TO_PIXELS = cv2.resize(np.eye(KNOTS), (KNOTS, SIDE), interpolation=cv2.INTER_CUBIC)
