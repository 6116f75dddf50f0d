"""Ink to the 28x28 glyph that a network was trained on: one character, one recipe.

Two things are undone first that no set of characters varies freely: where and how large the
character stands, and how thick the pen was. Then the recipe of the training set is followed.
"""

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box, pen_width

GLYPH = 28  # pixels a side

# Characters are worked on at one size, so that nothing below depends on the picture's resolution.
WORK = 96  # pixels of the longer side
FORM = 44  # pixels of the longer side on the forms at 128x128 that gives SD19's mean size at 28x28

# Pen width over the longer side; between the 25th and the 65th percentile of NIST SD19 a pen is left
# as it is, a thinner or thicker one is brought to that end.
PEN_RANGE = (0.10, 0.14)
DOT = 0.3  # of the longer side: a part this small is a dot
DOT_GAP = 8.0  # pixels of the work that stay free between a dot and the rest: two of the glyph
MARGIN = 12  # pixels around the work, room for the thinnest pen to grow and for distances to fall

EMNIST_BLUR = 1.0  # sigma in form pixels (Cohen et al. 2017, fig. 1)
EMNIST_BORDER = 5.0  # form pixels: 3 that the blur reaches beyond the ink, and the recipe's 2
MNIST_BOX = 20  # pixels a side of the box that LeCun fitted characters into
MNIST_CENTRE = 14  # index of the column and row of the centre of mass, as measured on the training set


def glyph(ink: np.ndarray, recipe: str, side: int = GLYPH) -> np.ndarray:
    """One character's ink as the 28x28 glyph of a recipe.

    Args:
        ink: float32 (H, W) in [0, 1], 1 = ink; anywhere, at any size, with any pen.
        recipe: "mnist" or "emnist".
        side: pixels a side, where a network sees more than 28 (the EMNIST recipe alone).

    Returns:
        float32 (side, side) in [0, 1]; all zero without ink.
    """
    shape = normalized(ink)
    if shape is None:
        return np.zeros((side, side), np.float32)
    if recipe == "mnist" and side == GLYPH:
        return mnist_glyph(shape)
    if recipe == "emnist":
        return emnist_glyph(shape, max(_box_of(shape)[2:]) / FORM, side)
    raise ValueError(f"no recipe {recipe!r} at {side} pixels: there are 'mnist' and 'emnist', mnist at 28")


def shown(glyph: np.ndarray) -> np.ndarray:
    """A glyph (side, side) as the 28x28 of a `Character`."""
    return glyph if len(glyph) == GLYPH else cv2.resize(glyph, (GLYPH, GLYPH), interpolation=cv2.INTER_AREA)


def normalized(ink: np.ndarray) -> np.ndarray | None:
    """The character alone, its longer side about WORK pixels, its pen within PEN_RANGE.

    Returns:
        float32 (h, w) in [0, 1] with a margin around the ink; None without ink.
    """
    box = ink_box(ink)
    if box is None:
        return None
    x, y, width, height = box
    # with one pixel around the box: its grey tells where the contour runs
    crop = ink[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1]
    scale = WORK / max(width, height)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    work = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    most = float(work.max())  # of a stroke much thinner than a pixel of the work little is left
    drawn = (work >= (0.5 if most >= 0.5 else most / 2)).astype(np.uint8)
    inside = cv2.copyMakeBorder(drawn, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT)
    return _with_pen_in_range(inside)


def _with_pen_in_range(inside: np.ndarray) -> np.ndarray:
    """Move the contour outwards or inwards until the pen is as wide as a pen of the sets."""
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - 0.5
    height = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) - 0.5
    level = np.where(inside, depth, -height)  # signed distance to the contour, positive inside
    pen = pen_width(np.maximum(depth, 0))
    aim = min(max(pen, PEN_RANGE[0] * WORK), PEN_RANGE[1] * WORK)
    grown = np.clip(level + ((aim - pen) / 2 + 0.5), 0, 1)
    if aim > pen:  # but a dot must not run into its stem
        grown = np.maximum(np.minimum(grown, _apart_from_dots(inside)), inside)
    if aim < pen:  # strokes thinner than most must not vanish: keep the middle of every stroke
        grown = np.maximum(grown, _middle_lines(depth, aim))
    return grown


