"""Which ink speaks for a label and which against it, by occlusion (Zeiler and Fergus 2014, arXiv 1311.2901).

Small windows of the glyph are erased, all in one batched pass. The heat of the ink in a window is the change
of the label's log odds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box
from recognizer.preprocessing.normalize import GLYPH
from recognizer.results import Character

WINDOW_SIDES = (3, 5)  # pixels of a 28 x 28 glyph: the end of a stroke, a bow
STRIDE = 2  # pixels between windows
MIN_INK = 0.1  # pixels of full ink: a window with less is not tried
GLYPH_INK_THRESHOLD = 0.3  # ink above this belongs to the glyph's box
BLUR_SIGMA = 0.05  # of the longer side of the ink's box: smooths the edges of the windows away


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a character was read as it was.

    Attributes:
        character: what was read.
        heat: float32 (H, W) of the picture, in [-1, 1]: above 0 for ink that speaks for the label, below 0
            for ink that speaks against it, 0 without ink.
    """

    character: Character
    heat: np.ndarray


def occlusion_heat(glyph: np.ndarray, log_odds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How much each pixel of a glyph speaks for a label.

    Args:
        glyph: float32 (side, side) in [0, 1].
        log_odds: glyphs (N, side, side) -> log odds (N,) of the label.

    Returns:
        float32 (side, side): the drop of the log odds per pixel of erased ink, averaged over all windows that
        cover the pixel; 0 without ink.
    """
    side = len(glyph)
    windows = [
        np.s_[top : top + size, left : left + size]
        for size in (round(window_side * side / GLYPH) for window_side in WINDOW_SIDES)
        for top in range(0, side - size + 1, STRIDE)
        for left in range(0, side - size + 1, STRIDE)
        if glyph[top : top + size, left : left + size].sum() > MIN_INK
    ]
    if not windows:
        return np.zeros_like(glyph)
    batch = np.repeat(glyph[None], len(windows) + 1, axis=0)  # the whole glyph first
    for erased, window in zip(batch[1:], windows, strict=True):
        erased[window] = 0
    whole_odds, *erased_odds = log_odds(batch)
    total, count = np.zeros((2, side, side), np.float32)
    for window, odds in zip(windows, erased_odds, strict=True):
        total[window] += (whole_odds - odds) / max(float(glyph[window].sum()), 1.0)
        count[window] += 1
    return total / np.maximum(count, 1) * (glyph > 0)


def heat_on_picture(heat: np.ndarray, glyph: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Map a glyph's heat to the ink of the picture that it was made of.

    Args:
        heat, glyph: float32 (side, side).
        ink: float32 (H, W) in [0, 1] of the picture.

    Returns:
        float32 (H, W) in [-1, 1], scaled so that the largest absolute value is 1.
    """
    box, glyph_box = ink_box(ink), ink_box(glyph, GLYPH_INK_THRESHOLD)
    if box is None or glyph_box is None:
        return np.zeros_like(ink)
    scale_x, scale_y = (glyph_box[2 + axis] / box[2 + axis] for axis in (0, 1))
    to_glyph = np.array(
        [
            [scale_x, 0, glyph_box[0] + (0.5 - box[0]) * scale_x - 0.5],
            [0, scale_y, glyph_box[1] + (0.5 - box[1]) * scale_y - 0.5],
        ],
        np.float32,
    )
    # the glyph's pen may be thinner than the picture's: give the ink beside it the heat of its neighbours
    neighbours = np.ones((3, 3), np.uint8)
    spread = np.where(glyph > 0, heat, cv2.dilate(heat, neighbours) + cv2.erode(heat, neighbours))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(spread, to_glyph, ink.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    large = cv2.GaussianBlur(large, (0, 0), max(0.5, BLUR_SIGMA * max(box[2:]))) * (ink >= 0.5)
    largest = float(np.abs(large).max())
    return (large / largest if largest else large).astype(np.float32)
