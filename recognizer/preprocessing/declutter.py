"""Keep one character's ink: take specks, ruled lines and neighbours off a picture of a single character."""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box, pen_width
from recognizer.preprocessing.ruled_lines import without_rules

BARE_ASPECT = 0.45  # width over height: a single piece of ink that is narrower is one bare stroke

# Parts of the ink that are no part of the character. "Pen" is the measured pen width.
SPECK_AREA = 0.35  # in squared pens: a smaller part is a speck; a dot of the pen has 0.8
DOT_SIZE = 3.0  # pens: a part no larger, right above the rest, is the dot of an i even at the picture's edge
STRAY_SIZE = 0.6  # of the character's longer side: a smaller part may be a stray mark below it
STRAY_GAP = 1.5  # pens between the character and a stray mark below it
NEIGHBOUR_AREA = 0.5  # of the character's area: a smaller part cut by the picture's edge is a neighbour's

# Printed lines across the picture, in shares of its width
RULE_LENGTH = 0.9  # a line is at least this long
RULE_BREAK = 0.15  # strokes that cross a line interrupt it for at most this long
FREE_SIDE = 0.08  # a character that stands on a line has this much paper on both sides

# Ruled lines along an edge of the picture
EDGE_ZONE = 0.2  # of the picture's side: how near to the edge a line is
RULED_LENGTH = 0.35  # of the picture's side: the pieces of a line are together at least this long
RULED_FLATNESS = 0.12  # a line's thickness over its length, at most
LEVEL_RULE_PENS = 2  # pens: a level line may be this thick, however short it is
UPRIGHT_RULE_PIXELS = 2  # pixels: an upright line may be this thick, however short it is
UPRIGHT_RULE_PENS = 0.6  # pens: but if it is thicker than this, it is a stem

# Height over width of a line across the picture, at most: something higher has a character on it
SLANTED_LINE_ASPECT = 0.35

# A whole character, in shares of the picture's sides
WHOLE_MARGIN = 0.05  # it has at least this much paper on every side
WHOLE_SIZE = 0.2  # its width or its height is at least this


def only_character(ink: np.ndarray) -> np.ndarray:
    """Remove specks, ruled lines and pieces of neighbours that the picture's edge cuts off.

    Args:
        ink: float32 (H, W) in [0, 1], of a picture that shows one character.

    Returns:
        float32 (H, W); the same array if there is nothing to remove.
    """
    box = ink_box(ink)
    if box is None:  # OpenCV crashes on an array without pixels
        return ink
    x, y, width, height = box
    window = np.s_[y : y + height, x : x + width]
    drawn = (ink[window] >= 0.5).astype(np.uint8)
    # only where ink spans the width but not the height; a picture where it spans both is cropped to its ink
    if width == ink.shape[1] and height < ink.shape[0]:
        rules = _rules_across(drawn, ink.shape)
        if rules.any():
            ink = ink.copy()
            ink[window][rules] = 0
            return only_character(ink)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    if count <= 2:  # paper, and a single part
        return ink
    depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)
    pen = pen_width(np.maximum(np.subtract(depth, 0.5, out=depth), 0, out=depth))
    stats_in_picture = stats[1:] + np.array([x, y, 0, 0, 0], stats.dtype)
    is_dirt = np.append(False, _is_dirt(stats_in_picture, ink.shape, pen))
    clean = ink.copy()
    clean[window][is_dirt[parts]] = 0
    return clean


def is_bare_stroke(ink: np.ndarray) -> bool:
    """Whether the ink may be a 1, an l or an I: a single piece, much taller than wide.

    Args:
        ink: float32 (H, W) in [0, 1].
    """
    box = ink_box(ink)
    if box is None or box[2] >= BARE_ASPECT * box[3]:
        return False
    x, y, width, height = box
    return cv2.connectedComponents((ink[y : y + height, x : x + width] >= 0.5).astype(np.uint8))[0] == 2


