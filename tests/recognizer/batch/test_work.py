import zipfile

import pytest
from PIL import Image

from recognizer import ImageError, Recognizer
from recognizer.batch.sources import list_items
from recognizer.batch.work import BatchOptions, error_table, read
from tests.characters import picture

ALONE = BatchOptions("digits", characters=True)


@pytest.fixture
def folder(tmp_path):
    for label in "470":
        Image.fromarray(picture(label)).save(tmp_path / f"{label}.png")
    (tmp_path / "5.png").write_bytes((tmp_path / "4.png").read_bytes()[:200])
    (tmp_path / "6.png").write_bytes(b"<svg/>")
    Image.new("L", (60, 60), 255).save(tmp_path / "8.png")
    return tmp_path


def test_each_file_has_a_row_and_a_bad_file_a_row_with_its_error(folder, digits):
    rows = read(list(list_items([str(folder)])), ALONE).to_pylist()
    assert [row["file"] for row in rows] == [f"{folder}/{name}.png" for name in "045678"]
    assert [row["label"] for row in rows] == ["0", "4", None, None, "7", ""]
    assert [row["reason"] for row in rows] == ["", "", None, None, "", "blank"]
    assert "damaged or cut short" in rows[2]["error"]
    assert "not a picture" in rows[3]["error"]
    assert [row["error"] for row in rows if row["label"] is not None] == [None] * 4
    alone = digits.character(folder / "4.png")
    four = rows[1]
    assert four["probability"] == pytest.approx(alone.probability, abs=1e-4)
    assert [four[side] for side in ("x", "y", "width", "height")] == list(alone.box)
    assert four["alternatives"][0] == {"label": "4", "probability": four["probability"]}
    assert rows[5]["x"] is None


def test_each_page_has_its_text_and_characters(folder, digits):
    rows = read(list(list_items([str(folder)])), BatchOptions("digits")).to_pylist()
    assert [row["text"] for row in rows] == ["0", "4", None, None, "7", ""]
    (seven,) = rows[4]["characters"]
    assert (seven["line"], seven["label"], seven["accepted"]) == (1, "7", True)
    assert rows[5]["characters"] == []
    assert rows[2]["characters"] is None


@pytest.mark.parametrize("options", [ALONE, BatchOptions("digits")])
def test_every_page_of_a_pdf_in_a_zip_has_a_row(folder, tmp_path, options):
    pages = [Image.fromarray(picture(label)).convert("RGB") for label in "47"]
    pages[0].save(tmp_path / "both.pdf", save_all=True, append_images=pages[1:])
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "both.pdf", "both.pdf")
    rows = read(list(list_items([str(tmp_path / "all.zip")])), options).to_pylist()
    assert [(row["file"], row["page"]) for row in rows] == [
        (f"{tmp_path}/all.zip/both.pdf", page) for page in (1, 2)
    ]
    assert [row.get("label") or row["text"] for row in rows] == ["4", "7"]


def test_pages_after_one_that_cannot_be_read_are_read(tmp_path, monkeypatch):
    first, last = (Image.fromarray(picture(label)) for label in "47")
    first.save(tmp_path / "both.pdf", save_all=True, append_images=[last])
    reads, errors = Recognizer.read, [None, ImageError("more than any page")]

    def refuses_the_first(self, *given):
        if error := errors.pop():
            raise error
        return reads(self, *given)

    monkeypatch.setattr(Recognizer, "read", refuses_the_first)
    rows = read(list(list_items([str(tmp_path / "both.pdf")])), BatchOptions("digits")).to_pylist()
    assert [(row["page"], row["text"], row["error"]) for row in rows] == [
        (1, None, "more than any page"), (2, "7", None),
    ]  # fmt: skip


def test_a_pattern_is_followed(folder):
    (item,) = list_items([str(folder / "0.png")])
    assert read([item], BatchOptions("alphanumeric", "A")).to_pylist()[0]["text"] in ("O", "o", "D")
    assert read([item], BatchOptions("alphanumeric", "9")).to_pylist()[0]["text"] == "0"


def test_a_model_is_loaded_once(folder, monkeypatch):
    items = list(list_items([str(folder / "4.png")]))
    read(items, ALONE)
    monkeypatch.setattr(Recognizer, "load", lambda *_, **__: pytest.fail("loaded again"))
    read(items, ALONE)


def test_a_file_that_killed_its_worker_has_a_row_with_the_error(folder):
    (item,) = list_items([str(folder / "4.png")])
    (row,) = error_table(item, "it was too much", ALONE).to_pylist()
    assert (row["file"], row["error"], row["label"]) == (item.name, "it was too much", None)
