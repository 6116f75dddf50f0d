"""Convert decoded pixels of any type to RGBA uint8 (H, W, 4); refuse pictures that are empty or too large."""

from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from recognizer.errors import ImageError

MAX_PIXELS = 25_000_000  # in a picture: 100 MB as RGBA
MAX_SIDE = 65_535  # pixels, a JPEG's limit; labelling the ink of a much longer row takes gigabytes
PIXELS_AT_ONCE = 1_000_000  # converted at once: an intermediate copy of a whole picture takes 100 MB or more


def image_to_rgba(image: Image.Image) -> np.ndarray:
    """Convert a picture of any of Pillow's modes; more than 8 bits are scaled down, not clipped.

    Args:
        image: with its pixels loaded.

    Returns:
        uint8 (H, W, 4).

    Raises:
        ImageError: it has values that are not finite.
    """
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, np.float64)
        low, high = values.min(), values.max()
        if not np.isfinite([low, high]).all():
            raise ImageError("the image holds values that are not numbers: save it again without them")
        white = 65535 if image.mode.startswith("I") else 1.0 if high <= 1 else 255.0
        return cv2.cvtColor(_to_uint8(values, white), cv2.COLOR_GRAY2RGBA)
    rgba = np.empty((image.height, image.width, 4), np.uint8)
    for rows in _row_blocks(rgba):
        block = image.crop((0, rows.start, image.width, rows.stop))
        rgba[rows] = np.asarray(block.convert("RGBA"))
    return rgba


def _row_blocks(array: np.ndarray) -> Iterator[slice]:
    """The rows of an array (H, W, ...) in blocks of about PIXELS_AT_ONCE pixels."""
    height, width = array.shape[:2]
    block_height = max(1, PIXELS_AT_ONCE // width)
    for top in range(0, height, block_height):
        yield slice(top, min(top + block_height, height))


def array_to_rgba(array: np.ndarray) -> np.ndarray:
    """Convert an array that holds a picture.

    Args:
        array: (H, W), (H, W, 3) or (H, W, 4) of uint8 or of floats in [0, 1].

    Returns:
        uint8 (H, W, 4), maybe the same array.

    Raises:
        ImageError: it has another shape, type or range, or the wrong size.
    """
    array = np.asarray(array)  # drops subclasses such as np.matrix, which index differently
    shape = array.shape
    if not (array.ndim == 2 or (array.ndim == 3 and shape[2] in (3, 4))):
        raise ImageError(f"an array of shape {shape} is not a picture: give (H, W), (H, W, 3) or (H, W, 4)")
    check_size(shape[1], shape[0], "the array")
    if array.dtype != np.uint8:
        array = _floats_to_uint8(array)
    if array.ndim == 2:
        return cv2.cvtColor(array, cv2.COLOR_GRAY2RGBA)
    return array if shape[2] == 4 else cv2.cvtColor(array, cv2.COLOR_RGB2RGBA)


def _floats_to_uint8(array: np.ndarray) -> np.ndarray:
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"an array of {array.dtype} is not a picture: give uint8, or floats in [0, 1]")
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 1):  # catches NaN too
        raise ImageError(
            f"floats from {low} to {high} are not a picture: scale them to [0, 1], or give uint8"
        )
    return _to_uint8(array, 1.0)


def _to_uint8(values: np.ndarray, white: float) -> np.ndarray:
    """Scale numbers (H, W, ...) so that 0 becomes 0 and `white` becomes 255, clipped."""
    result = np.empty(values.shape, np.uint8)
    for rows in _row_blocks(values):
        result[rows] = np.rint(np.clip(values[rows] / white * 255, 0, 255))
    return result


def check_size(width: int, height: int, name: str) -> None:
    """Refuse a picture that is empty or too large.

    Args:
        width, height: of the picture in pixels.
        name: of the picture, for the message.

    Raises:
        ImageError: the picture has no pixels, more than MAX_PIXELS, or a side of more than MAX_SIDE.
    """
    if width * height == 0:
        raise ImageError(f"{name} is empty ({width} x {height} pixels): give a picture with something on it")
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width} x {height} pixels, more than 25 megapixels: make it smaller, or crop it"
        )
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"{name} has {width} x {height} pixels, a side of more than {MAX_SIDE:,}: crop it")
