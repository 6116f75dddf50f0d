"""Small whole files of every kind that is read, to be damaged: the same ones each time."""

import time
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.characters import picture
from tests.hostile.made import animated, encoded, heic, pdf_page, run_length_bmp, stream

SIDES = 97, 61  # of every picture, so that a file's width and height can be found in it
DATES = {"creationDate": time.gmtime(0), "modDate": time.gmtime(0)}  # of a PDF


@cache
def seeds() -> dict[str, list[bytes]]:
    """Files by kind: the eight kinds that are read, each in several ways."""
    grey = Image.fromarray(picture("7")).resize(SIDES, Image.Resampling.BOX)
    bits, levels = grey.convert("1"), np.asarray(grey)
    sixteen = Image.fromarray(levels.astype(np.uint16) * 257)
    colour = Image.merge("RGB", (grey, grey.point(lambda level: level // 2 + 90), grey))
    few = colour.quantize(7)
    clear = colour.convert("RGBA")
    clear.putalpha(grey.point(lambda level: 255 - level))
    several = [colour, colour.rotate(180), clear.convert("RGB")]
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a seven"
    return {
        "PNG": [
            encoded(grey, "PNG"),
            encoded(bits, "PNG"),
            encoded(few, "PNG", transparency=1),
            encoded(clear, "PNG", exif=exif),
            encoded(sixteen, "PNG"),
            animated(several, "PNG"),
        ],
        "JPEG": [
            encoded(grey, "JPEG"),
            encoded(colour, "JPEG", progressive=True, exif=exif),
            encoded(colour, "JPEG", restart_marker_rows=1),
            encoded(colour.convert("CMYK"), "JPEG"),
            animated(several, "MPO"),
        ],
        "WebP": [
            encoded(colour, "WEBP", exif=exif),
            encoded(clear, "WEBP", quality=40),
            encoded(clear, "WEBP", lossless=True),
            animated(several, "WEBP"),
        ],
        "BMP": [
            encoded(grey, "BMP"),
            encoded(bits, "BMP"),
            encoded(colour, "BMP"),
            encoded(clear, "BMP"),
            run_length_bmp(levels),
        ],
        "TIFF": [
            encoded(grey, "TIFF"),
            encoded(bits, "TIFF", compression="group4"),
            encoded(bits, "TIFF", compression="packbits"),
            encoded(colour, "TIFF", compression="tiff_lzw", exif=exif),
            encoded(colour, "TIFF", compression="jpeg"),
            encoded(clear, "TIFF", compression="tiff_adobe_deflate"),
            encoded(colour.convert("CMYK"), "TIFF"),
            encoded(sixteen, "TIFF", big_tiff=True),
            encoded(Image.fromarray(levels / np.float32(255)), "TIFF"),
            animated(several, "TIFF"),
        ],
        "GIF": [
            encoded(grey, "GIF"),
            encoded(few, "GIF", transparency=1, interlace=1),
            animated(several, "GIF", comment=b"seven"),
        ],
        "HEIC": [heic([grey]), heic([colour], exif=exif.tobytes()), heic([clear]), heic(several)],
        "PDF": [
            encoded(grey, "PDF", **DATES),
            encoded(bits, "PDF", **DATES),
            animated([colour, *several], "PDF", **DATES),
            drawn_pdf(),
        ],
    }


def drawn_pdf() -> bytes:
    """A seven of strokes, with a letter, in a transparent group."""
    strokes = b"6 w 30 50 m 60 50 l 45 10 l S /F gs /G Do BT /T 12 Tf 70 20 Td (7) Tj ET"
    group = b"/Type/XObject/Subtype/Form/BBox[0 0 97 61]/Group<</S/Transparency>>"
    return pdf_page(
        stream(zlib.compress(strokes), b"/Filter/FlateDecode"),
        stream(b"0 0 1 rg 5 5 9 9 re f", group),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        resources=b"/XObject<</G 5 0 R>>/Font<</T 6 0 R>>/ExtGState<</F<</ca .5>>>>",
    )
