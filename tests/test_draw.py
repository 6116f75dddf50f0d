"""The Draw page, run without a browser: the canvas's state is put where the canvas would put it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from recognizer import available_models
from tests.characters import GRID, picture
from training import wild
from training.browser import ROOT

SECONDS = 60  # the first run in a process loads TensorFlow


def page(drawn: np.ndarray | None, model: str = "Both") -> AppTest:
    """The app with a drawing on its canvas, None before the first stroke."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state["model"] = model
    if drawn is not None:
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
    app = page(picture("5"), "Digits")
    assert answers(app) == ["5"]
    app.segmented_control(key="model").set_value("Letters").run()
    assert answers(app) == ["s"]


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
    assert (said[["digits", "digits-resnet", "alphanumeric"]] == "7").all()
    assert said["letters-27"] in ("", *"abcdefghijklmnopqrstuvwxyz")


def test_what_is_no_character_is_said_so():
    app = page(wild.draw(GRID, 150, 10, 60, 60))
    assert not app.exception
    assert any("Not a character" in element.value for element in app.markdown)
