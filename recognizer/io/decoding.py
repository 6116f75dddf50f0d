"""Decode and check every kind of picture that a caller may hold: RGBA uint8 (H, W, 4)."""

import contextlib
import os
import struct
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from recognizer.errors import ImageError
from recognizer.io import pdf
from recognizer.io.decoder_limits import LimitedBytesIO, excess
from recognizer.io.drawing import Drawing
from recognizer.io.pixels import array_to_rgba, check_size, image_to_rgba

__all__ = ["ImageError", "ImageLike", "count_pages", "load_image", "pages"]

MAX_FILE_BYTES = 20_000_000
READ_CHUNK = 65_536  # bytes: to allocate MAX_FILE_BYTES for every file would take longer than reading it
MAX_PDF_PAGES = 100
MAX_EXIF_BYTES = 1_000_000  # longer EXIF data is ignored
UPRIGHT = 1  # the EXIF orientation of a picture that is not turned
# Pillow's; pillow-heif adds HEIC, recognizer.io.pdf PDF
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
HEIC_STARTS = tuple(b"ftyp" + brand for brand in HEIC_BRANDS)  # bytes 4 to 12 of a HEIC file
PDF_MARK, PDF_MARK_WITHIN = b"%PDF-", 1024  # PDF readers look for the mark in the first 1,024 bytes

NOT_FILES = (Drawing, np.ndarray, Image.Image)  # so never a PDF
ImageLike = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray | Drawing
"""Everything that `load_image` takes as a picture."""


def load_image(image: ImageLike, page: int = 0) -> np.ndarray:
    """Decode and check a picture.

    Grey, palette, CMYK and 16-bit pictures are converted. EXIF orientation is applied. An animation gives its
    first frame.

    Args:
        image: a path, the bytes of a file, a file object, a PIL image, an array (H, W), (H, W, 3) or
            (H, W, 4) of uint8 or of floats in [0, 1], or a `Drawing`.
        page: the page of a PDF, counted from 0.

    Returns:
        uint8 (H, W, 4): red, green, blue, alpha.

    Raises:
        ImageError: the file is no picture of a known format, is damaged or cut short, is larger than 20 MB,
            or would take its decoder too long; the picture is empty, has more than 25 megapixels or a side
            of more than 65,535 pixels (checked before decoding); the array has a wrong shape, type or range;
            the PDF is locked, has no such page, or takes too long to draw.
    """
    if isinstance(image, Drawing):
        return array_to_rgba(image.picture())
    if isinstance(image, np.ndarray):
        return array_to_rgba(image)
    if isinstance(image, Image.Image):
        return _decoded(image, "the image")
    with contextlib.closing(_pages_of(*_read_source(image), [page])) as drawn_pages:
        return next(drawn_pages)


def count_pages(image: ImageLike) -> int:
    """Count the pages of a PDF. Anything else counts as 1 page and is not decoded.

    Args:
        image: as `load_image` takes it.

    Raises:
        ImageError: the file cannot be opened or is too large; the PDF is locked, empty, or has more than
            100 pages.
    """
    return 1 if isinstance(image, NOT_FILES) else _count(*_read_source(image))


def pages(image: ImageLike) -> Iterator[np.ndarray]:
    """Decode the pages of a PDF one by one. Anything else gives one picture.

    Args:
        image: as `load_image` takes it.

    Yields:
        uint8 (H, W, 4), as from `load_image`.

    Raises:
        ImageError: as `load_image` and `count_pages`.
    """
    if isinstance(image, NOT_FILES):
        yield load_image(image)
        return
    raw, name = _read_source(image)
    yield from _pages_of(raw, name, range(_count(raw, name)))


def _read_source(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """A file's content, at most MAX_FILE_BYTES, and its name for messages."""
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
            f"{type(source).__name__} is not a picture: give a path, bytes, a file, a PIL image, "
            "a NumPy array or a Drawing"
        )
    if len(raw) > MAX_FILE_BYTES:
        raise ImageError(f"{name} is larger than 20 MB: save it smaller, for example as JPEG")
    return raw, name


