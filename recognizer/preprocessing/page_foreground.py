"""The ink of a whole page: photographed paper in uneven light, with lines, shadow, a table's edge.

`recognizer.preprocessing.foreground` is for a picture of one character; here nothing is known but that
strokes are thin and paper is wide. Every threshold is relative: to the paper near by, to the pen, to the
strongest ink.
"""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import on_paper

LONGEST = 2000  # pixels: more would cost time and read no better
COARSE = 400  # pixels of the longer side on which the paper is found
WIDE = 0.15  # of the shorter side: what is wider is paper (or shade), what is narrower may be ink
BLOTS = 4  # times the median depth: deeper ink is no stroke
FINEST = 4.0  # pixels: a finer pen is enlarged to this
LARGER = 4.0  # times, at most
LIGHTER = 2.0  # times as much stands out to the light as to the dark: it is light writing
FAINTEST = 20  # of 255: below this everything is paper's grain
CLEAR = 5  # times the median difference of neighbouring pixels: ink stands out more than noise
SOFTEN = 0.22  # of the pen: sigma that smooths grain away and leaves strokes
REACH = 4  # pens: a faint part of a stroke is as strong as the strongest ink this near
FLOORS = 0.55, 0.9  # of the usual ink: what is fainter is never ink; higher on grainy paper
GRAIN = 97  # percentile of the paper's darkness that is its grain
GRAINS = 2.0  # what is this many times as dark as the grain may be ink


def page_ink(rgba: np.ndarray, faintest: float | None = None) -> tuple[np.ndarray, float]:
    """The ink of a page, whatever its light and colours.

    Args:
        rgba: uint8 (H, W, 4).
        faintest: in (0, 1], of the usual ink's darkness: what is less than half as dark as this is no ink.
            Where it is left out, the paper's grain decides.

    Returns:
        ink: float32 (h, w) in [0, 1], 1 = ink; the longer side at most LONGEST.
        scale: pixels of it for one pixel of the picture.
    """
    picture, scale = _reduced(rgba)
    darkness = _darkness(on_paper(picture))
    found = _usual_ink(darkness)
    if found is None:
        return np.zeros(darkness.shape, np.float32), scale
    larger = min(
        FINEST / _pen((darkness >= found[0]).astype(np.uint8)), LARGER, LONGEST / max(darkness.shape)
    )
    if larger > 1.2:  # strokes hardly wider than a pixel would fall apart
        darkness = _resized(darkness, larger, cv2.INTER_CUBIC)
        scale *= larger
    return _ink(darkness, faintest), scale


def _reduced(picture: np.ndarray) -> tuple[np.ndarray, float]:
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    if scale < 1:
        picture = _resized(picture, scale, cv2.INTER_AREA)
    return picture, scale


def _resized(picture: np.ndarray, scale: float, how: int) -> np.ndarray:
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return cv2.resize(picture, size, interpolation=how)


def _darkness(picture: np.ndarray) -> np.ndarray:
    """How much darker than the paper around it, of 255 and relative to that paper: uint8 (h, w)."""
    height, width = picture.shape[:2]
    scale = min(1.0, COARSE / max(height, width))
    coarse = _resized(picture, scale, cv2.INTER_AREA)
    reach = max(3, int(WIDE * min(coarse.shape[:2]))) | 1
    away = cv2.medianBlur(coarse, min(reach, 255)).astype(np.int16) - coarse
    lighter, darker = ((away[sign * away > FAINTEST] ** 2.0).sum() for sign in (-1, 1))
    if lighter > LIGHTER * darker:
        picture, coarse = 255 - picture, 255 - coarse
    square = np.ones((reach, reach), np.uint8)
    paper = cv2.morphologyEx(
        cv2.blur(coarse, (3, 3)), cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE
    )
    paper = cv2.blur(paper, (reach // 2 | 1, reach // 2 | 1))
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    # ink of any colour is darker in one of the three
    return cv2.divide(cv2.subtract(paper, picture), paper, scale=255).max(axis=2)


def _ink(darkness: np.ndarray, faintest: float | None) -> np.ndarray:
    found = _usual_ink(darkness)
    if found is None:
        return np.zeros(darkness.shape, np.float32)
    least, usual = found
    strong = (darkness >= least).astype(np.uint8)
    pen = _pen(strong)
    if SOFTEN * pen > 0.4:
        darkness = cv2.GaussianBlur(darkness, (0, 0), SOFTEN * pen)
        found = _usual_ink(darkness)
        if found is None:
            return np.zeros(darkness.shape, np.float32)
        least, usual = found
    reach = max(3, round(REACH * pen)) | 1
    strong = (darkness >= least).astype(np.float32)
    near = cv2.blur(darkness * strong, (reach, reach)) / np.maximum(cv2.blur(strong, (reach, reach)), 1e-6)
    strong = strong.astype(np.uint8)
    paper = darkness[cv2.dilate(strong, np.ones((5, 5), np.uint8)) == 0]
    grain = float(np.percentile(paper[::7], GRAIN)) if len(paper) > 50 else 0.0
    floor = faintest or min(max(GRAINS * grain / usual, FLOORS[0]), FLOORS[1])
    return np.clip(darkness / np.maximum(near, floor * usual), 0, 1).astype(np.float32)


def _usual_ink(darkness: np.ndarray) -> tuple[float, float] | None:
    """The darkness that parts ink from paper (Otsu 1979), and the median darkness of ink, if there is any."""
    marked = darkness[darkness > FAINTEST]
    if len(marked) < 20:
        return None
    least = max(cv2.threshold(marked.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)[0], FAINTEST)
    usual = float(np.median(marked[marked >= least]))
    fine = cv2.absdiff(darkness, cv2.blur(darkness, (3, 3)))[::3, ::3]
    if usual - np.median(darkness[::3, ::3]) < max(FAINTEST / 2, CLEAR * float(np.median(fine))):
        return None
    return least, usual


def depth_of(drawn: np.ndarray) -> np.ndarray:
    """How deep each pixel lies in the ink, to its middle: float32 (h, w); 0 on paper, which is all around."""
    around = cv2.copyMakeBorder(drawn, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return np.maximum(cv2.distanceTransform(around, cv2.DIST_L2, 3)[1:-1, 1:-1] - 0.5, 0)


def _pen(strong: np.ndarray) -> float:
    """The pen's width in pixels; what is finer, as the paper's grain, counts less, and blots do not."""
    depth = depth_of(strong)
    depth = depth[depth > 0].astype(np.float64)
    depth = depth[depth < BLOTS * np.median(depth) + 1]
    return max(1.0, 3 * float((depth**2).sum() / max(depth.sum(), 1e-6)))  # a bar's depths are uniform
