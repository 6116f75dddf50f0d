"""The Draw page without a browser: tests set the state that the canvas would set."""

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

# a single P looks like a p; and from V to U in steps, one is neither
AMBIGUOUS = [
    [[(0, 0), (0, 100)], [(0, 0), (50, 10), (50, 40), (0, 50)]],
    *([[(0, 0), (30 - foot, 100), (30 + foot, 100), (60, 0)]] for foot in range(0, 24, 2)),
]
SECONDS = 60  # the first run in a process loads TensorFlow


def page(drawn: np.ndarray | None, model: str = "Both") -> AppTest:
    """The app with a drawing on its canvas; None: nobody has drawn yet."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state["model"] = model
    return app.run() if drawn is None else redraw(app, drawn)


def redraw(app: AppTest, drawn: np.ndarray) -> AppTest:
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
def test_blank_canvas_gives_a_hint_and_no_answer(drawn):
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


def test_changing_the_pen_width_keeps_the_drawing():
    app = page(picture("4"), "Digits")
    app.slider(key="pen").set_value(30).run()
    assert not app.exception
    assert answers(app) == ["4"]


def test_changing_the_model_reads_the_same_drawing_again():
    app = page(picture("0"), "Digits")
    assert answers(app) == ["0"]
    app.segmented_control(key="model").set_value("Letters").run()
    assert answers(app) == ["o"]


def test_a_classic_model_can_read():
    app = page(picture("4"))
    app.selectbox(key="zoo").set_value("digits-lenet5").run()
    assert not app.exception
    assert answers(app) == ["4"]
    assert "Read by digits-lenet5" in [element.value for element in app.caption]


def test_all_models_can_be_asked():
    app = page(picture("7"))
    app.toggle(key="all").set_value(True).run()
    assert not app.exception
    answers_by_model = app.dataframe[0].value.set_index("Model")["Answer"]
    assert sorted(answers_by_model.index) == available_models()
    assert (answers_by_model[["digits", "digits-resnet", "anything"]] == "7").all()
    assert answers_by_model["letters-27"] in ("", *"abcdefghijklmnopqrstuvwxyz")


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.fixture(scope="session")
def doubtful(anything) -> np.ndarray:
    """A drawing that could be either of two letters."""
    drawings = [wild.draw(strokes, 150, 14, 60, 60) for strokes in AMBIGUOUS]
    return next(one for one in drawings if anything.character(one).reason == "uncertain")


def test_accepted_answer_can_be_corrected():
    app = page(picture("4"))
    assert "sure" in text(app)
    assert "Not sure" not in text(app)
    app.button(key="choice-2").click().run()
    assert answers(app) == [app.button(key="choice-2").label]
    app.text_input(key="typed").set_value("7").run()
    assert not app.exception
    assert answers(app) == ["7"]
    assert "Your choice" in text(app)


def test_choice_is_saved_only_after_consent_and_the_last_one_counts(tmp_path, monkeypatch):
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


def test_both_likely_labels_of_a_doubtful_answer_are_one_tap_away(doubtful):
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


def test_another_stroke_discards_the_choice(doubtful):
    app = page(doubtful)
    app.button(key="choice-2").click().run()
    chosen = answers(app)
    dotted = doubtful.copy()
    dotted[250:256, 250:256] = 0
    assert "Your choice" not in text(redraw(app, dotted))
    assert "Your choice" not in text(redraw(app, doubtful))
    assert answers(app) != chosen


@pytest.mark.parametrize(("model", "kind"), [("Both", "character"), ("Digits", "digit")])
def test_scribble_gives_a_message_instead_of_an_answer(model, kind):
    app = page(wild.draw(GRID, 150, 10, 60, 60), model)
    assert not app.exception
    assert f"This doesn't look like a {kind}" in text(app)
    assert not answers(app)
    label = app.button(key="choice-1").label
    app.button(key="choice-1").click().run()
    assert answers(app) == [label]


def test_why_shows_the_heat_map_only_on_demand():
    app = page(picture("4"), "Digits")
    assert "against" not in text(app)
    pictures = len(app.get("image"))
    app.toggle(key="why").set_value(True).run()
    assert not app.exception
    assert answers(app) == ["4"]
    assert "for **4**" in text(app)
    assert "against **4**" in text(app)
    assert len(app.get("image")) == pictures + 1


def test_why_with_an_emptied_canvas_gives_the_hint():
    app = page(picture("4"), "Digits")
    app.toggle(key="why").set_value(True).run()
    redraw(app, np.full((320, 320), 255, np.uint8))
    assert not app.exception
    assert "Draw a digit or a letter" in app.info[0].value
