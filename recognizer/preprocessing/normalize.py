"""Turn one character's ink into the 28x28 glyph that a network was trained on, by that training set's recipe.

The recipe comes last. First, two things are normalized that no training set varies freely: the character's
place and size on the picture, and the width of the pen.
"""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box, pen_width

GLYPH = 28  # pixels per side of a glyph

# Every character is first brought to one size, so that nothing below depends on the picture's resolution.
WORK_SIDE = 96  # pixels of the character's longer side, here called work pixels
# The same side on NIST's forms at 128x128: the value that gives the mean size of SD19's characters at 28x28
NIST_SIDE = 44

# Pen width over the character's longer side: the 25th and the 65th percentile of NIST SD19. A pen in this
# range is left as it is; a thinner or thicker one is brought to the nearer end.
PEN_RANGE = (0.10, 0.14)
DOT_SIZE = 0.3  # of WORK_SIDE: a smaller part may be a dot
DOT_HEIGHT = 0.1  # of WORK_SIDE: how far a dot may reach below the top of the rest
DOT_GAP = 8.0  # work pixels kept free between a dot and the rest: two pixels of the glyph
MARGIN = 12  # work pixels of paper around the character: room for the thinnest pen to grow

EMNIST_BLUR = 1.0  # sigma in pixels of NIST's forms (Cohen et al. 2017, fig. 1)
EMNIST_BORDER = 5.0  # pixels of NIST's forms: 3 by which the blur widens the ink, and the recipe's 2
MNIST_BOX = 20  # pixels per side of the box into which LeCun fitted characters
MNIST_CENTRE = 14  # column and row of the centre of mass, as measured on MNIST's training set


def glyph(ink: np.ndarray, recipe: str, side: int = GLYPH) -> np.ndarray:
    """Make the glyph of one character.

    Args:
        ink: float32 (H, W) in [0, 1], 1 = ink; the character anywhere, at any size, with any pen.
        recipe: "mnist" or "emnist".
        side: pixels per side of the glyph; other than 28 only for "emnist".

    Returns:
        float32 (side, side) in [0, 1]; all zero without ink.

    Raises:
        ValueError: there is no such recipe at this size.
    """
    character = normalized(ink)
    if character is None:
        return np.zeros((side, side), np.float32)
    if recipe == "mnist" and side == GLYPH:
        return mnist_glyph(character)
    if recipe == "emnist":
        return emnist_glyph(character, max(_box_of(character)[2:]) / NIST_SIDE, side)
    raise ValueError(
        f"no recipe {recipe!r} at {side} pixels: choose 'mnist' at {GLYPH} pixels, or 'emnist' at any size"
    )


def as_28x28(glyph: np.ndarray) -> np.ndarray:
    """Bring a glyph (side, side) of any size to the 28x28 of `Character.glyph`."""
    return glyph if len(glyph) == GLYPH else cv2.resize(glyph, (GLYPH, GLYPH), interpolation=cv2.INTER_AREA)


def normalized(ink: np.ndarray) -> np.ndarray | None:
    """Crop to the character, scale its longer side to about WORK_SIDE, and bring its pen into PEN_RANGE.

    Args:
        ink: float32 (H, W) in [0, 1].

    Returns:
        float32 (h, w) in [0, 1] with MARGIN around the character; None without ink.
    """
    box = ink_box(ink)
    if box is None:
        return None
    x, y, width, height = box
    # one pixel more on every side: its grey level tells where between the pixels the contour runs
    crop = ink[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1]
    scale = WORK_SIDE / max(width, height)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    scaled = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    darkest = float(scaled.max())  # far below 1 if all strokes are much thinner than a work pixel
    drawn = (scaled >= (0.5 if darkest >= 0.5 else darkest / 2)).astype(np.uint8)
    inside = cv2.copyMakeBorder(drawn, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT)
    return _with_pen_in_range(inside)


def _with_pen_in_range(inside: np.ndarray) -> np.ndarray:
    """Move the contour outwards or inwards until the pen is in PEN_RANGE: float32 (h, w) in [0, 1].

    Args:
        inside: uint8 (h, w), 1 = ink, in work pixels.
    """
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - 0.5
    distance_outside = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) - 0.5
    signed_distance = np.where(inside, depth, -distance_outside)  # to the contour, positive inside
    pen = pen_width(np.maximum(depth, 0))
    target_pen = min(max(pen, PEN_RANGE[0] * WORK_SIDE), PEN_RANGE[1] * WORK_SIDE)
    ink = np.clip(signed_distance + ((target_pen - pen) / 2 + 0.5), 0, 1)
    if target_pen > pen:  # a dot must not grow into its stem
        ink = np.maximum(np.minimum(ink, _room_around_dots(inside)), inside)
    if target_pen < pen:  # strokes thinner than the mean must not vanish: keep the middle of each
        ink = np.maximum(ink, _middle_lines(depth, target_pen))
    return ink


