"""Where is ink on this picture? Paper, light and polarity are undone here, once for all."""

import cv2
import numpy as np

BLANK = 0.12  # of the full range: a picture whose strongest mark differs less from its paper is blank
STRONG = 0.5  # of the strongest difference: pixels that surely are ink and give its colour
# of the picture, whose paper is less than its ink: at most so much is ink, at least so much of the edge is
# paper, and so deep inside of its strokes their middle is, at most
HEAVIEST, FRAMED, DEEPEST = 0.65, 0.9, 0.25
SAMPLE = 64  # pixels a side are enough to find the colour of the paper
UNEVEN = 6  # of 255: paper that varies less is left as it is
WIDE = 0.4  # of the picture: what is this dark over so wide a square is shade, no stroke is so wide
NEAR = 0.15  # of the picture: ink is as strong as the strongest ink this near
WIDEST = 128  # pixels: the widest square that the strongest ink is looked for in
FAINT = 0.4  # of the ink's strength: what is fainter everywhere near is paper


def find_ink(rgba: np.ndarray) -> np.ndarray:
    """The ink of a picture, whatever its colours: dark on light, light on dark, or on nothing.

    Args:
        rgba: uint8 (H, W, 4).

    Returns:
        float32 (H, W) in [0, 1], 1 = ink; all zero where the picture is blank.
    """
    picture = on_paper(rgba)
    paper = _paper_colour(picture)
    ink = _ink_colour(picture, paper)
    if ink is None or (ink == paper).all():  # as far to the light as to the dark
        return np.zeros(picture.shape[:2], np.float32)
    return _even_strength(_even_light(_between(picture, paper, ink)))


def ink_box(ink: np.ndarray, least: float = 0.5) -> tuple[int, int, int, int] | None:
    """The box (x, y, width, height) in pixels around all ink of at least `least`; None without ink."""
    x, y, width, height = cv2.boundingRect((ink >= least).astype(np.uint8))
    return (x, y, width, height) if width else None


def pen_width(depth: np.ndarray) -> float:
    """Mean pen width in pixels, from each ink pixel's distance to the contour (a bar's mean is a quarter)."""
    return 4 * float(cv2.mean(depth, (depth > 0).astype(np.uint8))[0])


def on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on paper that its visible part stands out from."""
    alpha = cv2.extractChannel(rgba, 3)
    picture = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    if cv2.minMaxLoc(alpha)[0] == 255:
        return picture
    visible = (alpha > 127).astype(np.uint8)
    share = cv2.mean(visible)[0]
    if share > 0.5:  # a picture with holes: the holes are paper too
        paper = _colour(picture, visible)
    else:  # a drawing on nothing
        dark = sum(cv2.mean(picture, visible if share else None)[:3]) / 3 < 128
        paper = np.full(3, 255.0 if dark else 0.0)
    clear = cv2.bitwise_not(alpha)
    for channel, level in enumerate(paper):  # one at a time: a photo has 25 megapixels
        ink = cv2.multiply(cv2.extractChannel(picture, channel), alpha, scale=1 / 255)
        sheet = cv2.multiply(np.full_like(alpha, int(level)), clear, scale=1 / 255)
        cv2.insertChannel(cv2.add(ink, sheet), picture, channel)
    return picture


def _median(picture: np.ndarray, channel: int, where: np.ndarray | None = None) -> float:
    """Of a channel, where `where` is not 0, somewhere; `np.median` copies and sorts, and takes long."""
    up_to = cv2.calcHist([picture], [channel], where, [256], [0, 256]).cumsum(dtype=np.float64)
    middle = up_to[-1] // 2 + 1, (up_to[-1] + 1) // 2  # the same but of an even number
    return float(np.searchsorted(up_to, middle).mean())


def _paper_colour(picture: np.ndarray) -> np.ndarray:
    """The colour that most of the picture has, by channel: a character covers less than its paper.

    Cut out closely, a very heavy one covers more; then its paper is what is all around it.
    """
    step = max(1, min(picture.shape[:2]) // SAMPLE)
    some = np.ascontiguousarray(picture[::step, ::step])
    most = _colour(some)
    edge = np.concatenate([some[[0, -1]].reshape(1, -1, 3), some[:, [0, -1]].reshape(1, -1, 3)], axis=1)
    around = _colour(edge)
    way = around - most
    if abs(way).max() < BLANK * 255:
        return most
    middle = way @ (most + around) / 2
    heavy = some @ way < middle
    if heavy.mean() > HEAVIEST or (edge @ way > middle).mean() < FRAMED:
        return most
    strokes = cv2.copyMakeBorder(heavy.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    deepest = cv2.minMaxLoc(cv2.distanceTransform(strokes, cv2.DIST_L2, 3))[1]
    return around if deepest < DEEPEST * min(some.shape[:2]) else most


def _colour(picture: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """The median of each channel, where `where` is not 0, somewhere."""
    return np.array([_median(picture, channel, where) for channel in range(3)])


def _ink_colour(picture: np.ndarray, paper: np.ndarray) -> np.ndarray | None:
    """The mean colour of what differs most from the paper; None where nothing does."""
    away = cv2.absdiff(picture, (*paper, 0))  # type: ignore[call-overload]  # one colour, not a picture
    difference = np.maximum(np.maximum(away[..., 0], away[..., 1]), away[..., 2])
    strongest = cv2.minMaxLoc(difference)[1]
    if strongest < BLANK * 255:
        return None
    strong = cv2.inRange(difference, int(STRONG * strongest), 255)
    return np.array(cv2.mean(picture, strong)[:3])


def _between(picture: np.ndarray, paper: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """How far each pixel is on the way from the paper's colour to the ink's: uint8, 255 = ink."""
    way = ink - paper
    weights = 255 * way / (way @ way)
    return cv2.transform(picture, np.append(weights, -paper @ weights)[None])


def _even_light(level: np.ndarray) -> np.ndarray:
    """Take away the slow variation of the paper (shade, a lamp to one side)."""
    height, width = level.shape
    scale = min(1.0, SAMPLE / max(height, width))
    # of a long and narrow picture a pixel is left
    across, down = max(scale, 1 / width), max(scale, 1 / height)
    small = cv2.resize(level, None, fx=across, fy=down, interpolation=cv2.INTER_AREA)
    reach = max(3, round(WIDE * min(small.shape)))
    bare = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    if bare.max() < UNEVEN:
        return level
    shade = cv2.resize(cv2.blur(bare, (5, 5)), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(level, shade)


def _highest(level: np.ndarray, step: int) -> np.ndarray:
    """The highest value around every `step`th pixel of every `step`th row."""
    while step > 1:  # in one go but for pictures of over 8,000 pixels a side: a wide square takes long
        some = min(step, WIDEST)
        level = cv2.dilate(level, np.ones((some, 1), np.uint8))[::some]
        level = cv2.dilate(level, np.ones((1, some), np.uint8))[:, ::some]
        step //= some
    return level


def _even_strength(level: np.ndarray) -> np.ndarray:
    """Bring faint parts of strokes (a blurred photo, a light hand) to the strength of what is near them."""
    step = max(1, max(level.shape) // SAMPLE)
    peaks = _highest(level, step).astype(np.float32)
    reach = max(3, round(NEAR * min(peaks.shape)))
    strength = cv2.blur(cv2.dilate(peaks, np.ones((reach, reach), np.uint8)), (reach, reach))
    strength = cv2.resize(
        np.maximum(strength, FAINT * 255), level.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return np.minimum(np.divide(level, strength, out=strength), 1, out=strength)
