"""Lines that run across a picture, printed or ruled: taken out, and the strokes that cross them stay."""

import cv2
import numpy as np

LEVEL_STROKE = 1.2  # of its height: a character's bar is no longer
ACROSS = 0.8  # of the picture's width: what is so wide is no character


def without_rules(drawn: np.ndarray) -> np.ndarray:
    """Without lines that run across the picture, printed or ruled; strokes that cross them stay.

    Args:
        drawn: uint8 (h, w), 1 = ink.
    """
    height, width = drawn.shape
    length = max(round((0.35 if width < 6 * height else 0.2) * width), 40)
    thick = cv2.dilate(drawn, np.ones((3, 1), np.uint8))
    rules = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    rules = cv2.dilate(rules, np.ones((3, 1), np.uint8)) & drawn
    if rules.any():
        rules &= ~_of_large_characters(rules, drawn)
    if not rules.any():
        return drawn
    runs = _vertical_runs(drawn)
    thickness = np.median(runs[rules > 0])
    return np.where((rules > 0) & (runs <= 1.7 * thickness + 1), 0, drawn).astype(np.uint8)


def _of_large_characters(rules: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Where a long level line is a stroke of a character that fills the picture: 1, elsewhere 0, (h, w).

    Such a stroke is no longer than its character is high, and the character does not cross the picture.
    """
    _, parts, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    count, runs, sizes, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    strokes = np.zeros(count, np.uint8)
    for number in range(1, count):
        left, y, width = sizes[number, :3]
        x = left + (runs[y, left : left + width] == number).argmax()
        whole = stats[parts[y, x]]
        fits = width < LEVEL_STROKE * whole[cv2.CC_STAT_HEIGHT]
        strokes[number] = fits and whole[cv2.CC_STAT_WIDTH] < ACROSS * drawn.shape[1]
    return strokes[runs]


def _vertical_runs(drawn: np.ndarray) -> np.ndarray:
    """For each pixel of ink, how many pixels of ink stand above and below it without a break."""
    down, up = np.zeros(drawn.shape, np.int32), np.zeros(drawn.shape, np.int32)
    for into, rows in ((down, range(len(drawn))), (up, range(len(drawn) - 1, -1, -1))):
        run = np.zeros(drawn.shape[1], np.int32)
        for row in rows:
            run = (run + 1) * drawn[row]
            into[row] = run
    return (down + up - 1) * drawn
