"""Words on the Draw page, run without a browser: strokes are put where the canvas would put them."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.boxes import shared
from pages.common import escaped
from tests.characters import placed
from training.tools.browser import ROOT

SECONDS = 60  # the first run in a process loads TensorFlow


def strokes_of(text: str, tall: float = 90, gap: float = 30, left: float = 20, top: float = 40) -> list:
    """A text's strokes one character after the other, as lists of points (x, y); a space is a wide gap."""
    strokes = []
    for sign in text:
        if sign == " ":
            left += tall
            continue
        character = placed(sign, tall, 6, left, top)
        strokes += character
        left = max(points[:, 0].max() for points in character) + gap
    return strokes


def page(strokes: list, model: str = "Both", pattern: str = "") -> AppTest:
    """The app with words on its canvas."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state["write"], app.session_state["model"] = "Words", model
    app.session_state["words-pattern"] = pattern
    return written(app, strokes)


def written(app: AppTest, strokes: list) -> AppTest:
    objects = [
        {
            "type": "path",
            "left": float((points[:, 0].min() + points[:, 0].max()) / 2),
            "top": float((points[:, 1].min() + points[:, 1].max()) / 2),
            "strokeWidth": 6,
            "path": [["M", *points[0]], *(["L", *point] for point in points[1:])],
        }
        for points in strokes
    ]
    app.session_state["words-drawing"] = {
        "drawing": {"raw": {"objects": objects}, "data": None},
        "backgroundFit": None,
    }
    return app.run()


def text(app: AppTest) -> str:
    return "\n".join(one.value.lstrip("# ") for one in app.markdown if one.value.startswith("##"))


def test_an_empty_canvas_gives_a_hint():
    app = page([])
    assert not app.exception
    assert "Write a word" in app.info[0].value
    assert not text(app)


@pytest.mark.parametrize(("model", "wanted"), [("Digits", "2475"), ("Both", "HEAT"), ("Both", "42 EAR")])
def test_what_is_written_is_read(model, wanted):
    app = page(strokes_of(wanted), model)
    assert not app.exception
    assert text(app) == wanted


def test_two_lines_are_two_lines():
    app = page(strokes_of("42") + strokes_of("37", top=160), "Digits")
    assert text(app) == "42\n37"


def test_a_pattern_is_followed():
    app = page(strokes_of("4275"), "Digits", pattern="99/99")
    assert text(app) == "42/75"


def test_a_tapped_character_offers_what_else_it_may_be_and_a_choice_stays_while_writing_goes_on():
    app = page(strokes_of("245"), "Digits")
    assert not [button for button in app.button if button.key.startswith("alternative")]
    app.button_group[-1].set_value(1).run()
    others = [button for button in app.button if button.key.startswith("alternative")]
    assert others[0].label == "4"
    chosen = others[1].label
    others[1].click().run()
    assert not app.exception
    assert text(app) == f"2{chosen}5"
    written(app, strokes_of("2457"))
    assert text(app) == f"2{chosen}57"
    written(app, strokes_of("37"))
    assert text(app) == "37"


def test_boxes_share_what_is_in_both():
    assert shared((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert shared((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert shared((0, 0, 10, 10), (20, 0, 10, 10)) == 0


def test_no_label_is_taken_for_markdown():
    assert escaped("#*_") == r"\#\*\_"
