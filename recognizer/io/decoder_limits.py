"""What a file may ask of its decoder. A few bytes can ask for hours: pieces, scans or values without end.

Found before it is decoded, and without trust in what the file says of itself.
"""

import io
import re
import struct

MOST_READS = 1_000_000  # of a file, one for each of its pieces: a second; ordinary ones have some thousands
MOST_SCANS = 50  # of a JPEG, 20 ms each at 25 megapixels; progressive ones have about ten
MOST_SEGMENTS = 10_000  # of a JPEG; ordinary ones have some tens
MOST_VALUES = 200_000  # of a TIFF's tag: strips of a row each are some thousands, a table for 16 bits 196,608

JPEG = b"\xff\xd8\xff"
MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # of a segment, or the end; none is within data
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA
TIFF = (b"II*\0", b"MM\0*", b"MM*\0", b"II\0*", b"II+\0", b"MM\0+")  # as Pillow takes them
SMALL, BIG = (4, "I", "H", "HHI4x"), (8, "Q", "Q", "HHQ8x")  # place of the directory, its length, its entries
BYTES = (1, 2, 7)  # kinds of a TIFF's values that are kept as they are


class Content(io.BytesIO):
    """A file's content, for a parser in Python: its patience with small pieces ends."""

    def __init__(self, raw: bytes):
        """
        Args:
            raw: the content.
        """
        super().__init__(raw)
        self._left = MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file.

        Raises:
            OSError: too many pieces were read.
        """
        self._left -= 1
        if self._left < 0:
            raise OSError(f"it is made of more than {MOST_READS:,} pieces")
        return super().read(size)


def excess(raw: bytes) -> str | None:
    """What a file has too much of, for a message; None where nothing is found.

    Args:
        raw: the file.
    """
    if raw.startswith(JPEG):
        return _excess_of_jpeg(raw)
    if raw.startswith(TIFF) and _values(raw) > MOST_VALUES:
        return f"a table of more than {MOST_VALUES:,} values"
    return None


def _excess_of_jpeg(raw: bytes) -> str | None:
    """Too many segments, or scans, each of which paints over the whole picture."""
    place = scans = 0
    for _ in range(MOST_SEGMENTS):
        found = MARKER.search(raw, place)
        if not found or found[0][1] == END_OF_IMAGE:
            return None
        scans += found[0][1] == START_OF_SCAN
        if scans > MOST_SCANS:
            return f"more than {MOST_SCANS} scans"
        place = found.end() + int.from_bytes(raw[found.end() : found.end() + 2], "big")
    return f"more than {MOST_SEGMENTS:,} segments"


def _values(raw: bytes) -> int:
    """How many values the longest tag of a TIFF's first directory claims, of those that are no bytes."""
    order = "<" if raw.startswith(b"II") else ">"
    place, offset, number, entry = BIG if raw[2:3] == b"+" else SMALL
    try:
        (start,) = struct.unpack_from(order + offset, raw, place)
        (entries,) = struct.unpack_from(order + number, raw, start)
    except (struct.error, OverflowError):  # damaged: its decoder will say so
        return 0
    start += struct.calcsize(order + number)
    size = struct.calcsize(order + entry)
    known = raw[start : start + size * entries]
    tags = struct.iter_unpack(order + entry, known[: len(known) // size * size])
    return max((count for _, kind, count in tags if kind not in BYTES), default=0)
