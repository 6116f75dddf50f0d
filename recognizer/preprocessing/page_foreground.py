"""Find the ink of a whole page: photographed in uneven light, with ruled lines, shadows or the table's edge.

`recognizer.preprocessing.foreground` is for a picture of one character. All that is known of a page is that
strokes are thin and paper is wide, so thresholds are relative: to the paper near by, to the pen, or to the
usual ink.
"""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import on_paper

# Size, in pixels
MAX_SIDE = 2000  # longer side of the ink: a larger one costs time and is read no better
COARSE_SIDE = 400  # longer side of the small copy on which the paper is found
MIN_PEN = 4.0  # a finer pen is enlarged to this
MAX_ENLARGEMENT = 4.0  # times
MIN_ENLARGEMENT = 1.2  # times: less is not worth it

# Paper and darkness
PAPER_WINDOW = 0.15  # of the shorter side: wider is paper or shade, narrower may be ink
LIGHT_INK = 2.0  # if light marks stand out more than this many times as much as dark ones, the ink is light
MIN_CONTRAST = 20  # of 255: whatever is less dark than this is the paper's grain
MIN_INK_PIXELS = 20  # darker than MIN_CONTRAST: with fewer, the page is blank
CLEAR = 5  # times the median difference of neighbouring pixels, the noise: ink is at least this much darker

# Pen
BLOT_DEPTH = 4  # times the median depth: deeper ink is a blot and does not count for the pen
SMOOTHING = 0.22  # of the pen: sigma of a blur that removes the paper's grain and keeps strokes
MIN_SIGMA = 0.4  # pixels: a smaller blur hardly changes anything

# Strength of the ink
STRENGTH_REACH = 4  # pens: a faint part of a stroke is compared with the strong ink this near
GRAIN_PERCENTILE = 97  # of the paper's darkness: this is called its grain
MIN_GRAIN_PIXELS = 50  # of paper: with fewer, the grain is not measured
GRAIN_RATIO = 2.0  # ink is at least this many times as dark as the grain
FLOOR_RANGE = 0.55, 0.9  # of the usual ink: limits of the darkness below which nothing counts as full ink


def page_ink(rgba: np.ndarray, faintest: float | None = None) -> tuple[np.ndarray, float]:
    """Find the ink of a page, whatever its light and colours.

    Args:
        rgba: uint8 (H, W, 4).
        faintest: in (0, 1], a share of the usual ink's darkness: a pixel less than half as dark as this is no
            ink. By default, the paper's grain decides.

    Returns:
        ink: float32 (h, w) in [0, 1], 1 = ink; the longer side is at most about MAX_SIDE.
        scale: the ink's pixels per pixel of the picture.
    """
    picture, scale = _reduced(rgba)
    darkness = _darkness(on_paper(picture))
    levels = _ink_levels(darkness)
    if levels is None:
        return np.zeros(darkness.shape, np.float32), scale
    threshold, _ = levels
    pen = _pen((darkness >= threshold).astype(np.uint8))
    enlargement = min(MIN_PEN / pen, MAX_ENLARGEMENT, MAX_SIDE / max(darkness.shape))
    if enlargement > MIN_ENLARGEMENT:  # strokes hardly wider than a pixel would fall apart
        darkness = _resized(darkness, enlargement, cv2.INTER_CUBIC)
        scale *= enlargement
    return _ink(darkness, faintest), scale


def _reduced(picture: np.ndarray) -> tuple[np.ndarray, float]:
    scale = min(1.0, MAX_SIDE / max(picture.shape[:2]))
    if scale < 1:
        picture = _resized(picture, scale, cv2.INTER_AREA)
    return picture, scale


def _resized(picture: np.ndarray, scale: float, interpolation: int) -> np.ndarray:
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return cv2.resize(picture, size, interpolation=interpolation)


