"""Find the ink on a picture of one character, whatever its paper, light and polarity."""

import cv2
import numpy as np

BLANK_CONTRAST = (
    0.12  # of the full range: without a pixel that differs more from the paper, a picture is blank
)
STRONG = 0.5  # of the strongest difference: pixels beyond it are surely ink and give the ink's colour
SAMPLE_SIDE = 64  # pixels per side that are enough to find the paper's colour and its shade

# A heavy character can cover more of the picture than its paper does. Then the colour along the edge is the
# paper's, if
MAX_INK = 0.65  # at most this share of the picture is ink,
MIN_EDGE_PAPER = 0.9  # at least this share of the edge is paper,
MAX_DEPTH = 0.25  # and no ink is deeper inside its stroke than this share of the picture's shorter side.

MIN_SHADE = 6  # of 255: paper that varies less is left as it is
SHADE_WIDTH = 0.4  # of the shorter side: darkness over so wide a square is shade, as no stroke is so wide
STRENGTH_REACH = 0.15  # of the shorter side: ink is compared with the strongest ink this near
MAX_SQUARE = 128  # pixels: side of the largest square searched in one step
MIN_STRENGTH = (
    0.4  # of full ink: a lower local maximum counts as this, so that paper is not amplified into ink
)


def find_ink(rgba: np.ndarray) -> np.ndarray:
    """Find the ink of a picture: dark on light, light on dark, or on a transparent ground, in any colours.

    Args:
        rgba: uint8 (H, W, 4).

    Returns:
        float32 (H, W) in [0, 1], 1 = ink; all zero if the picture is blank.
    """
    picture = on_paper(rgba)
    paper = _paper_colour(picture)
    ink = _ink_colour(picture, paper)
    if ink is None or (ink == paper).all():  # equal: as much lighter ink as darker
        return np.zeros(picture.shape[:2], np.float32)
    return _even_strength(_even_light(_paper_to_ink(picture, paper, ink)))


def ink_box(ink: np.ndarray, threshold: float = 0.5) -> tuple[int, int, int, int] | None:
    """The box (x, y, width, height) in pixels around all ink of at least `threshold`; None without ink."""
    x, y, width, height = cv2.boundingRect((ink >= threshold).astype(np.uint8))
    return (x, y, width, height) if width else None


def pen_width(depth: np.ndarray) -> float:
    """The mean pen width in pixels. It is four times the mean depth, as in a long bar.

    Args:
        depth: float32 (H, W), each ink pixel's distance to the contour in pixels, 0 on paper.
    """
    return 4 * float(cv2.mean(depth, (depth > 0).astype(np.uint8))[0])


