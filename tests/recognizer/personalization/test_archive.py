import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image

from recognizer.errors import CorrectionError
from recognizer.io.export import FORMULA_PREFIXES
from recognizer.personalization.archive import (
    COLUMNS,
    MAX_CORRECTIONS,
    RECIPES,
    TABLE_NAME,
    Correction,
    from_zip,
    glyphs_for_recipe,
    to_zip,
)
from recognizer.preprocessing.normalize import glyph
from tests.characters import picture

FIELDS = ("label", "read", "model", "recipe", "at", "key")  # what a row of labels.csv has of a correction
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


def zip_file(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return file.getvalue()


def test_formulas_are_exported_as_text_and_imported_unchanged():
    exported = [Correction("", GLYPH, label, read, "=1+1", key=f"@{label}{read}") for label, read in
                [("=", "+"), ("-", "@"), ("'", "'"), ("7", "")]]  # fmt: skip
    raw = to_zip(exported)
    rows = csv.reader(io.StringIO(zipfile.ZipFile(io.BytesIO(raw)).read(TABLE_NAME).decode()))
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA_PREFIXES)]
    for before, after in zip(exported, from_zip(raw), strict=True):
        for field in ("label", "read", "model", "key"):
            assert getattr(before, field) == getattr(after, field)


def test_exported_corrections_come_back_whole_in_another_session():
    at = datetime(2026, 1, 31, 12, 30, 15, 123456, timezone(timedelta(hours=2)))
    exported = [
        Correction("mine", GLYPH, "7", "1", "digits", "mnist", at),
        Correction("mine", 255 - GLYPH, ",", "", "letters-27"),
        Correction("mine", GLYPH, "é"),
    ]
    imported = from_zip(to_zip(exported), "yours")
    assert imported[0].at == at
    for before, after in zip(exported, imported, strict=True):
        assert after.session == "yours"
        assert [getattr(after, field) for field in FIELDS] == [getattr(before, field) for field in FIELDS]
        np.testing.assert_array_equal(after.glyph, before.glyph)
    assert from_zip(to_zip([])) == []


def test_export_does_not_contain_the_session():
    raw = to_zip([Correction("my-secret-session", GLYPH, "7")])
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.namelist() == ["00001.png", TABLE_NAME]
        assert all(b"my-secret-session" not in archive.read(name) for name in archive.namelist())


def test_table_saved_by_a_spreadsheet_is_read_and_unnamed_files_are_ignored():
    byte_order_mark = b"\xef\xbb\xbf"
    raw = zip_file({
        "1.png": png(np.dstack([GLYPH] * 3)), "__MACOSX/1.png": b"", TABLE_NAME: byte_order_mark + table(ROW)
    })  # fmt: skip
    (imported,) = from_zip(raw)
    assert (imported.label, imported.read) == ("7", "1")
    assert imported.at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    np.testing.assert_array_equal(imported.glyph, GLYPH)


@pytest.mark.parametrize(("files", "message"), [
    ({}, "'labels.csv' is not in the zip file"),
    ({TABLE_NAME: b"\xff\xfe\xff"}, "labels.csv is not a table"),
    ({TABLE_NAME: b"file,label\n1.png,7\n"}, "line 2 of labels.csv has other columns"),
    ({TABLE_NAME: table(ROW)[:-40]}, "line 2 of labels.csv has other columns"),
    ({TABLE_NAME: table(ROW)}, "line 2 of labels.csv: '1.png' is not in the zip file"),
    ({TABLE_NAME: table(*[ROW] * (MAX_CORRECTIONS + 1))}, "more than 10,000 rows"),
    ({TABLE_NAME: b" " * 2_000_001}, "2,000,001 bytes, more than 2,000,000"),
    ({TABLE_NAME: table(ROW), "1.png": b"no picture"}, "is not a readable PNG"),
    ({TABLE_NAME: table(ROW), "1.png": png(GLYPH)[:-200]}, "is not a readable PNG"),
    ({TABLE_NAME: table(ROW), "1.png": png(np.zeros((29, 28), np.uint8))}, "28 x 29 pixels"),
    ({TABLE_NAME: table(ROW), "1.png": bytes(20_001)}, "20,001 bytes, more than 20,000"),
    ({TABLE_NAME: table(ROW), "1.png": png(np.zeros((20_000, 20_000), bool))}, "'1.png'"),
    ({TABLE_NAME: table(ROW | {"label": "77"}), "1.png": png(GLYPH)}, "line 2 of .*: '77' is not a label"),
    ({TABLE_NAME: table(ROW | {"label": ""}), "1.png": png(GLYPH)}, "'' is not a label"),
    ({TABLE_NAME: table(ROW | {"label": "\0"}), "1.png": png(GLYPH)}, "is not a label"),
    ({TABLE_NAME: table(ROW | {"read": "no"}), "1.png": png(GLYPH)}, "'no' is not a reading"),
    ({TABLE_NAME: table(ROW | {"recipe": "mine"}), "1.png": png(GLYPH)}, "'mine' is not a recipe"),
    ({TABLE_NAME: table(ROW | {"at": "today"}), "1.png": png(GLYPH)}, "'today' is not a time"),
    ({TABLE_NAME: table(ROW | {"at": "2026-01-31"}), "1.png": png(GLYPH)}, "no time zone"),
    ({TABLE_NAME: table(ROW | {"key": ""}), "1.png": png(GLYPH)}, "'' is not a key"),
    ({TABLE_NAME: table(ROW | {"model": "x" * 65}), "1.png": png(GLYPH)}, "is not a model"),
    ({TABLE_NAME: table(ROW, ROW | {"label": "no"}), "1.png": png(GLYPH)}, "line 3 of labels.csv"),
])  # fmt: skip
def test_damaged_export_is_refused_with_a_reason(files, message):
    with pytest.raises(CorrectionError, match=f"(?s){message}"):
        from_zip(zip_file(files))


