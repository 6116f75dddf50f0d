import io
import struct

import numpy as np
import pytest
from PIL import Image

from recognizer.io.decoder_limits import (
    MOST_READS,
    MOST_SCANS,
    MOST_SEGMENTS,
    MOST_VALUES,
    Content,
    excess,
)
from tests.hostile.bombs import scans
from tests.hostile.files import in_jpeg
from tests.hostile.made import encoded, tiff
from tests.hostile.seeds import seeds


def test_ordinary_files_have_no_excess():
    for some in seeds().values():
        assert [excess(raw) for raw in some] == [None] * len(some)


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xd8\xff", b"II*\0", b"II+\0" + b"\xff" * 12, b"MM\0*" + b"\xff" * 99]
)
def test_what_is_cut_short_has_none(raw):
    assert excess(raw) is None


def test_scans_are_counted_where_they_begin():
    usual = 6  # of a grey progressive JPEG of libjpeg's
    assert excess(scans(MOST_SCANS - usual)) is None
    assert "scans" in excess(scans(MOST_SCANS - usual + 1))
    of_another = b"\xff\xda" * 900  # in a segment of the application, or behind the end
    assert excess(in_jpeg(b"\xff\xe5" + struct.pack(">H", len(of_another) + 2) + of_another)) is None
    assert excess(in_jpeg(b"") + of_another) is None


def test_scans_behind_countless_segments_are_not_forgotten():
    empty = b"\xff\xe5\0\x02"
    assert excess(in_jpeg(empty * (MOST_SEGMENTS // 2))) is None
    raw = scans(MOST_SCANS + 1)
    assert "segments" in excess(raw[:2] + empty * MOST_SEGMENTS + raw[2:])


@pytest.mark.parametrize("tag", [273, 282])
def test_a_table_in_a_tiff(tag):
    assert excess(tiff(4, 4, bytes(16), {tag: (4, MOST_VALUES, 200)})) is None
    assert "values" in excess(tiff(4, 4, bytes(16), {tag: (4, MOST_VALUES + 1, 200)}))
    assert excess(tiff(4, 4, bytes(16), {700: (7, 10 * MOST_VALUES, 200)})) is None  # bytes are no values


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_table_in_a_large_or_turned_tiff(order):
    mark = b"II" if order == "<" else b"MM"
    small = mark + struct.pack(order + "HIHHHII", 42, 8, 1, 273, 4, MOST_VALUES + 1, 99)
    assert "values" in excess(small)
    if order == "<":
        assert "values" in excess(
            mark + struct.pack("<HHHQQHHQQ", 43, 8, 0, 16, 1, 273, 16, MOST_VALUES + 1, 99)
        )


def test_content_is_read_as_a_file_is():
    raw = encoded(Image.fromarray(np.eye(9, dtype=np.uint8)), "PNG")
    assert Content(raw).read() == raw
    assert Image.open(Content(raw)).tobytes() == Image.open(io.BytesIO(raw)).tobytes()


def test_content_ends_the_patience_with_small_pieces():
    content = Content(bytes(10))
    for _ in range(MOST_READS):
        content.read(1)
    with pytest.raises(OSError, match="pieces"):
        content.read(1)
