"""Files that are not what they are called, hold several pictures, or say what is not so."""

import struct
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from tests.characters import picture
from tests.hostile.made import MEGA, animated, chunk, encoded, heic, png
from tests.hostile.seeds import drawn_pdf, seeds

SEVEN = picture("7")
DRAWN = Image.fromarray(SEVEN)
LONGEST = dict.fromkeys(("PNG", "JPEG", "BMP", "TIFF", "GIF", "PDF"), 20_000) | {
    "WEBP": 16_383,
    "HEIF": 4_000,
}


def in_jpeg(segment: bytes) -> bytes:
    """A JPEG with something before its own segments."""
    raw = encoded(DRAWN, "JPEG")
    return raw[:2] + segment + raw[2:]


def with_exif(body: bytes) -> bytes:
    """A JPEG whose EXIF this is."""
    body = b"Exif\0\0" + body
    return in_jpeg(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)


def orientation(kind: int, count: int, value: int) -> bytes:
    """EXIF of an orientation alone."""
    return struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x0112, kind, count, value, 0)


def many_tags() -> bytes:
    """EXIF of 5,000 tags that share the same 60 kB."""
    tags = b"".join(struct.pack("<HHII", tag, 7, 60_000, 8) for tag in range(5_000))
    return struct.pack("<2sHIH", b"II", 42, 8, 5_000) + tags


def stripe(kind: str, width: int, height: int) -> bytes:
    """Noise of such a shape."""
    grey = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    return encoded(Image.fromarray(grey).convert("RGB"), kind)


def floats(values: np.ndarray) -> bytes:
    """A TIFF of floats."""
    return encoded(Image.fromarray(values.astype(np.float32)), "TIFF")


# a pair is a file's name and content
READ: dict[str, Callable[[], bytes | tuple[str, bytes]]] = {
    "JPEG named .png": lambda: ("photo.png", encoded(DRAWN, "JPEG")),
    "PNG named .pdf": lambda: ("scan.pdf", encoded(DRAWN, "PNG")),
    "PDF named .jpg": lambda: ("scan.jpg", drawn_pdf()),
    "PDF after 900 other bytes": lambda: b"\n" * 900 + drawn_pdf(),
    "PNG, animated": lambda: seeds()["PNG"][-1],
    "WebP, animated": lambda: seeds()["WebP"][-1],
    "GIF, animated, 300 frames": lambda: animated([DRAWN.rotate(angle) for angle in range(300)], "GIF"),
    "TIFF of several pages": lambda: animated([DRAWN] * 3, "TIFF"),
    "PDF of several pages": lambda: seeds()["PDF"][2],
    "HEIC of several pictures": lambda: heic([DRAWN, DRAWN.rotate(90), DRAWN]),
    "JPEG of several pictures": lambda: seeds()["JPEG"][-1],
    "JPEG, CMYK": lambda: encoded(DRAWN.convert("CMYK"), "JPEG"),
    "TIFF, CMYK": lambda: encoded(DRAWN.convert("CMYK"), "TIFF"),
    "PNG, half transparent palette": lambda: encoded(
        DRAWN.quantize(9), "PNG", transparency=bytes(range(0, 252, 28))
    ),
    "PNG, 16-bit colour": lambda: png(30, 30, 16, 2, zlib.compress((b"\0" + b"\x90\x01" * 90) * 30)),
    "TIFF, 16 bits": lambda: encoded(Image.fromarray(SEVEN.astype(np.uint16) * 257), "TIFF"),
    "TIFF, 32 bits": lambda: encoded(Image.fromarray(SEVEN.astype(np.int32) * 999_999), "TIFF"),
    "TIFF, below zero": lambda: encoded(Image.fromarray(-SEVEN.astype(np.int32)), "TIFF"),
    "TIFF, floats": lambda: floats(SEVEN / 255),
    "TIFF, huge floats": lambda: floats(SEVEN * 1e36),
    "EXIF: orientation 99": lambda: with_exif(orientation(3, 1, 99)),
    "EXIF: orientation of 65,535 values": lambda: with_exif(orientation(3, 65_535, 8)),
    "EXIF: orientation is text": lambda: with_exif(orientation(2, 4, 0x36363636)),
    "EXIF: orientation is 0/0": lambda: with_exif(orientation(5, 1, 26) + bytes(8)),
    "EXIF: directory far outside": lambda: with_exif(struct.pack("<2sHI", b"II", 42, 2**32 - 1)),
    "EXIF: directory in itself": lambda: with_exif(
        struct.pack("<2sHIHHHII", b"II", 42, 8, 9, 0x8769, 4, 1, 8)
    ),
    "EXIF: no TIFF": lambda: with_exif(bytes(50)),
    "EXIF: cut short": lambda: with_exif(orientation(3, 1, 6)[:13]),
    "EXIF: 5,000 tags of 60 kB": lambda: with_exif(many_tags()),
    "EXIF: an orientation of 15 MB": lambda: png(
        9, 9, 8, 0, zlib.compress(bytes(90)), chunk(b"eXIf", orientation(5, 1_800_000, 26) + bytes(15 * MEGA))
    ),
    **{
        f"{kind}, {width} x {height}": partial(stripe, kind, width, height)
        for kind, longest in LONGEST.items()
        for width, height in ((1, 1), (1, longest), (longest, 1))
    },
}

REFUSED: dict[str, Callable[[], bytes | tuple[str, bytes]]] = {
    "zero bytes": lambda: ("empty.png", b""),
    "SVG named .png": lambda: (
        "seven.png",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    ),
    "HTML named .png": lambda: ("page.png", b"<!doctype html><html><body><img src=x></body></html>"),
    "EPS named .png": lambda: ("seven.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "text named .pdf": lambda: ("text.pdf", b"seven"),
    "SVG that speaks of PDF": lambda: b"<svg>%PDF-1.7</svg>",
    "PDF's mark alone": lambda: b"%PDF-",
    "HEIC that is a list of nothing": lambda: (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08free" * 200_000
    ),
    "TIFF, floats, one of them NaN": lambda: floats(np.where(SEVEN > 99, np.nan, 1)),
    "TIFF, floats, some infinite": lambda: floats(np.where(SEVEN > 99, -np.inf, 1)),
}
