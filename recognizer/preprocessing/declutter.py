"""Which ink is the character's, on a picture of one: specks, ruled lines and neighbours are left out."""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box, pen_width
from recognizer.preprocessing.ruled_lines import without_rules

BARE = 0.45  # width over height: narrower, a single piece is a stroke, and a character
SPECK = 0.35  # of a dot of the pen: a smaller spot is dirt
DOT = 3.0  # pens: a part no larger, right over the rest, is the dot of an i, even at the picture's edge
UNDER, UNDER_GAP = 0.6, 1.5  # of the longer side, pens: what is smaller, so far under it, is no part of it
# of the picture's width
LONG = 0.9  # a printed line is at least so long
CROSSED = 0.15  # where a character's strokes cross it, it is broken no longer
ASIDE = 0.08  # this much of it is free on both sides of a character
EDGE_SHARE = 0.5  # of the character's ink: less than this, cut by the picture's edge, is a neighbour's
# of the picture's side
BESIDE = 0.2  # a level line this near to the edge may be a ruled one
REACH = 0.35  # it, or its pieces together, is longer
FLAT = 0.12  # of its length: it is thinner
THIN, HAIR = 0.6, 2  # of the pen: an upright one is thinner; pixels: or may be so thick, however short
FALL = 0.35  # of its length: a line that falls more has a character on it
ROOM, SIZE = 0.05, 0.2  # around a whole character; its height or width is larger


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


def is_bare_stroke(ink: np.ndarray) -> bool:
    """Whether this may be a 1, an l or an I: one piece, much higher than wide."""
    box = ink_box(ink)
    if box is None or box[2] >= BARE * box[3]:
        return False
    x, y, width, height = box
    return cv2.connectedComponents((ink[y : y + height, x : x + width] >= 0.5).astype(np.uint8))[0] == 2


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


def _is_dirt(stats: np.ndarray, shape: tuple[int, int], pen: float) -> np.ndarray:
    """Which parts (as OpenCV's statistics, one a row) are no part of the character."""
    left, top, width, height, area = stats.T
    pen = max(pen, 1)
    cut = (left == 0) | (top == 0) | (left + width == shape[1]) | (top + height == shape[0])
    across = (width == shape[1]) | (height == shape[0])
    speck = area < SPECK * pen**2
    level, upright = stats[:, :4], stats[:, [1, 0, 3, 2]]
    ruled = _is_ruled(level, shape, np.maximum(2 * pen, FLAT * width), cut)
    hair = np.minimum(THIN * pen, np.maximum(HAIR, FLAT * height))  # an upright one that is thicker: a stem
    ruled |= _is_ruled(upright, shape[::-1], hair, cut)
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


def _is_ruled(boxes: np.ndarray, shape: tuple[int, int], thickest: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Which parts are level along the picture's top or bottom, pieces of a long line that an edge cuts.

    With across and down exchanged: upright along its left or right.

    Args:
        boxes: (N, 4), left, top, width and height of each part.
        shape: (H, W) of the picture.
        thickest: pixels (N,), that each may be as a line.
        cut: bool (N,), by the picture's edge.
    """
    _, top, width, height = boxes.T
    level = (height <= thickest) & ((width > 2 * height) | cut)
    ruled = np.zeros(len(boxes), bool)
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
