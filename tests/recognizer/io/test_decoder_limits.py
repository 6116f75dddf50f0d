import io
import struct

import numpy as np
import pytest
from PIL import Image

from recognizer.io.decoder_limits import (
    MAX_READS,
    MAX_SCANS,
    MAX_SEGMENTS,
    MAX_TAG_VALUES,
    LimitedBytesIO,
    excess,
)
from tests.hostile.bombs import scans
from tests.hostile.files import in_jpeg
from tests.hostile.made import encoded, tiff
from tests.hostile.seeds import seeds

LIBJPEG_SCANS = 6  # in a grey progressive JPEG that libjpeg writes
EMPTY_SEGMENT = b"\xff\xe5\0\x02"
STRIP_OFFSETS, RESOLUTION, XML = 273, 282, 700  # tags of a TIFF
BYTE, LONG, LONG8 = 7, 4, 16  # types of a tag's values


def test_ordinary_files_have_no_excess():
    for files in seeds().values():
        assert [excess(raw) for raw in files] == [None] * len(files)


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xd8\xff", b"II*\0", b"II+\0" + b"\xff" * 12, b"MM\0*" + b"\xff" * 99]
)
def test_file_cut_short_has_no_excess(raw):
    assert excess(raw) is None


def test_more_scans_than_the_limit_are_an_excess():
    assert excess(scans(MAX_SCANS - LIBJPEG_SCANS)) is None
    assert "scans" in excess(scans(MAX_SCANS - LIBJPEG_SCANS + 1))


def test_scan_markers_inside_a_segment_or_after_the_end_are_not_counted():
    markers = b"\xff\xda" * 900
    in_application_segment = b"\xff\xe5" + struct.pack(">H", len(markers) + 2) + markers
    assert excess(in_jpeg(in_application_segment)) is None
    assert excess(in_jpeg(b"") + markers) is None


def test_too_many_segments_are_an_excess_so_that_scans_cannot_hide_behind_them():
    assert excess(in_jpeg(EMPTY_SEGMENT * (MAX_SEGMENTS // 2))) is None
    raw = scans(MAX_SCANS + 1)
    assert "segments" in excess(raw[:2] + EMPTY_SEGMENT * MAX_SEGMENTS + raw[2:])


@pytest.mark.parametrize("tag", [STRIP_OFFSETS, RESOLUTION])
def test_long_table_in_a_tiff_is_an_excess(tag):
    assert excess(tiff(4, 4, bytes(16), {tag: (LONG, MAX_TAG_VALUES, 200)})) is None
    assert "values" in excess(tiff(4, 4, bytes(16), {tag: (LONG, MAX_TAG_VALUES + 1, 200)}))


def test_long_byte_string_in_a_tiff_is_no_excess():
    assert excess(tiff(4, 4, bytes(16), {XML: (BYTE, 10 * MAX_TAG_VALUES, 200)})) is None


@pytest.mark.parametrize(("mark", "order"), [(b"II", "<"), (b"MM", ">")])
def test_long_table_is_found_in_either_byte_order(mark, order):
    entry = STRIP_OFFSETS, LONG, MAX_TAG_VALUES + 1, 99
    assert "values" in excess(mark + struct.pack(order + "HIHHHII", 42, 8, 1, *entry))


def test_long_table_is_found_in_a_big_tiff():
    entry = STRIP_OFFSETS, LONG8, MAX_TAG_VALUES + 1, 99
    assert "values" in excess(b"II" + struct.pack("<HHHQQHHQQ", 43, 8, 0, 16, 1, *entry))


def test_limited_bytes_are_read_as_a_file_is():
    raw = encoded(Image.fromarray(np.eye(9, dtype=np.uint8)), "PNG")
    assert LimitedBytesIO(raw).read() == raw
    assert Image.open(LimitedBytesIO(raw)).tobytes() == Image.open(io.BytesIO(raw)).tobytes()


def test_limited_bytes_fail_after_too_many_reads():
    file = LimitedBytesIO(bytes(10))
    for _ in range(MAX_READS):
        file.read(1)
    with pytest.raises(OSError, match="pieces"):
        file.read(1)
