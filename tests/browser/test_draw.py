"""The app in a real Chromium, drawn on with the mouse as other people drew on a tablet."""

import numpy as np
import pytest

from tests.browser import SECONDS
from tests.characters import GRID
from tests.characters import placed as own_strokes
from training.data import wild
from training.tools.browser import chromium, draw, open_app, serve, wait_until_idle

PLACES = ((150, 14, 20, 30), (90, 14, 200, 10), (220, 14, 60, 60), (70, 14, 30, 220), (280, 14, 20, 20))
DIGITS, LETTERS = "2345678", "ARM"  # ten recordings; the shapes that do not depend on a country
WRITER = 6
COLOURED = """async () => {
  const image = document.querySelector(".st-key-heatmap img");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const colours = [...data.subarray(at, at + 3)];
    if (Math.max(...colours) - Math.min(...colours) > 60) count += 1;
  }
  return count;
}"""


@pytest.fixture(scope="module")
def page(needs_chromium):
    with serve() as address, chromium(viewport={"width": 1100, "height": 900}) as page:
        open_app(page, address)
        yield page


def read_as(page, model: str) -> None:
    """Choose a model, on a new canvas."""
    page.reload()
    page.locator(".st-key-canvas canvas.upper-canvas").wait_for(timeout=SECONDS)
    wait_until_idle(page)
    page.get_by_text(model, exact=True).click()


def answer(page):
    return page.locator(".st-key-reading h1")


def test_nothing_drawn_is_no_guess(page):
    read_as(page, "Both")
    hint = page.locator(".st-key-reading")
    hint.get_by_text("Draw a digit or a letter").wait_for(timeout=SECONDS)
    assert answer(page).count() == 0


@pytest.mark.parametrize(("number", "label"), list(enumerate(DIGITS + LETTERS)))
def test_recorded_strokes_are_read(page, data_dir, number, label):
    row = next(row for row in wild.strokes62(data_dir) if (row["label"], row["writer"]) == (label, WRITER))
    side, pen, left, top = PLACES[number % len(PLACES)]
    strokes = [
        points[:: max(1, len(points) // 40)] for points in wild.placed(row["strokes"], side, pen, left, top)
    ]
    read_as(page, "Digits" if label.isdigit() else "Letters")
    draw(page, strokes)
    page.locator(".st-key-reading h1", has_text=label.lower()).wait_for(timeout=SECONDS)
    assert answer(page).inner_text() == label.lower()


@pytest.mark.parametrize("button", ["Undo", "Reset canvas & history"])
def test_a_canvas_made_blank_again_takes_the_answer_back(page, button):
    read_as(page, "Digits")
    draw(page, own_strokes("7"))
    page.locator(".st-key-reading h1", has_text="7").wait_for(timeout=SECONDS)
    page.locator(".st-key-canvas").get_by_role("button", name=button).click()
    page.locator(".st-key-reading").get_by_text("Draw a digit or a letter").wait_for(timeout=SECONDS)
    assert answer(page).count() == 0


def test_all_of_the_answer_is_shown_in_both_themes_and_on_a_phone(page):
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": 360, "height": 780})
        read_as(page, "Digits")
        draw(page, own_strokes("5"))
        page.locator(".st-key-reading h1", has_text="5").wait_for(timeout=SECONDS)
        page.locator(".st-key-alternatives").wait_for(timeout=SECONDS)
        page.locator(".st-key-glyph img").wait_for(timeout=SECONDS)
        width = page.evaluate("() => document.scrollingElement.scrollWidth")
        assert width <= 360, f"the page is {width} pixels wide on a phone"
        box = page.locator(".st-key-canvas canvas.upper-canvas").bounding_box()
        assert 280 <= box["width"] <= 400
        assert box["x"] + box["width"] <= 360
        text, paper = page.evaluate(
            "() => [getComputedStyle(document.querySelector('.st-key-reading h1')).color,"
            " getComputedStyle(document.querySelector('.stApp')).backgroundColor]"
        )
        assert contrast(text, paper) > 4.5
    page.set_viewport_size({"width": 1100, "height": 900})
    page.emulate_media(color_scheme="light")


def test_why_shows_the_drawing_with_the_ink_that_spoke(page):
    read_as(page, "Digits")
    draw(page, own_strokes("4"))
    page.locator(".st-key-reading h1", has_text="4").wait_for(timeout=SECONDS)
    assert page.locator(".st-key-heatmap").count() == 0
    page.locator(".st-key-why label").click()
    heatmap = page.locator(".st-key-heatmap")
    heatmap.locator("img").wait_for(timeout=SECONDS)
    heatmap.get_by_text("against 4").wait_for(timeout=SECONDS)
    assert "for 4" in heatmap.inner_text()
    coloured = page.evaluate(COLOURED)
    assert coloured > 500, f"{coloured} pixels of the heat map are coloured"


def test_a_choice_is_one_tap_and_lasts_until_the_next_stroke(page):
    read_as(page, "Both")
    draw(page, wild.placed(GRID, 150, 14, 60, 60))
    button = page.locator(".st-key-choice-2 button")
    button.wait_for(timeout=SECONDS)
    label = button.inner_text()
    button.click()
    page.locator(".st-key-reading h1", has_text=label).wait_for(timeout=SECONDS)
    draw(page, [[(250, 250), (260, 280)]])
    page.get_by_text("Your choice").wait_for(state="detached", timeout=SECONDS)


def test_a_word_is_read_as_it_grows_and_a_character_can_be_corrected(page):
    read_as(page, "Both")
    page.locator(".st-key-write").get_by_text("Words").click()
    page.get_by_text("Words or numbers, on one line").wait_for(timeout=SECONDS)
    text = page.locator(".st-key-reading h2")
    draw(page, own_strokes("H", 90, 6, 20, 40))
    page.locator(".st-key-reading h2", has_text="H").wait_for(timeout=SECONDS)
    for number, sign in enumerate("AT", 1):
        draw(page, own_strokes(sign, 90, 6, 20 + 85 * number, 40))
    page.locator(".st-key-reading h2", has_text="HAT").wait_for(timeout=SECONDS)
    assert text.inner_text() == "HAT"

    page.locator(".st-key-characters button", has_text="A").click()
    others = page.locator(".st-key-alternatives .stButton button")
    others.first.wait_for(timeout=SECONDS)
    label = next(one for one in others.all_inner_texts() if one != "A")
    others.filter(has_text=label).first.click()
    page.locator(".st-key-reading h2", has_text=f"H{label}T").wait_for(timeout=SECONDS)
    draw(page, own_strokes("4", 90, 6, 300, 40))
    page.locator(".st-key-reading h2", has_text=f"H{label}T").filter(has_text="4").wait_for(timeout=SECONDS)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two CSS colours rgb(r, g, b) (WCAG 2.1)."""

    def luminance(colour: str) -> float:
        channels = (
            np.array([float(value) for value in colour[colour.index("(") + 1 : -1].split(",")[:3]]) / 255
        )
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
