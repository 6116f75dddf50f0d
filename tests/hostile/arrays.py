"""Arrays that are no picture, and pictures without sense."""

from collections.abc import Callable

import numpy as np

from tests.hostile.bombs import SIDE
from tests.hostile.files import SEVEN
from tests.hostile.made import MEGA

BLACK, WHITE = np.uint8(0), np.uint8(255)


def noise(*shape: int) -> np.ndarray:
    """Bytes by chance."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def marked(where: np.ndarray) -> np.ndarray:
    """Black there, white elsewhere."""
    return np.where(where, BLACK, WHITE)


def checkered(side: int, square: int) -> np.ndarray:
    """A chess board."""
    lines = np.arange(side) // square % 2
    return marked(lines[:, None] != lines)


def striped(height: int, width: int, down: int, tall: int, across: int, wide: int) -> np.ndarray:
    """Black bars, `tall` and `wide`, one each `down` and `across`."""
    return marked((np.arange(height)[:, None] % down < tall) & (np.arange(width) % across < wide))


def scattered() -> np.ndarray:
    """5,000 small strokes anywhere."""
    sheet = np.full((2_000, 2_000), WHITE)
    for y, x in np.random.default_rng(0).integers(10, 1_980, (5_000, 2)):
        sheet[y : y + 12, x : x + 3] = BLACK
    return sheet


def points() -> np.ndarray:
    """25 megapixels, of which one in fifty is black."""
    return marked(np.random.default_rng(0).random((SIDE, SIDE), np.float32) < 0.02)


def point(above: int, aside: int) -> np.ndarray:
    """One black pixel with white around it."""
    return np.pad([[BLACK]], ((above, above), (aside, aside)), constant_values=WHITE)


def broken_rules() -> np.ndarray:
    """Level lines that begin anew again and again, each a little further."""
    rows, columns = np.arange(2_000)[:, None], np.arange(130)
    return marked((rows % 6 < 2) & ((7 * rows + columns) % 60 < 50))


FULL = "a page of 3,990 marks, as many as may be"  # takes time for each of them

READ: dict[str, Callable[[], np.ndarray]] = {
    "25 megapixels of float64 in four channels": lambda: np.broadcast_to(np.float64(0.5), (SIDE, SIDE, 4)),
    "two pixels": lambda: np.array([[0, 255]], np.uint8),
    "a point": lambda: point(1, 1),
    "a point in a long row": lambda: point(0, 9_000),
    "a hair on 25 megapixels": lambda: marked(np.arange(SIDE) == SIDE // 2)[None].repeat(SIDE, axis=0),
    "grey, with as much black as white": lambda: np.tile(
        np.array([0, 128, 128, 128, 255], np.uint8), (99, 20)
    ),
    "25 megapixels of nothing": lambda: np.zeros((SIDE, SIDE, 4), np.uint8),
    "25 megapixels of noise, half transparent": lambda: noise(SIDE, SIDE, 4),
    "25 megapixels of points": points,
    "25 megapixels, checkered": lambda: checkered(SIDE, 1),
    "25 megapixels, black but for an edge": lambda: np.pad(
        np.zeros((SIDE - 100, SIDE - 100), np.uint8), 50, constant_values=255
    ),
    "as long as may be, and 381 wide": lambda: noise(65_535, 381),
    "as wide as may be, and 381 long": lambda: noise(381, 65_535),
    "a column of 65,535": lambda: noise(65_535, 1),
    "a comb as wide as may be": lambda: striped(100, 65_535, 100, 60, 30, 6),
    "checkered": lambda: checkered(2_000, 4),
    "20,000 dashes": lambda: striped(2_000, 2_000, 24, 12, 8, 3),
    "5,000 small strokes": scattered,
    FULL: lambda: striped(1_596, 1_540, 28, 16, 22, 4),
    "a screen": lambda: striped(2_000, 2_000, 20, 3, 12, 3) & checkered(2_000, 7),
    "slanting lines": lambda: marked(np.add.outer(np.arange(2_000), np.arange(2_000)) % 14 < 3),
    "rings": lambda: marked(np.hypot(*(np.mgrid[:2_000, :2_000] - 1_000.0)) % 12 < 4),
    "rules that begin anew": broken_rules,
}

REFUSED: dict[str, Callable[[], np.ndarray]] = {
    "array with one NaN": lambda: np.array([[0.5, np.nan]]),
    "array with infinity": lambda: np.array([[0.0, np.inf]]),
    "array of minus infinity": lambda: np.full((5, 5), -np.inf),
    "array of bool": lambda: SEVEN > 99,
    "array of int16": lambda: SEVEN.astype(np.int16),
    "array of objects": lambda: SEVEN.astype(object),
    "array of text": lambda: SEVEN.astype(str),
    "array of dates": lambda: SEVEN.astype("datetime64[s]"),
    "array of records": lambda: np.zeros((5, 5), "u1,u1"),
    "array of no dimension": lambda: np.array(7, np.uint8),
    "array of five channels": lambda: np.zeros((50, 50, 5), np.uint8),
    "array without columns": lambda: np.zeros((50, 0, 3)),
    "array that claims 2^62 pixels": lambda: np.broadcast_to(np.uint8(0), (2**40, 2**22)),
    "array of one row of 25 megapixels": lambda: np.zeros((1, 25 * MEGA), np.uint8),
}
