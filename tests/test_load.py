"""The app under load: every answer is its own drawing's, models are loaded once, and the driver can tell."""

import asyncio
import base64
import dataclasses
import io
import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from pages import common
from recognizer import Drawing
from recognizer.models.store import WEIGHTS, load_model
from tests.characters import STROKES, placed
from tests.load import crowd as crowds
from tests.load.crowd import LOST, RIGHT, WRONG, crowd
from tests.load.drawings import CANVAS, MODELS, Answer, Drawn, canvas_state, owed
from tests.load.server import started
from tests.load.session import opened
from tests.pages.test_draw import page as draw_page
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow

SESSIONS, EACH = 4, 5
GLYPH = np.kron(np.eye(7), np.ones((4, 4))).astype(np.uint8) * 255

AT_ONCE = """
import logging, sys, threading
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from recognizer import Drawing, Recognizer
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
seven = Drawing((np.array([(90, 80), (200, 75), (135, 240)]),), 16, (320, 320))
together = threading.Barrier(8)
def read(number):
    together.wait()
    reader = Recognizer.load("digits", max_error=0.01 if number % 2 else None)
    return reader.character(seven).label, reader.read(seven).text
with ThreadPoolExecutor(8) as threads:
    print(set(threads.map(read, range(8))))
"""


def test_threads_that_load_and_read_at_once_load_once_and_read_the_same():
    said = subprocess.check_output([sys.executable, "-c", AT_ONCE], cwd=ROOT, text=True).splitlines()
    loads = Counter(line for line in said if line.startswith("loaded "))
    assert loads.keys() >= {
        "loaded weights/characters.keras with keras",
        "loaded lines/digits.keras with keras",
    }
    assert set(loads.values()) == {1}
    assert said[-1] == "{('7', '7')}"


