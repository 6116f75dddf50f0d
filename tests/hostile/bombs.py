"""Files of few bytes that ask for much: pixels, memory, or work without end."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.hostile.files import DRAWN, in_jpeg
from tests.hostile.made import (
    MEGA,
    chunk,
    deflated,
    encoded,
    heic,
    pdf_page,
    png,
    run_length_bmp,
    stream,
    tiff,
)

SIDE = 5_000  # of a square picture of the most pixels
SMALL = zlib.compress(bytes(90))  # of a grey PNG of 9 x 9


def large_png(bits: int, colours: int, bytes_of_pixel: int) -> bytes:
    """A PNG of 25 megapixels."""
    return png(SIDE, SIDE, bits, colours, zlib.compress(bytes((bytes_of_pixel * SIDE + 1) * SIDE), 1))


def scans(many: int) -> bytes:
    """A progressive JPEG of 25 megapixels whose last scan comes again and again."""
    raw = encoded(Image.new("L", (SIDE, SIDE), 128), "JPEG", progressive=True)
    last = raw.rindex(b"\xff\xda")
    return raw[:-2] + raw[last:-2] * many + raw[-2:]


def in_gif(blocks: bytes) -> bytes:
    """A GIF with something before its picture."""
    raw = encoded(DRAWN, "GIF")
    start = 13 + 3 * 2 ** ((raw[10] & 7) + 1)
    return raw[:start] + blocks + raw[start:]


def claiming_webp() -> bytes:
    """An animated WebP without a picture."""
    sides = b"\xff\x3f\0" * 2  # 16,384 each
    body = struct.pack("<4sI4s6s4sI6s", b"VP8X", 10, b"\x02", sides, b"ANIM", 6, b"")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def content(squeezed: bytes) -> bytes:
    """A PDF that draws this, which is compressed."""
    return pdf_page(stream(squeezed, b"/Filter/FlateDecode"))


def pictures(times: int) -> bytes:
    """A PDF that draws the same picture of 25 megapixels again and again."""
    entries = b"/Type/XObject/Subtype/Image/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode"
    entries += b"/Width %d/Height %d" % (SIDE, SIDE)
    drawn = stream(b"97 0 0 61 0 0 cm " + b"/I Do " * times)
    return pdf_page(drawn, stream(deflated(75), entries), resources=b"/XObject<</I 5 0 R>>")


def forms(depth: int, each: int) -> bytes:
    """A PDF that draws a form `each` times, that does so with another, and so on."""
    entries, again = b"/Type/XObject/Subtype/Form/BBox[0 0 97 61]", b"/F Do " * each
    inner = [
        stream(again, entries + b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level))
        for level in range(depth - 1)
    ]
    last = stream(b"0 0 9 9 re f", entries)
    return pdf_page(stream(again), *inner, last, resources=b"/XObject<</F 5 0 R>>")


def tiles() -> bytes:
    """A PDF whose page is tiled, a thousand to a point."""
    entries = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/Resources<<>>"
    tile = stream(b"0 0 1 1 re f", entries + b"/XStep .001/YStep .001")
    return pdf_page(stream(b"/Pattern cs /P scn 0 0 97 61 re f"), tile, resources=b"/Pattern<</P 5 0 R>>")


# as much as may be, or no more than it seems
READ: dict[str, Callable[[], bytes]] = {
    "PNG, 25 megapixels of 16-bit colour": lambda: large_png(16, 2, 6),
    "PNG, 25 megapixels of 16-bit grey": lambda: large_png(16, 0, 2),
    "PNG, 400 MB behind its pixels": lambda: png(9, 9, 8, 0, deflated(400)),
    "WebP, 25 megapixels": lambda: encoded(
        Image.new("RGBA", (SIDE, SIDE)), "WEBP", lossless=True, method=0, quality=0
    ),
    "TIFF, 25 megapixels of float": lambda: encoded(
        Image.fromarray(np.zeros((SIDE, SIDE), np.float32)), "TIFF", compression="tiff_adobe_deflate"
    ),
    "TIFF, 400 MB behind its pixels": lambda: tiff(9, 9, deflated(400), {259: (3, 1, 8)}),
    "GIF, 25 megapixels": lambda: encoded(Image.new("P", (SIDE, SIDE)), "GIF"),
    "JPEG, 25 megapixels of progressive colour": lambda: encoded(
        Image.effect_noise((SIDE, SIDE), 40).convert("RGB"), "JPEG", progressive=True, quality=20
    ),
    "HEIC, 25 megapixels": lambda: heic([Image.new("RGB", (SIDE, SIDE))], enc_params={"preset": "ultrafast"}),
    "PDF, a picture of 25 megapixels": lambda: pictures(1),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "PNG of 60,000 x 60,000": lambda: png(60_000, 60_000, 1, 0, deflated(1)),
    "PNG, one row of 25 megapixels": lambda: png(25 * MEGA, 1, 8, 0, deflated(26)),
    "PNG, 100 MB of colour profile": lambda: png(9, 9, 8, 0, SMALL, chunk(b"iCCP", b"p\0\0" + deflated(100))),
    "PNG, 100 MB of text": lambda: png(9, 9, 8, 0, SMALL, chunk(b"zTXt", b"t\0\0" + deflated(1)) * 100),
    "PNG of a million chunks": lambda: png(9, 9, 8, 0, SMALL, chunk(b"tEXt", b"a\0b") * MEGA),
    "PNG of a million empty pieces": lambda: png(9, 9, 8, 0, b"", chunk(b"IDAT", b"") * MEGA),
    "JPEG of 1,000 scans": lambda: scans(1_000),
    "JPEG of 4 million segments": lambda: in_jpeg(b"\xff\xe5\0\x02" * (4 * MEGA)),
    "JPEG with 19 MB of filling": lambda: in_jpeg(b"\xff" * (19 * MEGA)),
    "WebP that claims 16,384 x 16,384": claiming_webp,
    "TIFF of 4 million strips": lambda: tiff(4, 4, bytes(19 * MEGA), {273: (4, 4 * MEGA, 200)}),
    "TIFF with 2 million resolutions": lambda: tiff(4, 4, bytes(19 * MEGA), {282: (5, 2 * MEGA, 200)}),
    "GIF of 65,535 x 65,535": lambda: (lambda raw: raw[:6] + b"\xff" * 4 + raw[10:])(encoded(DRAWN, "GIF")),
    "GIF with 5 million comments": lambda: in_gif(b"\x21\xfe\0" * (5 * MEGA)),
    "GIF, a comment of 9 million pieces": lambda: in_gif(b"\x21\xfe" + b"\x01a" * (9 * MEGA) + b"\0"),
    "BMP of 9 million runs": lambda: run_length_bmp(np.empty((SIDE, SIDE), np.uint8), b"\x01\0" * (9 * MEGA)),
    "PDF, 800 MB of blanks": lambda: content(deflated(800, b" ")),
    "PDF, 7 million lines": lambda: content(deflated(100, b"0 0 m 9 99 l s ")),
    "PDF, a picture of 25 megapixels, 2,000 times": lambda: pictures(2_000),
    "PDF, a picture of 3.6 gigapixels in its text": lambda: pdf_page(
        stream(b"BI /W 60000 /H 60000 /BPC 8 /CS /G /F /Fl ID " + deflated(400) + b" EI")
    ),
    "PDF, forms within forms, ten thousand million": lambda: forms(10, 10),
    "PDF, a pattern of countless tiles": tiles,
}
