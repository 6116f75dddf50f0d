"""Remove lines that run across a picture, printed or ruled, and keep the strokes that cross them."""

import cv2
import numpy as np

# The shortest line is this share of the picture's width, at least so many pixels. The smaller share is for a
# picture much wider than high, where even that is longer than any character's bar.
MIN_LENGTH, MIN_LENGTH_WIDE = 0.35, 0.2
WIDE_ASPECT = 6  # width over height of such a picture, at least
MIN_LENGTH_PIXELS = 40
# Times the line's median thickness, plus a pixel: a vertical run of ink that is longer is a crossing stroke
MAX_THICKNESS = 1.7
BAR_LENGTH = 1.2  # of the character's height: a longer level stroke is no bar of a character
MAX_CHARACTER_WIDTH = 0.8  # of the picture's width


def without_rules(drawn: np.ndarray) -> np.ndarray:
    """Remove lines that run across the picture; strokes that cross them stay.

    Args:
        drawn: uint8 (h, w), 1 = ink.

    Returns:
        uint8 (h, w); the same array if there is no line.
    """
    height, width = drawn.shape
    share = MIN_LENGTH if width < WIDE_ASPECT * height else MIN_LENGTH_WIDE
    length = max(round(share * width), MIN_LENGTH_PIXELS)
    thickened = cv2.dilate(drawn, np.ones((3, 1), np.uint8))  # a line that is slightly off level stays whole
    rules = cv2.morphologyEx(thickened, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    rules = cv2.dilate(rules, np.ones((3, 1), np.uint8)) & drawn
    if rules.any():
        rules &= ~_bars_of_characters(rules, drawn)
    if not rules.any():
        return drawn
    runs = _vertical_runs(drawn)
    thickness = np.median(runs[rules > 0])
    return np.where((rules > 0) & (runs <= MAX_THICKNESS * thickness + 1), 0, drawn).astype(np.uint8)


def _bars_of_characters(rules: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Where a long level line is a stroke of a large character: uint8 (h, w), 1 = such a stroke.

    Such a stroke is hardly longer than its character is high, and the character does not span the picture.
    """
    _, parts, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    count, lines, line_stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    is_bar = np.zeros(count, np.uint8)
    for number in range(1, count):
        left, y, width = line_stats[number, :3]
        x = left + (lines[y, left : left + width] == number).argmax()
        character = stats[parts[y, x]]
        fits = width < BAR_LENGTH * character[cv2.CC_STAT_HEIGHT]
        is_bar[number] = fits and character[cv2.CC_STAT_WIDTH] < MAX_CHARACTER_WIDTH * drawn.shape[1]
    return is_bar[lines]


def _vertical_runs(drawn: np.ndarray) -> np.ndarray:
    """The length of the unbroken vertical run of ink through each pixel: int32 (h, w), 0 on paper."""
    down, up = np.zeros(drawn.shape, np.int32), np.zeros(drawn.shape, np.int32)
    for lengths, rows in ((down, range(len(drawn))), (up, range(len(drawn) - 1, -1, -1))):
        run = np.zeros(drawn.shape[1], np.int32)
        for row in rows:
            run = (run + 1) * drawn[row]
            lengths[row] = run
    return (down + up - 1) * drawn
