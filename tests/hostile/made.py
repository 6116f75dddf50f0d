"""Files as Pillow writes them, and as nobody does."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()  # Pillow saves them, too
MEGA = 1_000_000


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    """A picture as a file of one of Pillow's kinds."""
    file = io.BytesIO()
    image.copy().save(file, kind, **options)  # a picture that was saved remembers how
    return file.getvalue()


def animated(images: list[Image.Image], kind: str, **options) -> bytes:
    """Several pictures in one file."""
    more = [image.copy() for image in images[1:]]
    return encoded(images[0], kind, save_all=True, append_images=more, **options)


def heic(images: list[Image.Image], **options) -> bytes:
    """One or several pictures as an HEIC file."""
    container, file = pillow_heif.HeifFile(), io.BytesIO()
    for image in images:
        container.add_from_pillow(image)
    container.save(file, **options)
    return file.getvalue()


def png(width: int, height: int, bits: int, colours: int, data: bytes, more: bytes = b"") -> bytes:
    """A PNG.

    Args:
        bits: of a channel.
        colours: 0 is grey, 2 red, green and blue.
        data: its rows, compressed.
        more: chunks before them.
    """
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff(width: int, height: int, data: bytes, others: dict[int, tuple[int, int, int]]) -> bytes:
    """A grey TIFF of one strip; `others` are tags, each kind, count and value, and may be anything."""
    start = 200  # of the strip, behind the tags
    tags = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, start), 277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, len(data)),
    }  # fmt: skip
    tags |= others
    entries = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(tags.items()))
    header = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries
    return header.ljust(start, b"\0") + data


def run_length_bmp(grey: np.ndarray, runs: bytes | None = None) -> bytes:
    """A run-length encoded BMP, which Pillow reads and does not write.

    Args:
        grey: uint8 (H, W).
        runs: other data than its pixels.
    """
    height, width = grey.shape
    if runs is None:
        end_of_row, end = b"\0\0", b"\0\x01"
        rows = (b"".join(bytes([1, level]) for level in row.tolist()) for row in grey[::-1])
        runs = end_of_row.join(rows) + end
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    body = struct.pack("<10I", 40, width, height, 1 | 8 << 16, 1, len(runs), 0, 0, 256, 0) + palette
    start = 14 + len(body)
    return struct.pack("<2sIII", b"BM", start + len(runs), 0, start) + body + runs


def pdf_page(content: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    """A PDF of one page: its content is object 4, `more` are those from 5 on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 97 61]/Contents 4 0 R/Resources<<%s>>>>" % resources,
        content,
        *more,
    ]
    whole, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, one in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(whole)
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    count, end = len(objects) + 1, len(whole)
    whole += b"xref\n0 %d\n%s" % (count, table)
    return whole + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, end)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A PDF's stream."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def deflated(megabytes: int, of: bytes = b"\0") -> bytes:
    """So much of the same, compressed."""
    packer, block = zlib.compressobj(1), of * (MEGA // len(of))
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
