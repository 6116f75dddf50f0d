"""Where is ink on this picture? Paper, light and polarity are undone here, once for all."""

import cv2
import numpy as np

from recognizer.rules import without_rules

BLANK = 0.12  # of the full range: a picture whose strongest mark differs less from its paper is blank
STRONG = 0.5  # of the strongest difference: pixels that surely are ink and give its colour
SAMPLE = 64  # pixels a side are enough to find the colour of the paper
UNEVEN = 6  # of 255: paper that varies less is left as it is
WIDE = 0.4  # of the picture: what is this dark over so wide a square is shade, no stroke is so wide
NEAR = 0.15  # of the picture: ink is as strong as the strongest ink this near
WIDEST = 128  # pixels: the widest square that the strongest ink is looked for in
FAINT = 0.4  # of the ink's strength: what is fainter everywhere near is paper

BARE = 0.45  # width over height: narrower, a single piece is a stroke, and a character
SPECK = 0.35  # of a dot of the pen: a smaller spot is dirt
DOT = 3.0  # pens: a part no larger, right over the rest, is the dot of an i, even at the picture's edge
UNDER, UNDER_GAP = 0.6, 1.5  # of the longer side, pens: what is smaller, so far under it, is no part of it
# of the picture's width
LONG = 0.9  # a printed line is at least so long
CROSSED = 0.15  # where a character's strokes cross it, it is broken no longer
ASIDE = 0.08  # this much of it is free on both sides of a character
UNDER, UNDER_GAP = (
    0.6,
    1.5,
)  # of the longer side, pens: what is smaller, and so far under it, is no part of it
EDGE_SHARE = 0.5  # of the character's ink: less than this, cut by the picture's edge, is a neighbour's
# of the picture's side
BESIDE = 0.2  # a level line this near to the edge may be a ruled one
REACH = 0.35  # it, or its pieces together, is longer
FLAT = 0.12  # of its length: it is thinner
FALL = 0.35  # of its length: a line that falls more has a character on it
ROOM, SIZE = 0.05, 0.2  # around a whole character; its height or width is larger


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


def only_character(ink: np.ndarray) -> np.ndarray:
    """The ink without specks and without what the picture's edge cuts off: a ruled line, a neighbour.

    Args:
        ink: float32 (H, W) in [0, 1] of a picture that shows one character.
    """
    box = ink_box(ink)
    if box is None:  # and OpenCV crashes on an array of no pixels
        return ink
    x, y, width, height = box
    within = np.s_[y : y + height, x : x + width]
    drawn = (ink[within] >= 0.5).astype(np.uint8)
    if width == ink.shape[1] and height < ink.shape[0]:  # else it is cut out along the character
        rules = _rules_across(drawn, ink.shape)
        if rules.any():
            ink = ink.copy()
            ink[within][rules] = 0
            return only_character(ink)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    if count <= 2:  # the paper and one part
        return ink
    depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)
    pen = pen_width(np.maximum(np.subtract(depth, 0.5, out=depth), 0, out=depth))
    in_picture = stats[1:] + np.array([x, y, 0, 0, 0], stats.dtype)
    dirt = np.append(False, _is_dirt(in_picture, ink.shape, pen))
    clean = ink.copy()
    clean[within][dirt[parts]] = 0
    return clean


