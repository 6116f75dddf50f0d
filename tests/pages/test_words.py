"""Words on the Draw page without a browser: tests set the strokes that the canvas would set."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.boxes import overlap
from pages.common import escaped
from recognizer.personalization.store import Corrections
from tests.characters import placed
from training.tools.browser import ROOT

HAND = "0123456789abcdef" * 2  # a visitor who has agreed to have corrections stored
SECONDS = 60  # the first run in a process loads TensorFlow


def strokes_of(text: str, tall: float = 90, gap: float = 30, left: float = 20, top: float = 40) -> list:
    """The strokes of a text, as lists of points (x, y); a space is a wide gap."""
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


def test_empty_canvas_gives_a_hint():
    app = page([])
    assert not app.exception
    assert "Write a word" in app.info[0].value
    assert not text(app)


@pytest.mark.parametrize(("model", "wanted"), [("Digits", "2475"), ("Both", "HEAT"), ("Both", "42 EAR")])
def test_written_text_is_read(model, wanted):
    app = page(strokes_of(wanted), model)
    assert not app.exception
    assert text(app) == wanted


def test_two_lines_are_read_as_two():
    app = page(strokes_of("42") + strokes_of("37", top=160), "Digits")
    assert text(app) == "42\n37"


def test_pattern_is_followed():
    app = page(strokes_of("4275"), "Digits", pattern="99/99")
    assert text(app) == "42/75"


def test_a_tapped_character_offers_alternatives_and_a_choice_stays_while_more_is_written():
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


def correct(app: AppTest, position: int, alternative: int) -> str:
    """Tap a character and one of its alternatives, and return the label of that."""
    app.button_group[-1].set_value(position).run()
    label = app.button(key=f"alternative-{alternative}").label
    app.button(key=f"alternative-{alternative}").click().run()
    assert not app.exception
    return label


def saved(corrections: Corrections) -> list[tuple[str, str]]:
    """What was read, and the label that corrects it."""
    return [(correction.read, correction.label) for correction in corrections.of(HAND)]


def test_the_last_choice_for_a_character_replaces_those_before_also_after_more_was_written(corrections):
    app = page(strokes_of("24"), "Digits")
    app.session_state["hand"] = HAND
    correct(app, 1, 1)
    written(app, strokes_of("245"))
    label = correct(app, 1, 2)
    assert saved(corrections) == [("4", label)]


def test_a_new_word_in_the_same_place_keeps_the_corrections_of_the_word_before(corrections):
    app = page(strokes_of("245"), "Digits")
    app.session_state["hand"] = HAND
    first = correct(app, 1, 1)
    written(app, [])
    written(app, strokes_of("245"))
    assert text(app) == "245"
    second = correct(app, 1, 2)
    assert saved(corrections) == [("4", first), ("4", second)]


def test_a_new_word_that_comes_before_the_page_sees_the_empty_canvas_is_a_new_word(corrections):
    app = page(strokes_of("245"), "Digits")
    app.session_state["hand"] = HAND
    correct(app, 1, 1)
    written(app, [points[::-1] for points in strokes_of("245")])
    assert "choices-made" not in app.session_state or not app.session_state["choices-made"]
    correct(app, 1, 2)
    assert len(saved(corrections)) == 2


def test_a_character_that_was_undone_keeps_its_correction(corrections):
    app = page(strokes_of("245"), "Digits")
    app.session_state["hand"] = HAND
    first = correct(app, 2, 1)
    written(app, strokes_of("24"))
    written(app, strokes_of("245"))
    second = correct(app, 2, 2)
    assert saved(corrections) == [("5", first), ("5", second)]


def test_overlap_is_intersection_over_union():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (20, 0, 10, 10)) == 0


def test_labels_are_escaped_in_markdown():
    assert escaped("#*_") == r"\#\*\_"