def _apart_from_dots(inside: np.ndarray) -> np.ndarray:
    """Where ink may grow so that paper is left around dots: float32 in [0, 1], 0 = paper stays."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    small = stats[1:, 2:4].max(axis=1) < DOT * WORK
    if small.all() or not small.any():
        return np.ones(inside.shape, np.float32)
    above = stats[1:, 1] + stats[1:, 3] < stats[1:, 1][~small].min() + 0.1 * WORK
    dots = np.append(False, small & above)
    if not dots.any():
        return np.ones(inside.shape, np.float32)
    to_dot, to_rest = (
        cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 5)
        for where in (dots[parts], (parts > 0) & ~dots[parts])
    )
    return np.clip(np.abs(to_dot - to_rest) - DOT_GAP + 0.5, 0, 1)


def _middle_lines(depth: np.ndarray, pen: float) -> np.ndarray:
    """The ridge of the distance to the contour, drawn with a pen of this width."""
    ridge = (depth > 0.5) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    away = cv2.distanceTransform(1 - ridge.astype(np.uint8), cv2.DIST_L2, 5)
    # no wider than the stroke was there
    return np.clip(np.minimum(pen / 2 - away, depth) + 0.5, 0, 1) * (depth > 0)


def emnist_glyph(ink: np.ndarray, form_pixel: float = 1.0, size: int = GLYPH) -> np.ndarray:
    """The EMNIST recipe: blur, crop, square with a border, bicubic to 28x28, full range.

    Cohen et al. 2017, arXiv 1702.05373, fig. 1. On characters that stand both in NIST SD19 and in
    EMNIST the two results differ by 0.026 of the range (median of the mean differences).

    Args:
        ink: float32 (H, W) in [0, 1], one character.
        form_pixel: the size of a pixel of NIST's 128x128 forms in pixels of `ink`.
        size: pixels a side of the result.
    """
    blurred = cv2.GaussianBlur(ink, (0, 0), EMNIST_BLUR * form_pixel)
    x, y, width, height = _box_of(ink)
    side = max(width, height) + 2 * EMNIST_BORDER * form_pixel
    step = side / size
    left, top = x + width / 2 - side / 2, y + height / 2 - side / 2
    to_source = np.array([[step, 0, left + step / 2 - 0.5], [0, step, top + step / 2 - 0.5]], np.float32)
    result = cv2.warpAffine(blurred, to_source, (size, size), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    result = np.maximum(result, 0)
    return result / result.max()


def mnist_glyph(ink: np.ndarray) -> np.ndarray:
    """The MNIST recipe: fit into 20x20 by area, the centre of mass at the centre of 28x28.

    LeCun et al. 1998 and the MNIST page; the shift is by whole pixels, as theirs was.

    Args:
        ink: float32 (H, W) in [0, 1], one character.
    """
    x, y, width, height = _box_of(ink)
    scale = MNIST_BOX / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA)
    rows, columns = small.sum(axis=1), small.sum(axis=0)
    left = _offset(columns @ np.arange(size[0]) / columns.sum(), size[0])
    top = _offset(rows @ np.arange(size[1]) / rows.sum(), size[1])
    result = np.zeros((GLYPH, GLYPH), np.float32)
    result[top : top + size[1], left : left + size[0]] = small / small.max()
    return result


def _box_of(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The box around ink that there is.

    Raises:
        ValueError: there is none.
    """
    box = ink_box(ink)
    if box is None:
        raise ValueError("no glyph can be made without ink: look with `ink_box` whether there is any")
    return box


def _offset(centre: float, extent: int) -> int:
    """Where a box of `extent` pixels begins so that its centre of mass is in the middle."""
    return min(max(round(MNIST_CENTRE - centre), 0), GLYPH - extent)