def content_of(file: IO[bytes]) -> bytes:
    """Read a file to its end, but stop soon after MAX_FILE_BYTES: a longer result is not the whole file."""
    content = bytearray()
    while len(content) <= MAX_FILE_BYTES and (chunk := file.read(READ_CHUNK)):
        content += chunk
    return bytes(content)


def _is_pdf(raw: bytes) -> bool:
    return PDF_MARK in raw[:PDF_MARK_WITHIN]


def _count(raw: bytes, name: str) -> int:
    if not _is_pdf(raw):
        return 1
    count = pdf.count(raw, name)
    if count == 0:
        raise ImageError(f"{name} has no pages: give a PDF with something on it")
    if count > MAX_PDF_PAGES:
        raise ImageError(f"{name} has {count} pages, more than {MAX_PDF_PAGES}: split it")
    return count


def _pages_of(raw: bytes, name: str, numbers: Iterable[int]) -> Generator[np.ndarray]:
    """These pages of a PDF, counted from 0. Of any other file the one picture, whatever the numbers."""
    if not _is_pdf(raw):
        yield _from_file(raw, name)
        return
    yield from pdf.draw(raw, name, numbers)


def _from_file(raw: bytes, name: str) -> np.ndarray:
    formats: tuple[str, ...] = FORMATS
    is_heic = raw[4:12] in HEIC_STARTS
    if is_heic:
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats = ("HEIF",)
    if too_much := excess(raw):
        raise ImageError(f"{name} has {too_much}, as no camera writes: save it again, for example as PNG")
    try:
        image = _opened(raw, formats)
    # a GIF's frame larger than the GIF; the warning is raised only where warnings are made errors
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(f"{name} is larger than 25 megapixels: make it smaller, or crop it") from None
    except UnidentifiedImageError:
        if is_heic:
            raise ImageError(f"{name} is damaged or cut short: save or send it again") from None
        raise ImageError(
            f"{name} is not a picture that can be read: save it as {', '.join(FORMATS)}, HEIC or PDF"
        ) from None
    except Exception as error:  # a damaged header can make Pillow's parsers raise anything
        raise ImageError(f"{name} is damaged ({error}): save or send it again") from error
    return _decoded(image, name)


def _opened(raw: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Parse a file's header as `Image.open` does, but without its warning about more than 89 megapixels.

    `check_size` refuses such a picture with a message, so the warning would be noise. A filter would have to
    go into the process's one list of filters: `warnings.catch_warnings` swaps that list, which in a server
    with threads leaves a wrong one behind, and a permanent filter would hide the warning from the caller's
    own code. So this calls Pillow's parsers directly.

    Raises:
        UnidentifiedImageError: the file is in none of these formats.
    """
    Image.preinit()
    file = LimitedBytesIO(raw)
    for name in formats:
        if name not in Image.OPEN:
            Image.init()  # loads the less usual formats
        parse, accepts = Image.OPEN[name]
        accepted = accepts(raw[:16]) if accepts else True
        if accepted and not isinstance(accepted, str):  # a string says why this Pillow cannot read it
            file.seek(0)
            # as in Image.open: these mean that the file is not in this format after all
            with contextlib.suppress(SyntaxError, IndexError, TypeError, struct.error):
                return parse(file, "")
    raise UnidentifiedImageError


def _decoded(image: Image.Image, name: str) -> np.ndarray:
    check_size(image.width, image.height, name)
    try:
        image.load()
        if len(image.info.get("exif") or b"") <= MAX_EXIF_BYTES:
            with contextlib.suppress(Exception):  # EXIF is often wrong: then the picture stays as it is
                # exif_transpose copies even an upright picture
                if image.getexif().get(ExifTags.Base.Orientation, UPRIGHT) != UPRIGHT:
                    image = ImageOps.exif_transpose(image)
        return image_to_rgba(image)
    except ImageError:
        raise
    except Exception as error:  # damaged data can make any decoder raise anything
        raise ImageError(f"{name} is damaged or cut short ({error}): save or send it again") from error
