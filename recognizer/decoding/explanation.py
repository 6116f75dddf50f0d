"""Which ink spoke for a label, and which against it: found by covering it up.

Occlusion (Zeiler and Fergus 2014, arXiv 1311.2901): small windows of the glyph are wiped out, all in one
pass, and what that does to the label's odds is the heat of the ink that was there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box
from recognizer.results import Character

WINDOWS = (3, 5)  # pixels a side, of 28: an end of a stroke, a bow
STEP = 2  # pixels between windows
INK = 0.1  # a window with less ink, in pixels of it, tells nothing
SOFT = 0.05  # of the picture's longer side: sigma that takes the windows' edges away


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a character was read as it was.

    Attributes:
        character: what was read.
        heat: float32 (H, W) of the picture, in [-1, 1]: above 0 where ink spoke for the label, below where
            against it, 0 where none is.
    """

    character: Character
    heat: np.ndarray


def heat(glyph: np.ndarray, odds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How much each pixel of a glyph speaks for a label.

    Args:
        glyph: float32 (side, side) in [0, 1].
        odds: log odds (N,) of the label for glyphs (N, side, side).

    Returns:
        float32 (side, side): by how much its windows lower the odds when they are wiped out, on average over
        the windows of a pixel and for each pixel of ink in them; 0 without ink.
    """
    side = len(glyph)
    places = [
        (np.s_[top : top + size, left : left + size], size)
        for size in (round(window * side / 28) for window in WINDOWS)
        for top in range(0, side - size + 1, STEP)
        for left in range(0, side - size + 1, STEP)
        if glyph[top : top + size, left : left + size].sum() > INK
    ]
    if not places:
        return np.zeros_like(glyph)
    wiped = np.repeat(glyph[None], len(places) + 1, axis=0)
    for row, (place, _) in zip(wiped[1:], places, strict=True):
        row[place] = 0
    whole, *without = odds(wiped)
    total, count = np.zeros((2, side, side), np.float32)
    for (place, _), left in zip(places, without, strict=True):
        total[place] += (whole - left) / max(float(glyph[place].sum()), 1.0)
        count[place] += 1
    return total / np.maximum(count, 1) * (glyph > 0)


def on_picture(heat: np.ndarray, glyph: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """A glyph's heat on the ink that it was made of, in [-1, 1]: float32 (H, W).

    Args:
        heat, glyph: float32 (side, side).
        ink: float32 (H, W) in [0, 1] of the picture.
    """
    box, seen = ink_box(ink), ink_box(glyph, 0.3)
    if box is None or seen is None:
        return np.zeros_like(ink)
    scale_x, scale_y = (seen[2 + axis] / box[2 + axis] for axis in (0, 1))
    to_glyph = np.array(
        [
            [scale_x, 0, seen[0] + (0.5 - box[0]) * scale_x - 0.5],
            [0, scale_y, seen[1] + (0.5 - box[1]) * scale_y - 0.5],
        ],
        np.float32,
    )
    reach = np.ones((3, 3), np.uint8)  # ink that the glyph's thinner pen left out has its neighbour's
    spread = np.where(glyph > 0, heat, cv2.dilate(heat, reach) + cv2.erode(heat, reach))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(spread, to_glyph, ink.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    large = cv2.GaussianBlur(large, (0, 0), max(0.5, SOFT * max(box[2:]))) * (ink >= 0.5)
    most = float(np.abs(large).max())
    return (large / most if most else large).astype(np.float32)
