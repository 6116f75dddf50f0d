"""The My hand page in a real Chromium: somebody agrees, writes, looks, deletes, and is known again."""

import pytest

from recognizer.personalization.archive import from_zip
from tests.browser import SECONDS
from tests.characters import placed
from training.tools.browser import chromium, draw, serve, wait_until_idle


@pytest.fixture(scope="module")
def page(needs_chromium, tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCRAWL_DATABASE", str(tmp_path_factory.mktemp("data") / "corrections.sqlite"))
        with serve() as address, chromium(viewport={"width": 1280, "height": 900}) as page:
            page.goto(f"{address.rstrip('/')}/handwriting")
            yield page


def teach(page, character: str) -> None:
    """Write what is asked for next, as this character, and wait until it is kept."""
    count = tiles(page).count()
    page.locator(".st-key-canvas canvas.upper-canvas").wait_for(timeout=SECONDS)
    wait_until_idle(page)
    draw(page, placed(character))
    page.wait_for_timeout(1000)  # the canvas sends its drawing
    page.locator(".st-key-keep button").click()
    tiles(page).nth(count).wait_for(timeout=SECONDS)


def tiles(page):
    return page.locator(".st-key-grid img")


def exported(page, folder) -> bytes:
    """The file of all corrections, which lies in `folder` too."""
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(folder / "my-hand.zip")
    return (folder / "my-hand.zip").read_bytes()


def test_what_is_taught_stands_in_the_grid_until_it_is_deleted(page, tmp_path):
    page.locator(".st-key-agree button").click(timeout=SECONDS)
    page.get_by_text("Digits", exact=True).first.click(timeout=SECONDS)
    page.locator(".st-key-wanted h1", has_text="0").wait_for(timeout=SECONDS)
    teach(page, "0")
    page.locator(".st-key-wanted h1", has_text="1").wait_for(timeout=SECONDS)
    teach(page, "1")

    page.reload()  # the browser is known again
    tiles(page).nth(1).wait_for(timeout=SECONDS)
    labels = page.locator(".st-key-grid .stTooltipIcon button", has_text="close")
    labels.nth(1).wait_for(timeout=SECONDS)
    assert [text.split()[0] for text in labels.all_inner_texts()] == ["1", "0"]

    assert [one.label for one in from_zip(exported(page, tmp_path))] == ["0", "1"]
    labels.first.click()
    tiles(page).nth(1).wait_for(state="detached", timeout=SECONDS)
    assert labels.inner_text().split()[0] == "0"

    page.get_by_role("button", name="Import").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-testid=stFileUploader]").locator("button", has_text="Upload").click()
    chooser.value.set_files(tmp_path / "my-hand.zip")
    page.get_by_text("Imported 1 new correction").wait_for(timeout=SECONDS)
    tiles(page).nth(1).wait_for(timeout=SECONDS)
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_stroke_counts_though_its_pen_lifts_just_before(page, tmp_path):
    count = tiles(page).count()
    draw(page, [[(160, 60), (160, 250)]])
    page.wait_for_timeout(1000)
    draw(page, [[(60, 150), (260, 150)]])
    page.locator(".st-key-keep button").click()
    tiles(page).nth(count).wait_for(timeout=SECONDS)
    *_, newest = from_zip(exported(page, tmp_path))
    high, wide = (int((newest.glyph > 128).any(axis=axis).sum()) for axis in (1, 0))
    assert min(high, wide) > 15


def test_it_fits_a_phone_in_both_themes(page):
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        tiles(page).first.wait_for(timeout=SECONDS)
        page.wait_for_timeout(1000)
        assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 390
        wanted = page.locator(".st-key-wanted h1").bounding_box()
        canvas = page.locator(".st-key-canvas canvas.upper-canvas").bounding_box()
        assert wanted["y"] + wanted["height"] <= canvas["y"]  # seen while one writes
        assert canvas["x"] + canvas["width"] <= 390
    page.set_viewport_size({"width": 1280, "height": 900})


def test_delete_all_forgets_the_person_too(page):
    page.get_by_role("button", name="Delete all").click()
    page.locator(".st-key-forget button").click(timeout=SECONDS)
    page.locator(".st-key-agree button").wait_for(timeout=SECONDS)
    page.wait_for_timeout(1000)
    assert "scrawl-hand" not in [cookie["name"] for cookie in page.context.cookies()]
    page.reload()
    page.locator(".st-key-agree button").wait_for(timeout=SECONDS)
