"""Every kind of picture a caller may hold, decoded and checked: RGBA uint8 (H, W, 4)."""

import io
import os
import warnings
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from recognizer.strokes import Drawing

MOST_PIXELS = 25_000_000
KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")

ImageLike = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray | Drawing


class ImageError(Exception):
    """The picture cannot be read; the message says why and what to do."""


def load_image(image: ImageLike) -> np.ndarray:
    """Decode and check a picture.

    Args:
        image: a path, the bytes of a file, a file object, a PIL image, or an array (H, W), (H, W, 3)
            or (H, W, 4) of uint8 or of floats in [0, 1], or the strokes of a canvas. Grey, palette, CMYK
            and 16-bit pictures are converted; EXIF orientation is applied; of an animation the first
            frame is taken.

    Returns:
        uint8 (H, W, 4), red, green, blue, alpha.

    Raises:
        ImageError: not an image, truncated, of a kind that is not read, larger than 25 megapixels
            (found before decoding), empty, or an array of another shape, type or range.
    """
    if isinstance(image, Drawing):
        return _from_array(image.picture())
    if isinstance(image, np.ndarray):
        return _from_array(image)
    if isinstance(image, Image.Image):
        return _decoded(image, "the image")
    if isinstance(image, (str, os.PathLike)):
        path = Path(image)
        try:
            with path.open("rb") as file:
                return _from_file(file, path.name)
        except OSError as error:
            raise ImageError(
                f"{path.name} cannot be opened ({error.strerror or error}): check the path"
            ) from error
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _from_file(io.BytesIO(image), "the file")
    if hasattr(image, "read"):
        return _from_file(image, str(getattr(image, "name", "the file")))
    raise ImageError(
        f"{type(image).__name__} is no picture: give a path, bytes, a file, a PIL image or a NumPy array"
    )


def _from_file(file: BinaryIO, name: str) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ours is the stricter limit
        try:
            image = Image.open(file, formats=KINDS)
        except Image.DecompressionBombError:
            raise ImageError(f"{name} is larger than 25 megapixels: make it smaller, or crop it") from None
        except UnidentifiedImageError:
            raise ImageError(
                f"{name} is not a picture that can be read: save it as one of {', '.join(KINDS)}"
            ) from None
        except Exception as error:  # a damaged header makes Pillow's parsers raise anything
            raise ImageError(f"{name} is damaged ({error}): save or send it again") from error
        return _decoded(image, name)


def _decoded(image: Image.Image, name: str) -> np.ndarray:
    _check_size(image.width, image.height, name)
    try:
        return _rgba(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except Exception as error:  # as above: damaged data reaches every decoder
        raise ImageError(f"{name} is damaged or cut short ({error}): save or send it again") from error


def _rgba(image: Image.Image) -> np.ndarray:
    """Any mode of Pillow's as RGBA; more than 8 bits are scaled down, not cut off."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, np.float64)
        if not np.isfinite(values).all():
            raise ImageError("the image holds values that are not numbers: save it again without them")
        most = 65535 if image.mode.startswith("I") else 1.0 if values.max() <= 1 else 255.0
        grey = np.clip(values / most * 255, 0, 255)
        return cv2.cvtColor(np.rint(grey).astype(np.uint8), cv2.COLOR_GRAY2RGBA)
    return np.asarray(image.convert("RGBA"))


def _from_array(array: np.ndarray) -> np.ndarray:
    shape = array.shape
    if not (array.ndim == 2 or (array.ndim == 3 and shape[2] in (3, 4))):
        raise ImageError(f"an array of shape {shape} is no picture: give (H, W), (H, W, 3) or (H, W, 4)")
    _check_size(shape[1], shape[0], "the array")
    if array.dtype != np.uint8:
        array = _to_bytes(array)
    if array.ndim == 2:
        return cv2.cvtColor(array, cv2.COLOR_GRAY2RGBA)
    return array if shape[2] == 4 else cv2.cvtColor(array, cv2.COLOR_RGB2RGBA)


def _to_bytes(array: np.ndarray) -> np.ndarray:
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"an array of {array.dtype} is no picture: give uint8, or floats in [0, 1]")
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 1):  # also false for NaN
        raise ImageError(f"floats from {low} to {high} are no picture: bring them into [0, 1], or give uint8")
    return np.rint(array * 255).astype(np.uint8)


def _check_size(width: int, height: int, name: str) -> None:
    if width * height == 0:
        raise ImageError(f"{name} is empty ({width} x {height} pixels): give a picture with something on it")
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"{name} has {width} x {height} pixels, more than 25 megapixels: make it smaller, or crop it"
        )