@pytest.mark.parametrize(
    "raw", [b"", b"hello", zip_file({TABLE_NAME: table(ROW), "1.png": png(GLYPH)})[:-30]]
)
def test_file_that_is_not_a_zip_file_is_refused(raw):
    with pytest.raises(CorrectionError, match="not a readable zip file"):
        from_zip(raw)


def test_damaged_or_huge_zip_file_is_refused():
    whole = to_zip([Correction("mine", GLYPH, "7")])
    with pytest.raises(CorrectionError):
        from_zip(whole[:60] + bytes(20) + whole[80:])
    with pytest.raises(CorrectionError, match="20 MB"):
        from_zip(bytes(20_000_001))


def test_file_larger_than_its_declared_size_is_refused():
    raw = zip_file({TABLE_NAME: table(ROW), "1.png": bytes(30_000_000)})
    true_size, declared_size = (size.to_bytes(4, "little") for size in (30_000_000, 1000))
    assert raw.count(true_size) == 2
    with pytest.raises(CorrectionError):
        from_zip(raw.replace(true_size, declared_size))


def test_glyph_is_kept_for_its_own_recipe_and_made_again_for_another():
    drawn = 1 - picture("7").astype(np.float32) / 255
    by_mnist, by_emnist = (np.rint(255 * glyph(drawn, recipe)).astype(np.uint8) for recipe in RECIPES)
    corrections = [Correction("mine", by_mnist, "7", recipe="mnist"), Correction("mine", by_emnist, "7")]
    as_mnist, as_emnist = glyphs_for_recipe(corrections, "mnist"), glyphs_for_recipe(corrections, "emnist")
    np.testing.assert_array_equal(np.rint(255 * as_mnist[0]), by_mnist)
    np.testing.assert_array_equal(np.rint(255 * as_emnist[1]), by_emnist)
    difference = np.abs(as_mnist[0] - as_emnist[1]).mean()  # between the recipes
    for own, made_again in (as_mnist, as_emnist):
        assert np.abs(own - made_again).mean() < 0.3 * difference
    large = glyphs_for_recipe(corrections[1:], "emnist", 56)
    assert large.shape == (1, 56, 56)
    assert np.abs(large[:, ::2, ::2] - as_emnist[1]).mean() < 0.3 * difference


@pytest.mark.parametrize(("changes", "message"), [
    ({"glyph": np.zeros_like(GLYPH)}, "ink on paper"), ({"glyph": GLYPH // 3 + 160}, "ink on paper"),
    ({"glyph": GLYPH / np.float32(255)}, "uint8"), ({"glyph": GLYPH[:27]}, r"\(27, 28\)"),
    ({"label": " "}, "not a label"), ({"label": "ab"}, "not a label"), ({"session": "ä"}, "not a session"),
])  # fmt: skip
def test_correction_with_an_invalid_field_is_refused(changes, message):
    with pytest.raises(CorrectionError, match=message):
        Correction(**({"session": "mine", "glyph": GLYPH, "label": "7"} | changes))
