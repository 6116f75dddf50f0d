"""Negatives for the letter networks of the zoo: scribbles, and fragments as a bad cut leaves them."""

import cv2
import numpy as np

from recognizer.preprocessing.normalize import glyph

SHEET = 112  # pixels a side of the sheet on which negatives are drawn and cut
CORNERS = (5, 16)  # random points that a scribble goes through: min, and max + 1
PENS = (5, 14)  # pixels on the sheet: min, and max + 1
FRAGMENT_SHARE = (0.25, 0.6)  # of a letter's ink that a cut leaves: min and max


def scribbles_and_fragments(letters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One scribble and one fragment for each letter.

    Args:
        letters: uint8 (N, side, side), 255 = ink.
        rng: source of randomness.

    Returns:
        uint8 (2 N, side, side), scribbles first, by the EMNIST recipe.
    """
    side = letters.shape[-1]
    inks = [_scribble(rng) for _ in letters] + [_fragment(letter, rng) for letter in letters]
    glyphs = np.reshape([glyph(ink, "emnist", side) for ink in inks], (-1, side, side))
    return np.rint(glyphs * 255).astype(np.uint8)


def _scribble(rng: np.random.Generator) -> np.ndarray:
    """A smooth line through random points: float32 (SHEET, SHEET)."""
    corners = rng.uniform(0.1 * SHEET, 0.9 * SHEET, (rng.integers(*CORNERS), 2)).astype(np.float32)
    path = cv2.resize(corners, (2, 12 * len(corners)), interpolation=cv2.INTER_CUBIC)
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    points = np.rint(path).astype(np.int32)[:, None]
    cv2.polylines(sheet, [points], False, 1, int(rng.integers(*PENS)))
    return sheet.astype(np.float32)


def _fragment(letter: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The ink to one side of a random line: float32 (SHEET, SHEET)."""
    ink = cv2.resize(letter, (SHEET, SHEET), interpolation=cv2.INTER_CUBIC) > 127
    ys, xs = np.nonzero(ink)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * xs + np.sin(angle) * ys
    kept = along <= np.quantile(along, rng.uniform(*FRAGMENT_SHARE))
    fragment = np.zeros(ink.shape, np.float32)
    fragment[ys[kept], xs[kept]] = 1
    return fragment