def _room_around_dots(inside: np.ndarray) -> np.ndarray:
    """Where ink may grow without closing the gap between a dot and the rest: float32 (h, w), 0 = nowhere."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    is_small = stats[1:, 2:4].max(axis=1) < DOT_SIZE * WORK_SIDE
    if is_small.all() or not is_small.any():
        return np.ones(inside.shape, np.float32)
    top_of_rest = stats[1:, 1][~is_small].min()
    is_above = stats[1:, 1] + stats[1:, 3] < top_of_rest + DOT_HEIGHT * WORK_SIDE
    is_dot = np.append(False, is_small & is_above)
    if not is_dot.any():
        return np.ones(inside.shape, np.float32)
    to_dot, to_rest = (
        cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 5)
        for ink in (is_dot[parts], (parts > 0) & ~is_dot[parts])
    )
    return np.clip(np.abs(to_dot - to_rest) - DOT_GAP + 0.5, 0, 1)


def _middle_lines(depth: np.ndarray, pen: float) -> np.ndarray:
    """The middle line of every stroke, drawn with a pen of this width: float32 (h, w) in [0, 1]."""
    ridge = (depth > 0.5) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    to_ridge = cv2.distanceTransform(1 - ridge.astype(np.uint8), cv2.DIST_L2, 5)
    # nowhere wider than the stroke was
    return np.clip(np.minimum(pen / 2 - to_ridge, depth) + 0.5, 0, 1) * (depth > 0)


def emnist_glyph(ink: np.ndarray, form_pixel: float = 1.0, side: int = GLYPH) -> np.ndarray:
    """The EMNIST recipe: blur, crop, square with a border, bicubic to 28x28, full range.

    Cohen et al. 2017, arXiv 1702.05373, fig. 1. On characters that are both in NIST SD19 and in EMNIST, this
    function's glyphs differ from EMNIST's by 0.026 of the range (median of the mean differences).

    Args:
        ink: float32 (H, W) in [0, 1], one character.
        form_pixel: the size of one pixel of NIST's 128x128 forms, in pixels of `ink`.
        side: pixels per side of the glyph.

    Returns:
        float32 (side, side) in [0, 1].

    Raises:
        ValueError: there is no ink.
    """
    blurred = cv2.GaussianBlur(ink, (0, 0), EMNIST_BLUR * form_pixel)
    x, y, width, height = _box_of(ink)
    square = max(width, height) + 2 * EMNIST_BORDER * form_pixel
    step = square / side
    left, top = x + width / 2 - square / 2, y + height / 2 - square / 2
    to_ink = np.array([[step, 0, left + step / 2 - 0.5], [0, step, top + step / 2 - 0.5]], np.float32)
    result = cv2.warpAffine(blurred, to_ink, (side, side), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    result = np.maximum(result, 0)
    return result / result.max()


def mnist_glyph(ink: np.ndarray) -> np.ndarray:
    """The MNIST recipe: fit into 20x20 by area, move the centre of mass to the centre of 28x28.

    LeCun et al. 1998 and the MNIST page. The move is by whole pixels, as theirs was.

    Args:
        ink: float32 (H, W) in [0, 1], one character.

    Returns:
        float32 (28, 28) in [0, 1].

    Raises:
        ValueError: there is no ink.
    """
    x, y, width, height = _box_of(ink)
    scale = MNIST_BOX / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA)
    rows, columns = small.sum(axis=1), small.sum(axis=0)
    left = _start(columns @ np.arange(size[0]) / columns.sum(), size[0])
    top = _start(rows @ np.arange(size[1]) / rows.sum(), size[1])
    result = np.zeros((GLYPH, GLYPH), np.float32)
    result[top : top + size[1], left : left + size[0]] = small / small.max()
    return result


def _box_of(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The box (x, y, width, height) around the ink.

    Raises:
        ValueError: there is no ink.
    """
    box = ink_box(ink)
    if box is None:
        raise ValueError("no glyph can be made without ink: check with `ink_box` first")
    return box


def _start(centre: float, length: int) -> int:
    """Where a box of `length` pixels starts in the glyph so that its centre of mass is in the middle."""
    return min(max(round(MNIST_CENTRE - centre), 0), GLYPH - length)
