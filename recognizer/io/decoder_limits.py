"""Limits on the work that a file may ask of its decoder, checked before decoding.

A small file can keep a decoder busy for hours: with millions of pieces, scans or values.
"""

import io
import re
import struct

MAX_READS = 1_000_000  # read calls for one file, about 1 s of parsing; an ordinary file needs some thousands
MAX_SCANS = 50  # in a JPEG; each takes 20 ms at 25 megapixels, and a progressive JPEG has about ten
MAX_SEGMENTS = 10_000  # in a JPEG; an ordinary one has some tens
# In one tag of a TIFF. A strip for each row makes some thousands, a transfer table for 16 bits 196,608.
MAX_TAG_VALUES = 200_000

JPEG_START = b"\xff\xd8\xff"
# A marker that begins a JPEG segment or ends the picture. Compressed data never contains one: there, 0xFF is
# followed by 0x00 or by a restart marker (0xD0 to 0xD7).
JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA  # second byte of a JPEG marker
TIFF_STARTS = (b"II*\0", b"MM\0*", b"MM*\0", b"II\0*", b"II+\0", b"MM\0+")  # those that Pillow accepts
# Position of the offset of a TIFF's first directory; struct formats of that offset, of the directory's number
# of entries, and of an entry's tag, type and count
CLASSIC_TIFF, BIG_TIFF = (4, "I", "H", "HHI4x"), (8, "Q", "Q", "HHQ8x")
BYTE_TYPES = (1, 2, 7)  # BYTE, ASCII and UNDEFINED: Pillow keeps them as bytes, so a long value costs no time


class LimitedBytesIO(io.BytesIO):
    """A file's content in memory that fails after MAX_READS reads, so that a parser cannot loop for hours."""

    def __init__(self, raw: bytes):
        """
        Args:
            raw: the file's content.
        """
        super().__init__(raw)
        self._reads_left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as `io.BytesIO.read` does.

        Raises:
            OSError: this is one read too many.
        """
        self._reads_left -= 1
        if self._reads_left < 0:
            raise OSError(f"it is made of more than {MAX_READS:,} pieces")
        return super().read(size)


def excess(raw: bytes) -> str | None:
    """Find what a JPEG or TIFF has too much of.

    Args:
        raw: the content of a file of any format.

    Returns:
        A phrase for a message, such as "more than 50 scans"; None if the file is within the limits.
    """
    if raw.startswith(JPEG_START):
        return _jpeg_excess(raw)
    if raw.startswith(TIFF_STARTS) and _longest_tag(raw) > MAX_TAG_VALUES:
        return f"a table of more than {MAX_TAG_VALUES:,} values"
    return None


def _jpeg_excess(raw: bytes) -> str | None:
    """Too many segments, or too many scans, each of which repaints the whole picture."""
    position = scans = 0
    for _ in range(MAX_SEGMENTS):
        marker = JPEG_MARKER.search(raw, position)
        if not marker or marker[0][1] == END_OF_IMAGE:
            return None
        scans += marker[0][1] == START_OF_SCAN
        if scans > MAX_SCANS:
            return f"more than {MAX_SCANS} scans"
        segment_length = int.from_bytes(raw[marker.end() : marker.end() + 2], "big")
        position = marker.end() + segment_length
    return f"more than {MAX_SEGMENTS:,} segments"


def _longest_tag(raw: bytes) -> int:
    """The largest number of values that a tag of a TIFF's first directory declares, byte types left out."""
    byte_order = "<" if raw.startswith(b"II") else ">"
    position, offset_format, number_format, entry_format = BIG_TIFF if raw[2:3] == b"+" else CLASSIC_TIFF
    try:
        (start,) = struct.unpack_from(byte_order + offset_format, raw, position)
        (entry_count,) = struct.unpack_from(byte_order + number_format, raw, start)
    except (struct.error, OverflowError):  # a damaged file: its decoder will say so
        return 0
    start += struct.calcsize(byte_order + number_format)
    entry_size = struct.calcsize(byte_order + entry_format)
    directory = raw[start : start + entry_size * entry_count]
    whole_entries = directory[: len(directory) // entry_size * entry_size]  # the file may be cut short
    entries = struct.iter_unpack(byte_order + entry_format, whole_entries)
    return max((count for _, value_type, count in entries if value_type not in BYTE_TYPES), default=0)