def _rules_across(drawn: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Where printed lines are among ink that reaches from side to side, bool (h, w).

    Where the picture is cut out along a character, its bar may reach so far: a T's. In a picture that is
    higher than wide a line is a printed one where the character stands on it and is narrower.

    Args:
        drawn: uint8 (h, w), 1 = ink, all that the picture has.
        shape: (H, W) of the picture.
    """
    rules = (without_rules(drawn) != drawn).astype(np.uint8)
    bridged = cv2.dilate(rules, np.ones((3, round(CROSSED * shape[1]) + 1), np.uint8))
    _, parts, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    long = stats[:, cv2.CC_STAT_WIDTH] >= LONG * shape[1]
    rules &= long[parts] & (parts > 0)
    free = drawn - rules
    if not rules.any() or not free.any():
        return np.zeros(drawn.shape, bool)
    x, y, width, height = cv2.boundingRect(free)
    room = ASIDE * shape[1]
    under = np.nonzero(rules)[0].mean() > y + height / 2
    narrow = x >= room and x + width <= shape[1] - room
    return (rules > 0) & (shape[1] >= shape[0] or (under and narrow))


def ink_box(ink: np.ndarray, least: float = 0.5) -> tuple[int, int, int, int] | None:
    """The box (x, y, width, height) in pixels around all ink of at least `least`; None without ink."""
    x, y, width, height = cv2.boundingRect((ink >= least).astype(np.uint8))
    return (x, y, width, height) if width else None


def is_bare_stroke(ink: np.ndarray) -> bool:
    """Whether this may be a 1, an l or an I: one piece, much higher than wide."""
    box = ink_box(ink)
    if box is None or box[2] >= BARE * box[3]:
        return False
    x, y, width, height = box
    return cv2.connectedComponents((ink[y : y + height, x : x + width] >= 0.5).astype(np.uint8))[0] == 2


def pen_width(depth: np.ndarray) -> float:
    """Mean pen width in pixels, from each ink pixel's distance to the contour (a bar's mean is a quarter)."""
    return 4 * float(cv2.mean(depth, (depth > 0).astype(np.uint8))[0])


def _is_dirt(stats: np.ndarray, shape: tuple[int, int], pen: float) -> np.ndarray:
    """Which parts (as OpenCV's statistics, one a row) are no part of the character."""
    left, top, width, height, area = stats.T
    pen = max(pen, 1)
    cut = _is_cut(stats, shape)
    across = (width == shape[1]) | (height == shape[0])
    speck = area < SPECK * pen**2
    ruled = _is_ruled(stats, shape, pen)
    if not _is_whole(stats[(area * ~(ruled | speck)).argmax()], shape):
        ruled[:] = False  # it may be a bar of the character, which is cut out closely
    loose = top.min() > 0 or (top + height).max() < shape[0]  # the picture is not cut out along the character
    no_character = speck | ruled | (loose & (width == shape[1]) & (height < FALL * width))
    main = (area if no_character.all() else np.where(no_character, 0, area)).argmax()
    longer = np.maximum(width, height)
    over_it = (left < left[main] + width[main]) & (left + width > left[main]) & (top + height <= top[main])
    dot = over_it & (longer <= DOT * pen)
    neighbour = (cut & ~dot & (area < EDGE_SHARE * area[main])) | across | ruled
    far_under = top >= top[main] + height[main] + UNDER_GAP * pen
    dirt = neighbour | speck | (far_under & (longer < UNDER * longer[main]))
    dirt[main] = False
    return dirt


def _is_cut(stats: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Which parts the picture's edge cuts."""
    left, top, width, height, _ = stats.T
    return (left == 0) | (top == 0) | (left + width == shape[1]) | (top + height == shape[0])


def _is_ruled(stats: np.ndarray, shape: tuple[int, int], pen: float) -> np.ndarray:
    """Which parts are level along the picture's top or bottom, pieces of a long line that an edge cuts."""
    _, top, width, height, _ = stats.T
    cut = _is_cut(stats, shape)
    level = (height <= np.maximum(2 * pen, FLAT * width)) & ((width > 2 * height) | cut)
    ruled = np.zeros(len(stats), bool)
    for near in (top + height <= BESIDE * shape[0], top >= (1 - BESIDE) * shape[0]):
        pieces = level & near
        if (pieces & cut).any() and width[pieces].sum() > REACH * shape[1]:
            ruled |= pieces
    return ruled


def _is_whole(part: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether a part may be a whole character that the picture's edge is nowhere near."""
    left, top, width, height, _ = part
    high, wide = shape
    across, down = min(left, wide - left - width), min(top, high - top - height)
    return across > ROOM * wide and down > ROOM * high and (width > SIZE * wide or height > SIZE * high)


def on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on paper that its visible part stands out from."""
    alpha = cv2.extractChannel(rgba, 3)
    picture = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    if cv2.minMaxLoc(alpha)[0] == 255:
        return picture
    visible = (alpha > 127).astype(np.uint8)
    share = cv2.mean(visible)[0]
    if share > 0.5:  # a picture with holes: the holes are paper too
        paper = np.array([_median(picture, channel, visible) for channel in range(3)])
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
    """The colour that most of the picture has, by channel: a character covers less than its paper."""
    step = max(1, min(picture.shape[:2]) // SAMPLE)
    some = np.ascontiguousarray(picture[::step, ::step])
    return np.array([_median(some, channel) for channel in range(3)])


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
