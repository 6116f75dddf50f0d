"""Every kind of picture a caller may hold, decoded and checked: RGBA uint8 (H, W, 4)."""

import contextlib
import os
import warnings
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from recognizer.errors import ImageError
from recognizer.io.decoder_limits import Content, excess
from recognizer.io.drawing import Drawing

__all__ = ["ImageError", "ImageLike", "count_pages", "load_image", "pages"]

MOST_PIXELS = 25_000_000
MOST_SIDE = 65_535  # pixels: no JPEG is longer, and to find the parts of a much longer row takes gigabytes
MOST_BYTES = 20_000_000  # of a file
AT_ONCE = 65_536  # bytes that are read: memory for all that a file may have would cost more time than reading
MOST_PAGES = 100  # of a PDF
AT_A_TIME = 1_000_000  # pixels that are converted: a copy of a whole picture takes 100 MB or more
MOST_EXIF = 1_000_000  # bytes: what is longer is not looked at
UPRIGHT = 1  # in EXIF
KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")  # and HEIC by pillow-heif, PDF by recognizer.io.pdf
HEIC = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"))
PDF, PDF_WITHIN = b"%PDF-", 1024  # its readers look for its mark in the first 1,024 bytes
PDF_SIDE = 2500  # pixels: the longer side that a page of a PDF is drawn at

NO_FILE = (Drawing, np.ndarray, Image.Image)
ImageLike = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray | Drawing
"""What a picture may be given as; `load_image` says more."""


def load_image(image: ImageLike, page: int = 0) -> np.ndarray:
    """Decode and check a picture.

    Args:
        image: a path, the bytes of a file, a file object, a PIL image, or an array (H, W), (H, W, 3)
            or (H, W, 4) of uint8 or of floats in [0, 1], or the strokes of a canvas. Grey, palette, CMYK
            and 16-bit pictures are converted; EXIF orientation is applied; of an animation the first
            frame is taken.
        page: of a PDF, counted from 0.

    Returns:
        uint8 (H, W, 4), red, green, blue, alpha.

    Raises:
        ImageError: not an image, truncated, of a kind that is not read, a file of more than 20 MB, larger
            than 25 megapixels or longer than 65,535 pixels (found before decoding), empty, or an array of
            another shape, type or range; a PDF that is locked, has no such page, or takes too long to draw;
            a file that asks for endless work.
    """
    if isinstance(image, Drawing):
        return _from_array(image.picture())
    if isinstance(image, np.ndarray):
        return _from_array(image)
    if isinstance(image, Image.Image):
        return _decoded(image, "the image")
    with contextlib.closing(_pages(*_read(image), [page])) as one:
        return next(one)


def count_pages(image: ImageLike) -> int:
    """How many pages a PDF has; 1 of anything else, which is not looked at further.

    Args:
        image: as `load_image` takes it.

    Raises:
        ImageError: the file cannot be opened or is too large; a PDF is locked, empty, or has over 100 pages.
    """
    return 1 if isinstance(image, NO_FILE) else _count(*_read(image))


def pages(image: ImageLike) -> Iterator[np.ndarray]:
    """The pages of a PDF, one after the other, or the one picture that anything else is.

    Args:
        image: as `load_image` takes it.

    Yields:
        uint8 (H, W, 4), as `load_image`.

    Raises:
        ImageError: as `load_image` and `count_pages`.
    """
    if isinstance(image, NO_FILE):
        yield load_image(image)
        return
    raw, name = _read(image)
    yield from _pages(raw, name, range(_count(raw, name)))


