"""The page that reads in the browser, in a real Chromium: alone, without a network, and within the app."""

import shutil
import statistics

import numpy as np
import pytest

from recognizer import Recognizer
from tests.browser.test_draw import PLACES, SECONDS, WRITER, contrast
from tests.characters import GRID, placed
from tests.image import lay_out
from tests.site import site  # noqa: F401
from training.data import wild
from training.evaluation.web import differences, read_by_page, served
from training.tools.browser import chromium, serve

TEN = "2345678ARM"  # recorded strokes; the shapes that do not depend on a country
DRAWINGS = 1_000
LABELS, DIFFERENCE = 0.998, 2.0  # of the same labels, of 255
DURATIONS = """() => performance.getEntriesByName("recognition").map(({ duration }) => duration)"""


@pytest.fixture(scope="module")
def page(needs_chromium, site):  # noqa: F811
    with served(site) as host, chromium(viewport={"width": 1000, "height": 760}) as page:
        page.goto(host.address)
        ready(page, "alphanumeric")
        yield page


@pytest.fixture(autouse=True)
def _clean(request):
    """Begin with an empty canvas in the light."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.set_viewport_size({"width": 1000, "height": 760})
        page.emulate_media(color_scheme="light")
        choose(page, "one")
        read_as(page, "alphanumeric")
        page.locator(".clear").click()
        page.locator(".scrawl[data-read='0']").wait_for(timeout=SECONDS)


def ready(page, model: str) -> None:
    page.locator(f".scrawl[data-model='{model}']").wait_for(timeout=SECONDS)


def choose(page, value: str) -> None:
    page.locator(f"label:has(input[value='{value}'])").click()


def read_as(page, model: str) -> None:
    choose(page, model)
    ready(page, model)


def stroke(page, points: list) -> None:
    """Draw a stroke and leave the pen on the canvas."""
    box = page.locator(".canvas").bounding_box()
    page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y)


def draw(page, strokes: list) -> None:
    """Draw strokes, and wait until all are read."""
    before = int(page.locator(".scrawl").get_attribute("data-read"))
    for points in strokes:
        stroke(page, points)
        page.mouse.up()
    page.locator(f".scrawl[data-read='{before + len(strokes)}']").wait_for(timeout=SECONDS)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")


def recorded(data_dir, label: str, number: int) -> list:
    row = next(row for row in wild.strokes62(data_dir) if (row["label"], row["writer"]) == (label, WRITER))
    side, pen, left, top = PLACES[number % len(PLACES)]
    strokes = wild.placed(row["strokes"], side, pen, left, top)
    return [points[:: max(1, len(points) // 40)] for points in strokes]


def style(page, name: str, what: str) -> str:
    return page.locator(name).first.evaluate("(one, what) => getComputedStyle(one)[what]", what)


def reading(page) -> str:
    return page.locator(".reading").inner_text()


def test_without_a_network_ten_drawings_are_read_also_after_a_new_start(needs_chromium, site, data_dir):  # noqa: F811
    with chromium() as page:
        with served(site) as host:
            page.goto(host.address)
            ready(page, "alphanumeric")
            read_as(page, "letters")
            read_as(page, "digits")
            page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        # nobody serves it any more, and the browser has no network
        page.context.set_offline(True)
        for visit in ("first", "second"):
            for number, label in enumerate(TEN):
                read_as(page, "digits" if label.isdigit() else "letters")
                page.locator(".clear").click()
                page.locator(".scrawl[data-read='0']").wait_for(timeout=SECONDS)
                draw(page, recorded(data_dir, label, number))
                assert reading(page) == label.lower(), f"on the {visit} visit"
            page.reload()
            ready(page, "alphanumeric")


def test_it_reads_while_the_pen_is_down(page):
    stroke(page, placed("7", 200, 16, 60, 60)[0])
    page.locator(".reading", has_text="7").wait_for(timeout=SECONDS)
    before = len(page.evaluate(DURATIONS))
    page.mouse.move(500, 400, steps=30)
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    after = page.evaluate(DURATIONS)
    page.mouse.up()
    assert len(after) > before
    assert statistics.median(after) < 1_000  # it is measured by training.evaluation.web


def test_it_agrees_with_the_library(page, data_dir):
    rows = wild.strokes62(data_dir)
    chosen = np.random.default_rng(6).choice(len(rows), DRAWINGS, replace=False)
    drawings, _ = wild.as_strokes([rows[row] for row in chosen], seed=7)
    pictures = [one.picture() for one in drawings]
    known = Recognizer.load("alphanumeric").characters(pictures)
    away, _, same = differences(read_by_page(page, "alphanumeric", pictures), known)
    assert away < DIFFERENCE
    assert same >= LABELS


def test_no_guess_without_ink_nor_of_a_scribble(page):
    assert reading(page) == ""
    assert "Draw a digit or a letter" in page.locator(".verdict").inner_text()
    assert page.locator(".glyph").is_hidden()
    draw(page, wild.placed(GRID, 200, 14, 60, 60))
    assert "sure" not in page.locator(".verdict").inner_text().replace("Not sure", "")


def test_undo_and_clear_take_the_answer_back(page):
    draw(page, placed("T", 180, 16, 60, 60))
    page.locator(".alternatives li").nth(4).wait_for(timeout=SECONDS)
    page.locator(".undo").click()
    page.locator(".scrawl[data-read='1']").wait_for(timeout=SECONDS)
    page.locator(".clear").click()
    page.locator(".scrawl[data-read='0']").wait_for(timeout=SECONDS)
    assert reading(page) == ""
    assert page.locator(".alternatives li").count() == 0


def test_several_characters_are_read_and_each_has_its_alternatives(page):
    choose(page, "several")
    read_as(page, "digits")
    for number, sign in enumerate("425"):
        draw(page, placed(sign, 120, 16, 20 + 130 * number, 30))
    buttons = page.locator(".reading button")
    assert [one.rstrip("?") for one in buttons.all_inner_texts()] == ["4", "2", "5"]
    buttons.first.click()
    page.locator(".alternatives li").first.filter(has_text="4").wait_for(timeout=SECONDS)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_all_of_it_is_shown_in_both_themes_and_on_a_phone(page, colours):
    page.set_viewport_size({"width": 360, "height": 780})
    draw(page, placed("5", 180, 16, 60, 60))
    page.emulate_media(color_scheme=colours)
    page.wait_for_timeout(300)
    assert reading(page) == "5"
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 360
    box = page.locator(".canvas").bounding_box()
    assert 280 <= box["width"] <= 360 - box["x"]
    paper = style(page, "body", "backgroundColor")
    for name in (".reading", ".verdict", ".hint", ".status", "footer", "footer a", "legend"):
        assert contrast(style(page, name, "color"), paper) > 4.5, name
    ink, sheet = style(page, ".canvas", "color"), style(page, ".canvas", "backgroundColor")
    assert contrast(ink, sheet) > 4.5
    shown = page.evaluate("""() => {
      const canvas = document.querySelector(".glyph canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
      const [red] = getComputedStyle(canvas).color.match(/[0-9.]+/g).map(Number);
      return data.some((alpha, at) => at % 4 === 3 && alpha > 200 && Math.abs(data[at - 3] - red) < 8);
    }""")
    assert shown, "what the model sees is not in the colours of the theme"


def test_in_the_app_it_is_the_instant_mode(page, site, tmp_path):  # noqa: F811
    lay_out(tmp_path)
    shutil.copytree(site, tmp_path / "static" / "site")
    with serve(tmp_path / "app.py") as address, page.context.browser.new_page() as page:
        page.goto(address)
        page.get_by_text("Instant mode").click(timeout=2 * SECONDS)
        ready(page, "alphanumeric")
        draw(page, placed("R", 180, 16, 60, 60))
        assert reading(page) == "R"
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(500)
        assert contrast(style(page, ".reading", "color"), style(page, ".stApp", "backgroundColor")) > 4.5
        page.get_by_text("Instant mode").click()
        page.locator(".st-key-canvas canvas.upper-canvas").wait_for(timeout=2 * SECONDS)
        assert page.locator(".st-key-instant-page").count() == 0