def _rules_across(drawn: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Find printed lines in ink that reaches from the picture's left edge to its right: bool (h, w).

    A picture cropped to a T has the T's bar from edge to edge. So in a picture taller than wide, a line
    counts as printed only if the character stands on it and is narrower than the picture.

    Args:
        drawn: uint8 (h, w), 1 = ink; all ink of the picture, cropped to it.
        shape: (H, W) of the picture.
    """
    rules = (without_rules(drawn) != drawn).astype(np.uint8)
    bridged = cv2.dilate(rules, np.ones((3, round(RULE_BREAK * shape[1]) + 1), np.uint8))
    _, parts, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    is_long = stats[:, cv2.CC_STAT_WIDTH] >= RULE_LENGTH * shape[1]
    rules &= is_long[parts] & (parts > 0)
    character = drawn - rules
    if not rules.any() or not character.any():
        return np.zeros(drawn.shape, bool)
    x, y, width, height = cv2.boundingRect(character)
    side = FREE_SIDE * shape[1]
    is_below = np.nonzero(rules)[0].mean() > y + height / 2
    is_narrower = x >= side and x + width <= shape[1] - side
    return (rules > 0) & (shape[1] >= shape[0] or (is_below and is_narrower))


def _is_dirt(stats: np.ndarray, shape: tuple[int, int], pen: float) -> np.ndarray:
    """Which parts do not belong to the character: bool (N,).

    Args:
        stats: (N, 5), left, top, width, height and area of each part, in pixels of the picture.
        shape: (H, W) of the picture.
        pen: width in pixels.
    """
    left, top, width, height, area = stats.T
    pen = max(pen, 1)
    is_cut = (left == 0) | (top == 0) | (left + width == shape[1]) | (top + height == shape[0])
    is_across = (width == shape[1]) | (height == shape[0])
    is_speck = area < SPECK_AREA * pen**2
    level_boxes, upright_boxes = stats[:, :4], stats[:, [1, 0, 3, 2]]  # the latter with x and y exchanged
    level_thickness = np.maximum(LEVEL_RULE_PENS * pen, RULED_FLATNESS * width)
    upright_thickness = np.minimum(
        UPRIGHT_RULE_PENS * pen, np.maximum(UPRIGHT_RULE_PIXELS, RULED_FLATNESS * height)
    )
    is_ruled = _is_ruled(level_boxes, shape, level_thickness, is_cut)
    is_ruled |= _is_ruled(upright_boxes, shape[::-1], upright_thickness, is_cut)
    if not _is_whole(stats[(area * ~(is_ruled | is_speck)).argmax()], shape):
        is_ruled[:] = False  # it may be a bar of a character that the picture is cropped to
    is_uncropped = top.min() > 0 or (top + height).max() < shape[0]
    is_slanted_line = is_uncropped & (width == shape[1]) & (height < SLANTED_LINE_ASPECT * width)
    is_no_character = is_speck | is_ruled | is_slanted_line
    main = (area if is_no_character.all() else np.where(is_no_character, 0, area)).argmax()
    longer = np.maximum(width, height)
    is_above_main = (
        (left < left[main] + width[main]) & (left + width > left[main]) & (top + height <= top[main])
    )
    is_dot = is_above_main & (longer <= DOT_SIZE * pen)
    is_neighbour = is_cut & ~is_dot & (area < NEIGHBOUR_AREA * area[main])
    is_far_below = top >= top[main] + height[main] + STRAY_GAP * pen
    is_stray = is_far_below & (longer < STRAY_SIZE * longer[main])
    is_dirt = is_neighbour | is_across | is_ruled | is_speck | is_stray
    is_dirt[main] = False
    return is_dirt


def _is_ruled(
    boxes: np.ndarray, shape: tuple[int, int], max_thickness: np.ndarray, is_cut: np.ndarray
) -> np.ndarray:
    """Which parts are pieces of a ruled line along the picture's top or bottom: bool (N,).

    With x and y exchanged in all arguments: along its left or right.

    Args:
        boxes: (N, 4), left, top, width and height of each part.
        shape: (H, W) of the picture.
        max_thickness: (N,) in pixels, up to which each part may be a line.
        is_cut: bool (N,), whether the picture's edge cuts the part.
    """
    _, top, width, height = boxes.T
    is_level = (height <= max_thickness) & ((width > 2 * height) | is_cut)
    is_ruled = np.zeros(len(boxes), bool)
    for is_near_edge in (top + height <= EDGE_ZONE * shape[0], top >= (1 - EDGE_ZONE) * shape[0]):
        pieces = is_level & is_near_edge
        if (pieces & is_cut).any() and width[pieces].sum() > RULED_LENGTH * shape[1]:
            is_ruled |= pieces
    return is_ruled


def _is_whole(part: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether a part is large enough for a character and has paper between it and every edge."""
    left, top, width, height, _ = part
    picture_height, picture_width = shape
    side_margin = min(left, picture_width - left - width)
    top_margin = min(top, picture_height - top - height)
    has_margins = side_margin > WHOLE_MARGIN * picture_width and top_margin > WHOLE_MARGIN * picture_height
    return has_margins and (width > WHOLE_SIZE * picture_width or height > WHOLE_SIZE * picture_height)