def _read(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """The bytes of a file, no more than MOST_BYTES, and its name."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        raw, name = bytes(source), "the file"
    elif isinstance(source, (str, os.PathLike)):
        name = Path(source).name
        try:
            with Path(source).open("rb") as file:
                raw = content_of(file)
        except OSError as error:
            raise ImageError(
                f"{name} cannot be opened ({error.strerror or error}): check the path"
            ) from error
    elif hasattr(source, "read"):
        raw, name = content_of(source), str(getattr(source, "name", "the file"))
    else:
        raise ImageError(
            f"{type(source).__name__} is no picture: give a path, bytes, a file, a PIL image or a NumPy array"
        )
    if len(raw) > MOST_BYTES:
        raise ImageError(f"{name} is larger than 20 MB: save it smaller, as JPEG for example")
    return raw, name


def content_of(file: IO[bytes]) -> bytes:
    """All of a file, of one that is larger than MOST_BYTES hardly more than that."""
    content = bytearray()
    while len(content) <= MOST_BYTES and (more := file.read(AT_ONCE)):
        content += more
    return bytes(content)


def _is_pdf(raw: bytes) -> bool:
    return PDF in raw[:PDF_WITHIN]


def _count(raw: bytes, name: str) -> int:
    if not _is_pdf(raw):
        return 1
    from recognizer.io import pdf

    count = pdf.count(raw, name)
    if count == 0:
        raise ImageError(f"{name} has no pages: give a PDF with something on it")
    if count > MOST_PAGES:
        raise ImageError(f"{name} has {count} pages, more than {MOST_PAGES}: split it")
    return count


def _pages(raw: bytes, name: str, numbers: Iterable[int]) -> Generator[np.ndarray]:
    """These pages of a PDF, or the one picture that anything else is."""
    if not _is_pdf(raw):
        yield _from_file(raw, name)
        return
    from recognizer.io import pdf

    yield from pdf.draw(raw, name, numbers)


def _from_file(raw: bytes, name: str) -> np.ndarray:
    kinds: tuple[str, ...] = KINDS
    heic = raw[4:12] in HEIC
    if heic:
        import pillow_heif

        pillow_heif.register_heif_opener()
        kinds = ("HEIF",)
    if much := excess(raw):
        raise ImageError(f"{name} has {much}, no camera makes such: save it again, as PNG for example")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ours is the stricter limit
        try:
            image = Image.open(Content(raw), formats=kinds)
        except Image.DecompressionBombError:
            raise ImageError(f"{name} is larger than 25 megapixels: make it smaller, or crop it") from None
        except UnidentifiedImageError:
            if heic:
                raise ImageError(f"{name} is damaged or cut short: save or send it again") from None
            raise ImageError(
                f"{name} is not a picture that can be read: save it as one of {', '.join(KINDS)}, HEIC, PDF"
            ) from None
        except Exception as error:  # a damaged header makes Pillow's parsers raise anything
            raise ImageError(f"{name} is damaged ({error}): save or send it again") from error
        return _decoded(image, name)


def _decoded(image: Image.Image, name: str) -> np.ndarray:
    check_size(image.width, image.height, name)
    try:
        image.load()
        if len(image.info.get("exif") or b"") <= MOST_EXIF:
            with contextlib.suppress(Exception):  # what EXIF says is often wrong: then it stands as it is
                if image.getexif().get(ExifTags.Base.Orientation, UPRIGHT) != UPRIGHT:  # else it is copied
                    image = ImageOps.exif_transpose(image)
        return _rgba(image)
    except ImageError:
        raise
    except Exception as error:  # as above: damaged data reaches every decoder
        raise ImageError(f"{name} is damaged or cut short ({error}): save or send it again") from error


def _rgba(image: Image.Image) -> np.ndarray:
    """Any mode of Pillow's as RGBA; more than 8 bits are scaled down, not cut off."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, np.float64)
        low, high = values.min(), values.max()
        if not np.isfinite([low, high]).all():
            raise ImageError("the image holds values that are not numbers: save it again without them")
        most = 65535 if image.mode.startswith("I") else 1.0 if high <= 1 else 255.0
        return cv2.cvtColor(_scaled(values, most), cv2.COLOR_GRAY2RGBA)
    result = np.empty((image.height, image.width, 4), np.uint8)
    for rows in _strips(result):
        part = image.crop((0, rows.start, image.width, rows.stop))
        result[rows] = np.asarray(part.convert("RGBA"))
    return result


def _strips(array: np.ndarray) -> Iterator[slice]:
    """The rows of a picture (H, W, ...), about AT_A_TIME pixels after the other."""
    height, width = array.shape[:2]
    rows = max(1, AT_A_TIME // width)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _from_array(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)  # not a matrix, whose rows are matrices
    shape = array.shape
    if not (array.ndim == 2 or (array.ndim == 3 and shape[2] in (3, 4))):
        raise ImageError(f"an array of shape {shape} is no picture: give (H, W), (H, W, 3) or (H, W, 4)")
    check_size(shape[1], shape[0], "the array")
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
    return _scaled(array, 1.0)


def _scaled(values: np.ndarray, most: float) -> np.ndarray:
    """Numbers (H, W, ...) of which `most` is white as uint8."""
    result = np.empty(values.shape, np.uint8)
    for rows in _strips(values):
        result[rows] = np.rint(np.clip(values[rows] / most * 255, 0, 255))
    return result


def check_size(width: int, height: int, name: str) -> None:
    """Refuse a picture of no pixels, too many, or too many in a row.

    Raises:
        ImageError: so it is.
    """
    if width * height == 0:
        raise ImageError(f"{name} is empty ({width} x {height} pixels): give a picture with something on it")
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"{name} has {width} x {height} pixels, more than 25 megapixels: make it smaller, or crop it"
        )
    if max(width, height) > MOST_SIDE:
        raise ImageError(f"{name} has {width} x {height} pixels, a side of more than {MOST_SIDE:,}: crop it")
