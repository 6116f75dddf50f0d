"""The Photo page in a real Chromium: other people's pages read, and corrected with the mouse."""

import contextlib
import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import TimeoutError

from tests.browser import SECONDS
from training.tools.browser import chromium, serve, wait_until_idle

PAGE = "IMG_20210425_222746__01.jpg"  # 49 times 0
SIZE = (3000, 4000)


@pytest.fixture(scope="module")
def page(needs_chromium):
    with serve() as address, chromium(viewport={"width": 1280, "height": 1400}) as page:
        page.goto(f"{address.rstrip('/')}/photo")
        page.get_by_text("Digits", exact=True).click(timeout=SECONDS)
        yield page


def upload(page, *files) -> None:
    """These files, and none of before."""
    page.reload()
    page.get_by_text("Digits", exact=True).click(timeout=SECONDS)
    page.get_by_text("photograph it").wait_for(timeout=SECONDS)  # the page's last line
    wait_until_idle(page)
    with page.expect_file_chooser() as chooser:
        page.locator("[data-testid=stFileUploader]").locator("button", has_text="Upload").click()
    chooser.value.set_files(list(files))
    page.locator("[data-testid=stFileChip]").nth(len(files) - 1).wait_for(timeout=SECONDS)


def text(page):
    return page.locator(".st-key-photo-reading textarea")


def downloaded(page, kind: str) -> bytes:
    """What the button of this kind downloads; clicked again where a rerun took the file away meanwhile."""
    for _ in range(4):
        with contextlib.suppress(TimeoutError), page.expect_download(timeout=SECONDS / 4) as download:
            page.locator(".st-key-downloads").get_by_text(kind, exact=True).click()
        if download.is_done():
            return download.value.path().read_bytes()
    pytest.fail(f"no {kind} was downloaded")


def rows(page) -> list[dict]:
    return list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))


def until(page, count: int) -> list[dict]:
    """The rows of the CSV, as soon as there are so many."""
    for _ in range(60):
        if len(found := rows(page)) == count:
            return found
        page.wait_for_timeout(250)
    pytest.fail(f"the CSV has {len(found)} rows, not {count}")


def on_screen(page, row: dict) -> tuple[float, float, float, float]:
    """Where a row's box stands on the screen: left, top, right, bottom."""
    canvas = page.locator(".st-key-photo-canvas canvas.upper-canvas").bounding_box()
    scale = canvas["width"] / SIZE[0]
    left, top = canvas["x"] + scale * int(row["x"]), canvas["y"] + scale * int(row["y"])
    return left, top, left + scale * int(row["width"]), top + scale * int(row["height"])


def drag(page, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=4)
    page.mouse.up()


@pytest.fixture
def read_page(page, data_dir):
    upload(page, data_dir / "wild" / "pages" / PAGE)
    text(page).wait_for(timeout=SECONDS)
    page.locator(".st-key-photo-canvas canvas.upper-canvas").wait_for(timeout=SECONDS)
    return page


def test_a_page_is_read_with_boxes_and_text(read_page):
    found = rows(read_page)
    assert len(found) >= 44  # an eye counts 49
    assert "".join(row["character"] for row in found).count("0") >= 40
    assert text(read_page).input_value().replace(" ", "").count("0") >= 40
    assert json.loads(downloaded(read_page, "JSON"))["text"] == text(read_page).input_value()
    picture = Image.open(io.BytesIO(downloaded(read_page, "Picture")))
    assert picture.size == SIZE


def test_boxes_are_deleted_added_and_moved_on_the_canvas(read_page):
    before = until(read_page, len(rows(read_page)))
    gone = before[0]
    left, top, right, bottom = on_screen(read_page, gone)
    middle = ((left + right) / 2, (top + bottom) / 2)

    read_page.get_by_text("Move or delete", exact=True).click()
    remove = read_page.locator(".st-key-photo-canvas [title='Delete selected']")
    remove.wait_for(timeout=SECONDS)
    left, top, right, bottom = on_screen(read_page, gone)
    middle = ((left + right) / 2, (top + bottom) / 2)
    read_page.mouse.click(*middle)
    remove.click()
    after = until(read_page, len(before) - 1)
    assert [row["x"] for row in after] == [row["x"] for row in before[1:]]
    line = [row["character"] for row in after if row["line"] == "1"]
    assert text(read_page).input_value().split("\n")[0].replace(" ", "") == "".join(line)

    read_page.get_by_text("Add", exact=True).click()
    read_page.wait_for_timeout(1000)
    left, top, right, bottom = on_screen(read_page, gone)
    drag(read_page, (left - 3, top - 3), (right + 3, bottom + 3))
    again = until(read_page, len(before))
    assert again[0]["character"] == "0"
    assert abs(int(again[0]["x"]) - int(gone["x"])) < 40

    read_page.get_by_text("Move or delete", exact=True).click()
    read_page.wait_for_timeout(1000)
    other = before[1]
    left, top, right, bottom = on_screen(read_page, other)
    middle = ((left + right) / 2, (top + bottom) / 2)
    read_page.mouse.click(*middle)
    drag(read_page, middle, (middle[0] + 4, middle[1] + 4))
    read_page.wait_for_timeout(2000)
    moved = until(read_page, len(before))
    assert int(moved[1]["x"]) > int(other["x"])

    read_page.get_by_role("button", name="Undo all changes").click()
    read_page.wait_for_timeout(2000)
    assert rows(read_page) == before


def test_the_text_can_be_edited_and_is_what_is_downloaded(read_page):
    text(read_page).fill("written by hand")
    text(read_page).blur()
    read_page.get_by_role("button", name="Undo all changes").wait_for(timeout=SECONDS)
    assert downloaded(read_page, "Text") == b"written by hand\n"


def test_nothing_on_a_page_is_said_and_one_bad_file_does_not_stop_the_others(page, tmp_path):
    noise = np.random.default_rng(1).normal(205, 2, (900, 1200, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "empty.jpg")
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    upload(page, tmp_path / "bad.png", tmp_path / "empty.jpg")
    page.locator(".st-key-photo-reading").get_by_text("nothing on this page").wait_for(timeout=SECONDS)
    page.get_by_text("bad.png: the file is not a picture").wait_for(timeout=SECONDS)
    assert page.locator("[data-testid=stException]").count() == 0
    assert rows(page) == []


def test_it_fits_a_phone(page, data_dir):
    page.set_viewport_size({"width": 390, "height": 844})
    upload(page, data_dir / "wild" / "pages" / PAGE)
    text(page).wait_for(timeout=SECONDS)
    page.wait_for_timeout(1500)
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 390
    box = page.locator(".st-key-photo-canvas canvas.upper-canvas").bounding_box()
    assert 300 < box["width"] <= 390
    assert box["x"] + box["width"] <= 390
    page.set_viewport_size({"width": 1280, "height": 1400})
