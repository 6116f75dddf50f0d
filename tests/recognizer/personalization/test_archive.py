import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image

from recognizer.errors import CorrectionError
from recognizer.io.export import FORMULA
from recognizer.personalization.archive import (
    COLUMNS,
    LABELS,
    MOST,
    RECIPES,
    Correction,
    glyphs_of,
    packed,
    unpacked,
)
from recognizer.preprocessing.normalize import glyph
from tests.characters import picture

GLYPH = np.arange(784, dtype=np.uint8).reshape(28, 28)
ROW = {"file": "1.png", "label": "7", "read": "1", "model": "digits", "recipe": "mnist",
       "at": "2026-01-31T12:00:00+00:00", "key": "a"}  # fmt: skip


def png(array: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG", **options)
    return file.getvalue()


def table(*rows: dict) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def archive(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, raw in files.items():
            packing.writestr(name, raw)
    return file.getvalue()


def test_what_a_spreadsheet_would_compute_is_text_and_comes_back():
    given = [Correction("", GLYPH, label, read, "=1+1", key=f"@{label}{read}") for label, read in
             [("=", "+"), ("-", "@"), ("'", "'"), ("7", "")]]  # fmt: skip
    raw = packed(given)
    rows = csv.reader(io.StringIO(zipfile.ZipFile(io.BytesIO(raw)).read(LABELS).decode()))
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]
    found = unpacked(raw)
    for one, other in zip(given, found, strict=True):
        assert (one.label, one.read, one.model, one.key) == (other.label, other.read, other.model, other.key)


def test_what_was_packed_is_unpacked():
    at = datetime(2026, 1, 31, 12, 30, 15, 123456, timezone(timedelta(hours=2)))
    given = [
        Correction("mine", GLYPH, "7", "1", "digits", "mnist", at),
        Correction("mine", 255 - GLYPH, ",", "", "letters-27"),
        Correction("mine", GLYPH, "é"),
    ]
    taken = unpacked(packed(given), "yours")
    assert [one.session for one in taken] == ["yours"] * 3
    assert taken[0].at == at
    for key in ("label", "read", "model", "recipe", "at", "key"):
        assert [getattr(one, key) for one in taken] == [getattr(one, key) for one in given]
    for one, other in zip(taken, given, strict=True):
        np.testing.assert_array_equal(one.glyph, other.glyph)
    assert unpacked(packed([])) == []


def test_the_export_names_no_session():
    raw = packed([Correction("my-secret-session", GLYPH, "7")])
    with zipfile.ZipFile(io.BytesIO(raw)) as packing:
        assert packing.namelist() == ["00001.png", LABELS]
        assert all(b"my-secret-session" not in packing.read(name) for name in packing.namelist())


def test_a_table_saved_by_a_spreadsheet_and_files_that_it_does_not_name_do_no_harm():
    raw = archive({
        "1.png": png(np.dstack([GLYPH] * 3)), "__MACOSX/1.png": b"", LABELS: b"\xef\xbb\xbf" + table(ROW)
    })  # fmt: skip
    (taken,) = unpacked(raw)
    assert (taken.label, taken.read, taken.at) == ("7", "1", datetime(2026, 1, 31, 12, tzinfo=UTC))
    np.testing.assert_array_equal(taken.glyph, GLYPH)


@pytest.mark.parametrize(("files", "message"), [
    ({}, "'labels.csv' is not in the zip file"),
    ({LABELS: b"\xff\xfe\xff"}, "labels.csv is no table"),
    ({LABELS: b"file,label\n1.png,7\n"}, "line 2 of labels.csv has other columns"),
    ({LABELS: table(ROW)[:-40]}, "line 2 of labels.csv has other columns"),
    ({LABELS: table(ROW)}, "line 2 of labels.csv: '1.png' is not in the zip file"),
    ({LABELS: table(*[ROW] * (MOST + 1))}, "more than 10,000 rows"),
    ({LABELS: b" " * 2_000_001}, "2,000,001 bytes, more than 2,000,000"),
    ({LABELS: table(ROW), "1.png": b"no picture"}, "is no PNG"),
    ({LABELS: table(ROW), "1.png": png(GLYPH)[:-200]}, "is no PNG"),
    ({LABELS: table(ROW), "1.png": png(np.zeros((29, 28), np.uint8))}, "28 x 29 pixels"),
    ({LABELS: table(ROW), "1.png": bytes(20_001)}, "20,001 bytes, more than 20,000"),
    ({LABELS: table(ROW), "1.png": png(np.zeros((20_000, 20_000), bool))}, "'1.png'"),
    ({LABELS: table(ROW | {"label": "77"}), "1.png": png(GLYPH)}, "line 2 of labels.csv: '77' is no label"),
    ({LABELS: table(ROW | {"label": ""}), "1.png": png(GLYPH)}, "'' is no label"),
    ({LABELS: table(ROW | {"label": "\0"}), "1.png": png(GLYPH)}, "is no label"),
    ({LABELS: table(ROW | {"read": "no"}), "1.png": png(GLYPH)}, "'no' cannot have been read"),
    ({LABELS: table(ROW | {"recipe": "mine"}), "1.png": png(GLYPH)}, "no recipe 'mine'"),
    ({LABELS: table(ROW | {"at": "today"}), "1.png": png(GLYPH)}, "'today' is no time"),
    ({LABELS: table(ROW | {"at": "2026-01-31"}), "1.png": png(GLYPH)}, "no time zone"),
    ({LABELS: table(ROW | {"key": ""}), "1.png": png(GLYPH)}, "'' is no key"),
    ({LABELS: table(ROW | {"model": "x" * 65}), "1.png": png(GLYPH)}, "is no model"),
    ({LABELS: table(ROW, ROW | {"label": "?!"}), "1.png": png(GLYPH)}, "line 3 of labels.csv"),
])  # fmt: skip
def test_what_is_no_export_is_refused_with_a_reason(files, message):
    with pytest.raises(CorrectionError, match="(?s)" + message.replace("?", r"\?")):
        unpacked(archive(files))


@pytest.mark.parametrize("raw", [b"", b"hello", archive({LABELS: table(ROW), "1.png": png(GLYPH)})[:-30]])
def test_what_is_no_zip_file_is_refused(raw):
    with pytest.raises(CorrectionError, match="no zip file that can be read"):
        unpacked(raw)


def test_a_damaged_or_huge_zip_file_is_refused():
    whole = packed([Correction("mine", GLYPH, "7")])
    with pytest.raises(CorrectionError):
        unpacked(whole[:60] + bytes(20) + whole[80:])
    with pytest.raises(CorrectionError, match="20 MB"):
        unpacked(bytes(20_000_001))


def test_a_size_that_lies_unpacks_no_more_than_it_says():
    raw = archive({LABELS: table(ROW), "1.png": bytes(30_000_000)})
    assert raw.count((30_000_000).to_bytes(4, "little")) == 2
    with pytest.raises(CorrectionError):
        unpacked(raw.replace((30_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def test_a_glyph_stays_as_it_is_for_its_own_recipe_and_is_made_anew_for_another():
    drawn = 1 - picture("7").astype(np.float32) / 255
    by_mnist, by_emnist = (np.rint(255 * glyph(drawn, recipe)).astype(np.uint8) for recipe in RECIPES)
    given = [Correction("mine", by_mnist, "7", recipe="mnist"), Correction("mine", by_emnist, "7")]
    as_mnist, as_emnist = glyphs_of(given, "mnist"), glyphs_of(given, "emnist")
    np.testing.assert_array_equal(np.rint(255 * as_mnist[0]), by_mnist)
    np.testing.assert_array_equal(np.rint(255 * as_emnist[1]), by_emnist)
    apart = np.abs(as_mnist[0] - as_emnist[1]).mean()
    for made in (as_mnist, as_emnist):
        assert np.abs(made[0] - made[1]).mean() < 0.3 * apart
    large = glyphs_of(given[1:], "emnist", 56)
    assert large.shape == (1, 56, 56)
    assert np.abs(large[:, ::2, ::2] - as_emnist[1]).mean() < 0.3 * apart


@pytest.mark.parametrize(("changed", "message"), [
    ({"glyph": np.zeros_like(GLYPH)}, "teaches nothing"), ({"glyph": GLYPH // 3 + 160}, "teaches nothing"),
    ({"glyph": GLYPH / np.float32(255)}, "uint8"), ({"glyph": GLYPH[:27]}, r"\(27, 28\)"),
    ({"label": " "}, "no label"), ({"label": "ab"}, "no label"), ({"session": "ä"}, "no session"),
])  # fmt: skip
def test_a_correction_is_checked_when_it_is_made(changed, message):
    with pytest.raises(CorrectionError, match=message):
        Correction(**({"session": "mine", "glyph": GLYPH, "label": "7"} | changed))
