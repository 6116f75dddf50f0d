"""The Draw page, run without a browser: the canvas's state is put where the canvas would put it."""

import base64
import io

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from recognizer import available_models
from recognizer.personalization.store import Corrections
from tests.characters import GRID, picture
from training.data import wild
from training.tools.browser import ROOT

# a P alone looks like a p; and between a V and a U there is one that is neither
BETWEEN = [
    [[(0, 0), (0, 100)], [(0, 0), (50, 10), (50, 40), (0, 50)]],
    *([[(0, 0), (30 - foot, 100), (30 + foot, 100), (60, 0)]] for foot in range(0, 24, 2)),
]
SECONDS = 60  # the first run in a process loads TensorFlow


def page(drawn: np.ndarray | None, model: str = "Both") -> AppTest:
    """The app with a drawing on its canvas, None before the first stroke."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state["model"] = model
    return app.run() if drawn is None else redrawn(app, drawn)


def redrawn(app: AppTest, drawn: np.ndarray) -> AppTest:
    """The app with another drawing on its canvas."""
    file = io.BytesIO()
    Image.fromarray(drawn).convert("RGBA").save(file, "PNG")
    data = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    app.session_state["drawing"] = {
        "drawing": {"raw": {"objects": []}, "data": data},
        "backgroundFit": None,
    }
    return app.run()


def answers(app: AppTest) -> list[str]:
    return [element.value.removeprefix("# ") for element in app.markdown if element.value.startswith("# ")]


@pytest.mark.parametrize("drawn", [None, np.full((320, 320), 255, np.uint8)])
def test_a_blank_canvas_gives_a_hint_and_no_guess(drawn):
    app = page(drawn)
    assert not app.exception
    assert "Draw a digit or a letter" in app.info[0].value
    assert not answers(app)


@pytest.mark.parametrize(("model", "character", "wanted"), [
    ("Digits", "4", "4"), ("Letters", "R", "r"), ("Both", "2", "2"), ("Both", "E", "E"),
])  # fmt: skip
def test_a_drawn_character_is_read(model, character, wanted):
    app = page(picture(character), model)
    assert not app.exception
    assert not app.info
    assert answers(app) == [wanted]


def test_the_pen_has_a_width_and_the_canvas_keeps_its_drawing():
    app = page(picture("4"), "Digits")
    app.slider(key="pen").set_value(30).run()
    assert not app.exception
    assert answers(app) == ["4"]


def test_another_model_reads_the_same_drawing_again():
    app = page(picture("0"), "Digits")
    assert answers(app) == ["0"]
    app.segmented_control(key="model").set_value("Letters").run()
    assert answers(app) == ["o"]


def test_any_model_of_the_zoo_can_read():
    app = page(picture("4"))
    app.selectbox(key="zoo").set_value("digits-lenet5").run()
    assert not app.exception
    assert answers(app) == ["4"]
    assert "Read by digits-lenet5" in [element.value for element in app.caption]


def test_all_models_can_be_asked_at_once():
    app = page(picture("7"))
    app.toggle(key="all").set_value(True).run()
    assert not app.exception
    said = app.dataframe[0].value.set_index("Model")["Reads"]
    assert sorted(said.index) == available_models()
    assert (said[["digits", "digits-resnet", "anything"]] == "7").all()
    assert said["letters-27"] in ("", *"abcdefghijklmnopqrstuvwxyz")


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.fixture(scope="session")
def doubtful(anything) -> np.ndarray:
    """A drawing that may be two letters."""
    drawings = [wild.draw(strokes, 150, 14, 60, 60) for strokes in BETWEEN]
    return next(one for one in drawings if anything.character(one).reason == "uncertain")


def test_an_accepted_answer_asks_nothing_and_can_be_corrected():
    app = page(picture("4"))
    assert "sure" in text(app)
    assert "Not sure" not in text(app)
    app.button(key="choice-2").click().run()
    assert answers(app) == [app.button(key="choice-2").label]
    app.text_input(key="typed").set_value("7").run()
    assert not app.exception
    assert answers(app) == ["7"]
    assert "Your choice" in text(app)


def test_a_choice_is_kept_of_who_agreed_to_that_and_the_last_one_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "corrections.sqlite"))
    st.cache_resource.clear()
    app = page(picture("4"))
    app.button(key="choice-2").click().run()
    assert not (tmp_path / "corrections.sqlite").exists()
    app.session_state["hand"] = "f" * 32
    for number in (3, 2):
        app.button(key=f"choice-{number}").click().run()
        assert not app.exception
    (kept,) = Corrections(tmp_path / "corrections.sqlite").of("f" * 32)
    assert (kept.label, kept.read, kept.model) == (app.button(key="choice-2").label, "4", "anything")
    st.cache_resource.clear()


def test_of_a_doubtful_answer_both_are_one_tap_away(doubtful):
    app = page(doubtful)
    assert not app.exception
    first, second = (app.button(key=f"choice-{number}").label for number in (1, 2))
    assert answers(app) == [first]
    assert f"Not sure: **{first} or {second}?**" in text(app)
    for number, label in ((2, second), (1, first)):
        app.button(key=f"choice-{number}").click().run()
        assert not app.exception
        assert answers(app) == [label]
        assert "Your choice" in text(app)
        assert "Not sure" not in text(app)


def test_a_new_stroke_forgets_the_choice(doubtful):
    app = page(doubtful)
    app.button(key="choice-2").click().run()
    chosen = answers(app)
    dotted = doubtful.copy()
    dotted[250:256, 250:256] = 0
    assert "Your choice" not in text(redrawn(app, dotted))
    assert "Your choice" not in text(redrawn(app, doubtful))
    assert answers(app) != chosen


@pytest.mark.parametrize(("model", "said"), [("Both", "Not a character"), ("Digits", "Not a digit")])
def test_what_is_no_character_is_said_so_and_shown_as_none(model, said):
    app = page(wild.draw(GRID, 150, 10, 60, 60), model)
    assert not app.exception
    assert said in text(app)
    assert not answers(app)
    label = app.button(key="choice-1").label
    app.button(key="choice-1").click().run()
    assert answers(app) == [label]


def test_why_shows_which_ink_spoke_only_when_asked():
    app = page(picture("4"), "Digits")
    assert "against" not in text(app)
    pictures = len(app.get("image"))
    app.toggle(key="why").set_value(True).run()
    assert not app.exception
    assert answers(app) == ["4"]
    assert "for **4**" in text(app)
    assert "against **4**" in text(app)
    assert len(app.get("image")) == pictures + 1


def test_why_of_an_emptied_canvas_is_the_hint_again():
    app = page(picture("4"), "Digits")
    app.toggle(key="why").set_value(True).run()
    redrawn(app, np.full((320, 320), 255, np.uint8))
    assert not app.exception
    assert "Draw a digit or a letter" in app.info[0].value
