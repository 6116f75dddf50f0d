"""Glyphs as another hand might have written them: a batch at once, fast enough to train beside.

Slant, turn, stretch, size, place, wobble, pen width and blur. Strokes that somebody adds or leaves out are
changed before (training.data.sample_pools); this only moves what is there.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from training.synthesis.pen import INK

GLYPH = 28
MIDDLE = (GLYPH - 1) / 2
MARGIN = 8  # pixels of paper around the glyph while it is moved
KNOTS = 5  # a side of the wobble's field


@dataclass(frozen=True)
class Jitter:
    """How much of each, at full strength: every glyph draws its own strength, uniform between 0 and 1."""

    untouched: float  # probability that the strength is 0
    rotation: float  # degrees, standard deviation, cut at 15
    slant: float  # tangent of the slant, standard deviation
    aspect: float  # log of width over height, standard deviation
    bulge: float  # of the half height and width: how far the middle moves, standard deviation
    size: float  # of the longer side, uniform to either side
    shift: float  # pixels, standard deviation
    wobble: float  # pixels, standard deviation of the elastic field
    thinner: float  # of a pixel less ink all round, at most
    thicker: float  # of a pixel more ink all round, at most
    blur: float  # probability of a soft picture


def jittered(images: np.ndarray, how: Jitter, rng: np.random.Generator) -> np.ndarray:
    """Glyphs moved, each by its own amounts, and fitted into 28x28 again as the EMNIST recipe fits.

    Args:
        images: uint8 (N, 28, 28), 255 = ink; none of them blank.
        how: the amounts.
        rng: source of all chance.

    Returns:
        float32 (N, 28, 28) in [0, 1], each with a pixel of 1.
    """
    count = len(images)
    strength = rng.random(count) * (rng.random(count) >= how.untouched)
    forward = _affine(how, strength, rng)
    columns, rows = _edges(images)
    points = np.stack([columns, rows], axis=1)  # (N, 2, 4 * 28)
    moved = forward @ points
    low, high = moved.min(axis=2), moved.max(axis=2)
    side = np.maximum(np.ptp(columns, axis=1), np.ptp(rows, axis=1)) + 1
    size = 1 + strength * rng.uniform(-how.size, how.size, count)
    scale = side * size / ((high - low).max(axis=1) + 1)
    shift = (strength * how.shift)[:, None] * rng.normal(0, 1, (count, 2))
    back = np.linalg.inv(forward * scale[:, None, None])
    # from a place in the result to one in the image
    centre = np.linalg.solve(forward, (low + high)[:, :, None] / 2)[:, :, 0]
    start = centre - (back @ (MIDDLE + shift)[:, :, None])[:, :, 0]
    maps = np.einsum("nij,jhw->nihw", back, GRID) + start[:, :, None, None]
    knots = (strength * how.wobble)[:, None, None, None] * rng.normal(0, 1, (count, 2, KNOTS, KNOTS))
    maps += SPREAD @ knots @ SPREAD.T
    if how.bulge:
        _bulge(maps, columns, rows, strength * how.bulge, rng)
    maps = np.ascontiguousarray(maps + MARGIN, np.float32)
    sheet = np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))).astype(np.float32) / 255
    result = np.empty((count, GLYPH, GLYPH), np.float32)
    for one, (image, (across, down)) in enumerate(zip(sheet, maps, strict=True)):
        result[one] = cv2.remap(image, across, down, cv2.INTER_CUBIC)
    np.clip(result, 0, 1, out=result)
    return worn(result, how, strength, rng)


def worn(glyphs: np.ndarray, how: Jitter, strength: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Glyphs float32 (N, 28, 28) with a thinner or thicker pen, some softer, each at full range."""
    amount = strength * rng.uniform(-how.thinner, how.thicker, len(glyphs))
    glyphs = _with_pen(glyphs, amount.astype(np.float32)[:, None, None])
    for one in np.flatnonzero(rng.random(len(glyphs)) < how.blur * strength):
        glyphs[one] = cv2.GaussianBlur(glyphs[one], (3, 3), rng.uniform(0.3, 0.8))
    return glyphs / np.maximum(glyphs.max(axis=(1, 2), keepdims=True), np.float32(INK))


def _affine(how: Jitter, strength: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn times slant and stretch: (N, 2, 2)."""
    count = len(strength)
    angle = np.deg2rad(np.clip(strength * how.rotation * rng.normal(0, 1, count), -15, 15))
    stretch = np.exp(strength * how.aspect * rng.normal(0, 0.5, count))
    slant = strength * how.slant * rng.normal(0, 1, count)
    cosine, sine, zero = np.cos(angle), np.sin(angle), np.zeros(count)
    turn = np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)
    return turn @ np.stack([stretch, slant, zero, 1 / stretch], axis=1).reshape(-1, 2, 2)


def _edges(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outermost ink of every row and column, as columns and rows (N, 4 * 28); with ink in each glyph."""
    inside = images > 255 * INK
    inside |= (images == images.max(axis=(1, 2), keepdims=True)) & ~inside.any(axis=(1, 2), keepdims=True)
    places = np.arange(GLYPH)
    found = []
    for ink in (inside, inside.transpose(0, 2, 1)):
        some = ink.any(axis=2)
        first, last = ink.argmax(axis=2), GLYPH - 1 - ink[:, :, ::-1].argmax(axis=2)
        # a row without ink stands where the first row with ink does: it moves no edge
        row = some.argmax(axis=1)
        fill = first[np.arange(len(ink)), row][:, None]
        across = [np.where(some, ends, fill) for ends in (first, last)]
        along = np.where(some, places, row[:, None])
        found.append((across, [along, along]))
    (columns_a, rows_a), (rows_b, columns_b) = found
    columns = np.concatenate([*columns_a, *columns_b], axis=1)
    rows = np.concatenate([*rows_a, *rows_b], axis=1)
    return columns.astype(np.float64), rows.astype(np.float64)


def _bulge(maps: np.ndarray, columns: np.ndarray, rows: np.ndarray, amount: np.ndarray, rng) -> None:
    """Let one half of each glyph grow at the cost of the other; its ends stay."""
    for axis, ink in enumerate((columns, rows)):
        half = (np.ptp(ink, axis=1) / 2 + 0.5)[:, None, None]
        middle = (ink.min(axis=1) + ink.max(axis=1))[:, None, None] / 2
        along = np.clip((maps[:, axis] - middle) / half, -1, 1)
        moved = np.clip(amount * rng.normal(0, 1, len(maps)), -0.4, 0.4)[:, None, None]
        maps[:, axis] += moved * half * (1 - along**2)


def _with_pen(glyphs: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Towards one pixel more of ink all round (amount 1) or less (amount -1)."""
    around = np.pad(glyphs, ((0, 0), (1, 1), (1, 1)))
    near = [around[:, 1:-1, 1:-1], around[:, :-2, 1:-1], around[:, 2:, 1:-1], around[:, 1:-1, :-2],
            around[:, 1:-1, 2:]]  # fmt: skip
    more, less = np.maximum.reduce(near), np.minimum.reduce(near)
    return glyphs + np.abs(amount) * (np.where(amount > 0, more, less) - glyphs)


GRID = np.stack(np.meshgrid(np.arange(GLYPH), np.arange(GLYPH))).astype(np.float64)  # x and y of each pixel
# spreads knots over pixels, as cv2.resize with cubic interpolation does
SPREAD = cv2.resize(np.eye(KNOTS), (KNOTS, GLYPH), interpolation=cv2.INTER_CUBIC)