def test_a_model_is_in_memory_once_while_it_is_held(tmp_path):
    first = load_model("digits")
    assert load_model("digits") is first
    for path in WEIGHTS.glob("characters.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    other = load_model("digits", tmp_path)
    assert other is not first
    card = json.loads((tmp_path / "characters.json").read_text())
    card["views"]["digits"]["temperature"] = 7.0
    (tmp_path / "characters.json").write_text(json.dumps(card))
    assert load_model("digits", tmp_path).card["temperature"] == 7.0


def test_what_tensorflow_has_prepared_outlives_a_run_of_a_page():
    import keras

    common.reader("digits")
    number = keras.backend.get_uid("a test")
    for _ in range(2):  # the first has cleaned up when the second has run
        draw_page(None)
    assert keras.backend.get_uid("a test") == number + 1


@pytest.fixture(scope="module")
def app():
    with started() as app:
        yield app


def drawings(session: int) -> list[Drawn]:
    """What one session draws: each character somewhere else than in all others."""
    rng, labels = np.random.default_rng(session), list(STROKES)
    model = list(MODELS)[session % len(MODELS)]
    every = (
        placed(labels[(session + 3 * one) % len(labels)], 120, 14, *rng.uniform(20, 150, 2))
        for one in range(EACH)
    )
    return [owed(strokes, 14, model) for strokes in every]


@pytest.fixture(scope="module")
def drawn() -> list[list[Drawn]]:
    return [drawings(session) for session in range(SESSIONS)]


@pytest.fixture(scope="module")
def tally(app, drawn):
    """What became of sessions that came to a fresh server all at once."""
    counts: list[int] = []
    found = asyncio.run(crowd(app.address, drawn, counted=counts.append))
    assert counts == list(range(1, SESSIONS * EACH + 1))
    return found


def test_every_answer_is_that_of_its_own_drawing(tally):
    assert tally.verdicts == {RIGHT: SESSIONS * EACH}
    assert len(tally.seconds) == SESSIONS * EACH
    assert all(0 < seconds < tally.drawing for seconds in tally.seconds)
    assert tally.held == SESSIONS


def test_sessions_that_come_at_once_load_each_model_once(app, tally):
    loads = app.loads()
    assert loads.keys() >= {"weights/characters.keras with keras"}
    assert set(loads.values()) == {1}
    assert app.memory() > 100


def judged(app, drawn: Drawn, monkeypatch, patience: float = crowds.PATIENCE) -> str:
    """The verdict on one drawing."""
    monkeypatch.setattr(crowds, "PATIENCE", patience)

    async def draw() -> str:
        async with opened(app.address) as session:
            await session.start()
            return (await crowds.one(session, drawn))[0]

    return asyncio.run(draw())


@pytest.mark.parametrize("change", [
    {"label": "!"}, {"alternatives": (("!", "99.9%"),)}, {"glyph": GLYPH}, {"glyph": None},
])  # fmt: skip
def test_an_answer_that_is_not_the_one_owed_is_wrong(app, drawn, change, monkeypatch):
    mine = drawn[0][0]
    other = dataclasses.replace(
        mine, answers=(*mine.answers[:-1], dataclasses.replace(mine.answers[-1], **change))
    )
    assert judged(app, mine, monkeypatch) == RIGHT
    assert judged(app, other, monkeypatch) == WRONG


def test_an_answer_that_does_not_come_is_lost(app, drawn, monkeypatch):
    assert judged(app, drawn[0][0], monkeypatch, patience=0.001) == LOST


def test_an_app_that_dies_loses_what_it_owes_and_holds_no_session(drawn):
    with started() as app:

        def die(answers: int) -> None:
            if answers == 3:
                app.process.kill()

        tally = asyncio.run(crowd(app.address, drawn[:2], counted=die))
    assert tally.verdicts[LOST] >= 2 * EACH - 3 - 1  # one may be on its way
    assert tally.verdicts.total() == 2 * EACH
    assert tally.verdicts[WRONG] == tally.held == 0


def test_a_canvas_state_is_the_strokes_and_a_picture_of_them():
    strokes = placed("4", 150, 16, 60, 60)
    drawing = json.loads(canvas_state(strokes, 16))["drawing"]
    known = Drawing.from_canvas(drawing["raw"], (CANVAS, CANVAS))
    assert known.pen == 16
    for points, seen in zip(strokes, known.strokes, strict=True):
        np.testing.assert_allclose(seen[[0, -1]], points[[0, -1]], atol=0.01)
    picture = Image.open(io.BytesIO(base64.b64decode(drawing["data"].partition(",")[2])))
    assert (picture.mode, picture.size) == ("RGBA", (CANVAS, CANVAS))
    x, y = np.rint(strokes[0][0]).astype(int)
    assert picture.getpixel((int(x), int(y))) == (0, 0, 0, 255)
    assert picture.getpixel((0, 0)) == (255, 255, 255, 255)


def test_an_empty_canvas_has_no_strokes_and_is_owed_no_answer():
    assert Drawing.from_canvas(json.loads(canvas_state([], 1))["drawing"]["raw"], (CANVAS, CANVAS)) is None
    assert Answer().same(Answer())


@pytest.mark.parametrize(("other", "same"), [
    (Answer("7", (("7", "99.9%"),), GLYPH), True),
    (Answer("7", (("7", "99.9%"),), np.clip(GLYPH, 1, 254)), True),  # as a JPEG may have it
    (Answer("7", (("7", "99.8%"),), GLYPH), False),
    (Answer("1", (("7", "99.9%"),), GLYPH), False),
    (Answer("7", (("7", "99.9%"),), np.roll(GLYPH, 1, 1)), False),
    (Answer("7", (("7", "99.9%"),), GLYPH[::2, ::2]), False),
    (Answer("7", (("7", "99.9%"),)), False),
    (Answer(), False),
])  # fmt: skip
def test_answers_are_told_apart(other, same):
    assert Answer("7", (("7", "99.9%"),), GLYPH).same(other) is same


def test_a_page_without_a_canvas_is_said_to_be_none(tmp_path):
    (tmp_path / "other.py").write_text("import streamlit as st\n\nst.title('Another program')\n")

    async def start(address: str) -> None:
        async with opened(address) as session:
            await session.start()

    with started(tmp_path / "other.py") as other, pytest.raises(RuntimeError, match="no canvas"):
        asyncio.run(start(other.address))