def _darkness(picture: np.ndarray) -> np.ndarray:
    """How much darker than the paper around it each pixel is, relative to that paper.

    Light writing on a dark ground is inverted first.

    Args:
        picture: uint8 (h, w, 3).

    Returns:
        uint8 (h, w), 0 = paper, 255 = black.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, COARSE_SIDE / max(height, width))
    coarse = _resized(picture, scale, cv2.INTER_AREA)
    window = max(3, int(PAPER_WINDOW * min(coarse.shape[:2]))) | 1
    difference = cv2.medianBlur(coarse, min(window, 255)).astype(np.int16) - coarse
    lighter, darker = ((difference[sign * difference > MIN_CONTRAST] ** 2.0).sum() for sign in (-1, 1))
    if lighter > LIGHT_INK * darker:
        picture, coarse = 255 - picture, 255 - coarse
    square = np.ones((window, window), np.uint8)
    paper = cv2.morphologyEx(
        cv2.blur(coarse, (3, 3)), cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE
    )
    paper = cv2.blur(paper, (window // 2 | 1, window // 2 | 1))
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    # ink of any colour is darker than paper in at least one channel
    return cv2.divide(cv2.subtract(paper, picture), paper, scale=255).max(axis=2)


def _ink(darkness: np.ndarray, faintest: float | None) -> np.ndarray:
    """Scale darkness so that strokes of any strength become 1: float32 (h, w) in [0, 1]."""
    levels = _ink_levels(darkness)
    if levels is None:
        return np.zeros(darkness.shape, np.float32)
    threshold, usual = levels
    strong = (darkness >= threshold).astype(np.uint8)
    pen = _pen(strong)
    if SMOOTHING * pen > MIN_SIGMA:
        darkness = cv2.GaussianBlur(darkness, (0, 0), SMOOTHING * pen)
        levels = _ink_levels(darkness)
        if levels is None:
            return np.zeros(darkness.shape, np.float32)
        threshold, usual = levels
    window = max(3, round(STRENGTH_REACH * pen)) | 1
    strong = (darkness >= threshold).astype(np.float32)
    strong_share = np.maximum(cv2.blur(strong, (window, window)), 1e-6)
    strength = cv2.blur(darkness * strong, (window, window)) / strong_share  # mean of the strong ink near by
    strong = strong.astype(np.uint8)
    paper = darkness[cv2.dilate(strong, np.ones((5, 5), np.uint8)) == 0]
    # every seventh pixel is enough
    grain = float(np.percentile(paper[::7], GRAIN_PERCENTILE)) if len(paper) > MIN_GRAIN_PIXELS else 0.0
    floor = faintest or min(max(GRAIN_RATIO * grain / usual, FLOOR_RANGE[0]), FLOOR_RANGE[1])
    return np.clip(darkness / np.maximum(strength, floor * usual), 0, 1).astype(np.float32)


def _ink_levels(darkness: np.ndarray) -> tuple[float, float] | None:
    """The threshold of darkness above which is ink (Otsu 1979), and the ink's median; None without ink."""
    marked = darkness[darkness > MIN_CONTRAST]
    if len(marked) < MIN_INK_PIXELS:
        return None
    threshold = max(cv2.threshold(marked.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)[0], MIN_CONTRAST)
    usual = float(np.median(marked[marked >= threshold]))
    noise = np.median(cv2.absdiff(darkness, cv2.blur(darkness, (3, 3)))[::3, ::3])
    if usual - np.median(darkness[::3, ::3]) < max(MIN_CONTRAST / 2, CLEAR * float(noise)):
        return None
    return threshold, usual


def depth_of(drawn: np.ndarray) -> np.ndarray:
    """How far the middle of each ink pixel is from the paper; beyond the picture's edge is paper, too.

    Args:
        drawn: uint8 (h, w), 1 = ink.

    Returns:
        float32 (h, w) in pixels; 0 on paper.
    """
    padded = cv2.copyMakeBorder(drawn, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return np.maximum(cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1] - 0.5, 0)


def _pen(strong: np.ndarray) -> float:
    """The pen's width in pixels, at least 1. The paper's grain counts little, blots do not count.

    It is three times the mean of the depths, each weighted by itself: in a bar of width w they are uniform in
    [0, w / 2], and this mean is w / 3.
    """
    depth = depth_of(strong)
    depth = depth[depth > 0].astype(np.float64)
    depth = depth[depth < BLOT_DEPTH * np.median(depth) + 1]
    return max(1.0, 3 * float((depth**2).sum() / max(depth.sum(), 1e-6)))