def on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on paper from which its visible part stands out.

    Args:
        rgba: uint8 (H, W, 4).

    Returns:
        uint8 (H, W, 3).
    """
    alpha = cv2.extractChannel(rgba, 3)
    picture = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    if cv2.minMaxLoc(alpha)[0] == 255:
        return picture
    visible = (alpha > 127).astype(np.uint8)
    visible_share = cv2.mean(visible)[0]
    if visible_share > 0.5:  # a picture with holes: they get the colour of its paper
        paper = _median_colour(picture, visible)
    else:  # a drawing on nothing
        is_dark = sum(cv2.mean(picture, visible if visible_share else None)[:3]) / 3 < 128
        paper = np.full(3, 255.0 if is_dark else 0.0)
    transparency = cv2.bitwise_not(alpha)
    for channel, level in enumerate(paper):  # one at a time, to save memory: a photo has 25 megapixels
        ink = cv2.multiply(cv2.extractChannel(picture, channel), alpha, scale=1 / 255)
        ground = cv2.multiply(np.full_like(alpha, int(level)), transparency, scale=1 / 255)
        cv2.insertChannel(cv2.add(ink, ground), picture, channel)
    return picture


def _median(picture: np.ndarray, channel: int, mask: np.ndarray | None = None) -> float:
    """The median of a channel where `mask` is not 0. `np.median` would copy and sort, which takes long."""
    cumulative = cv2.calcHist([picture], [channel], mask, [256], [0, 256]).cumsum(dtype=np.float64)
    middle_ranks = cumulative[-1] // 2 + 1, (cumulative[-1] + 1) // 2  # they differ for an even number
    return float(np.searchsorted(cumulative, middle_ranks).mean())


def _paper_colour(picture: np.ndarray) -> np.ndarray:
    """The colour (3,) of most of the picture, as a character usually covers less than its paper.

    In a picture cropped closely to a very heavy character, it is the colour along the edge.
    """
    step = max(1, min(picture.shape[:2]) // SAMPLE_SIDE)
    sample = np.ascontiguousarray(picture[::step, ::step])
    overall = _median_colour(sample)
    edge = np.concatenate([sample[[0, -1]].reshape(1, -1, 3), sample[:, [0, -1]].reshape(1, -1, 3)], axis=1)
    along_edge = _median_colour(edge)
    difference = along_edge - overall
    if abs(difference).max() < BLANK_CONTRAST * 255:
        return overall
    middle = difference @ (overall + along_edge) / 2
    is_ink = sample @ difference < middle
    if is_ink.mean() > MAX_INK or (edge @ difference > middle).mean() < MIN_EDGE_PAPER:
        return overall
    strokes = cv2.copyMakeBorder(is_ink.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.minMaxLoc(cv2.distanceTransform(strokes, cv2.DIST_L2, 3))[1]
    return along_edge if depth < MAX_DEPTH * min(sample.shape[:2]) else overall


def _median_colour(picture: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """The median (3,) of each channel where `mask` is not 0."""
    return np.array([_median(picture, channel, mask) for channel in range(3)])


def _ink_colour(picture: np.ndarray, paper: np.ndarray) -> np.ndarray | None:
    """The mean colour (3,) of the pixels that differ most from the paper; None if the picture is blank."""
    by_channel = cv2.absdiff(picture, (*paper, 0))  # type: ignore[call-overload]  # one colour, not a picture
    difference = np.maximum(np.maximum(by_channel[..., 0], by_channel[..., 1]), by_channel[..., 2])
    strongest = cv2.minMaxLoc(difference)[1]
    if strongest < BLANK_CONTRAST * 255:
        return None
    strong = cv2.inRange(difference, int(STRONG * strongest), 255)
    return np.array(cv2.mean(picture, strong)[:3])


def _paper_to_ink(picture: np.ndarray, paper: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """How far each pixel is from the paper's colour towards the ink's: uint8 (H, W), 0 = paper, 255 = ink."""
    direction = ink - paper
    weights = 255 * direction / (direction @ direction)
    return cv2.transform(picture, np.append(weights, -paper @ weights)[None])


def _even_light(level: np.ndarray) -> np.ndarray:
    """Subtract the paper's slow variation (shade, light from one side): uint8 (H, W)."""
    height, width = level.shape
    scale = min(1.0, SAMPLE_SIDE / max(height, width))
    # at least one pixel is left of a long and narrow picture
    x_scale, y_scale = max(scale, 1 / width), max(scale, 1 / height)
    small = cv2.resize(level, None, fx=x_scale, fy=y_scale, interpolation=cv2.INTER_AREA)
    reach = max(3, round(SHADE_WIDTH * min(small.shape)))
    shade = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    if shade.max() < MIN_SHADE:
        return level
    shade = cv2.resize(cv2.blur(shade, (5, 5)), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(level, shade)


def _local_maxima(level: np.ndarray, step: int) -> np.ndarray:
    """The maximum around every `step`th pixel of every `step`th row."""
    while step > 1:  # more than one round only above 8,000 pixels a side: a large square is slow
        square = min(step, MAX_SQUARE)
        level = cv2.dilate(level, np.ones((square, 1), np.uint8))[::square]
        level = cv2.dilate(level, np.ones((1, square), np.uint8))[:, ::square]
        step //= square
    return level


def _even_strength(level: np.ndarray) -> np.ndarray:
    """Bring faint parts of strokes (a blurred photo, a light hand) to the strength of the ink near them."""
    step = max(1, max(level.shape) // SAMPLE_SIDE)
    maxima = _local_maxima(level, step).astype(np.float32)
    reach = max(3, round(STRENGTH_REACH * min(maxima.shape)))
    strength = cv2.blur(cv2.dilate(maxima, np.ones((reach, reach), np.uint8)), (reach, reach))
    strength = cv2.resize(
        np.maximum(strength, MIN_STRENGTH * 255), level.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return np.minimum(np.divide(level, strength, out=strength), 1, out=strength)
