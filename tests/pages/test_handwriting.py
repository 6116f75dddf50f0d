"""The My hand page without a browser: tests set the state that the canvas would set."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.common import DATABASE_DOWN, store, usable_corrections
from recognizer.personalization.archive import Correction, to_zip
from recognizer.personalization.leave_one_out import count_correct
from recognizer.personalization.store import Corrections
from tests.characters import picture
from training.tools.browser import ROOT

SECONDS = 60  # the first run in a process loads TensorFlow
PAGE = "pages/handwriting.py"
GLYPH = np.diag(np.full(28, 255, np.uint8))
BLANK = np.full((320, 320), 255, np.uint8)


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Corrections:
    """The page's database, a file of its own for each test."""
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "corrections.sqlite"))
    store.clear()
    yield Corrections()
    store.clear()


@pytest.fixture
def app(kept) -> AppTest:
    """The page for a visitor who has not agreed to anything."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run().switch_page(PAGE).run()


@pytest.fixture
def agreed(app) -> AppTest:
    return app.button(key="agree").click().run()


def write(app: AppTest, drawn: np.ndarray) -> AppTest:
    """A drawing on the page's canvas."""
    file = io.BytesIO()
    Image.fromarray(drawn).convert("RGBA").save(file, "PNG")
    data = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    app.session_state[f"teach-{app.session_state['teach-number']}"] = {
        "drawing": {"raw": {"objects": []}, "data": data},
        "backgroundFit": None,
    }
    return app.run()


def wanted(app: AppTest) -> str:
    (found,) = [one.value for one in app.markdown if one.value.startswith("# ")]
    return found.removeprefix("# ")


def teach(app: AppTest, label: str) -> AppTest:
    """Skip characters until this one is asked for, and write it."""
    while True:
        asked = wanted(app)
        app = write(app, picture(asked)) if asked == label else app
        app = app.button(key="keep" if asked == label else "skip").click().run()
        if asked == label:
            return app


def deletes(app: AppTest) -> list:
    return [one for one in app.button if one.key.startswith("delete-")]


def test_nothing_is_saved_before_consent(app, kept):
    assert not app.exception
    assert "If you agree" in app.markdown[0].value
    assert app.session_state.hand is None
    assert [button.key for button in app.button] == ["agree"]


def test_a_written_character_is_saved_with_its_label_and_what_was_read(agreed, kept):
    agreed.segmented_control(key="teach-model").set_value("Digits").run()
    assert wanted(agreed) == "0"
    write(agreed, picture("7")).button(key="keep").click().run()
    assert not agreed.exception
    (one,) = kept.of(agreed.session_state.hand)
    assert (one.label, one.read, one.model, one.recipe) == ("0", "7", "digits", "emnist")
    assert one.glyph.max() == 255
    assert wanted(agreed) == "1"
    captions = " ".join(element.value for element in agreed.caption)
    assert "Saved as **0**. Scrawl would have read it as **7**." in captions
    assert [button.label for button in deletes(agreed)] == ["0"]


@pytest.mark.parametrize("drawn", [None, BLANK])
def test_an_empty_canvas_is_not_saved(agreed, kept, drawn):
    if drawn is not None:
        write(agreed, drawn)
    agreed.button(key="keep").click().run()
    assert not agreed.exception
    assert "First write" in agreed.info[0].value
    assert kept.of(agreed.session_state.hand) == []


def test_ten_characters_are_asked_for_and_then_the_same_again(agreed):
    agreed.segmented_control(key="teach-model").set_value("Digits").run()
    for _ in range(2):
        asked = []
        for _ in range(10):
            asked.append(wanted(agreed))
            agreed.button(key="skip").click().run()
        assert asked == list("0123456789")


def test_one_button_deletes_a_correction_and_another_all(agreed, kept):
    mine, yours = agreed.session_state.hand, "somebody else"
    for session in (mine, mine, mine, yours):
        kept.add(Correction(session, GLYPH, "7", model="digits"))
    agreed.run()
    assert len(deletes(agreed)) == 3
    deletes(agreed)[0].click().run()
    assert not agreed.exception
    assert len(kept.of(mine)) == len(deletes(agreed)) == 2
    agreed.button(key="forget").click().run()
    assert not agreed.exception
    assert (kept.count(mine), kept.count(yours)) == (0, 1)
    assert agreed.session_state.hand is None
    assert [button.key for button in agreed.button] == ["agree"]


def test_many_corrections_are_shown_page_by_page(agreed, kept):
    many = [Correction("", GLYPH, str(number % 10)) for number in range(61)]
    kept.import_zip(agreed.session_state.hand, to_zip(many))
    agreed.run()
    assert len(deletes(agreed)) == 60
    agreed.pagination(key="grid-page").set_value(2).run()
    assert not agreed.exception
    assert [button.label for button in deletes(agreed)] == ["0"]


def test_an_export_is_imported_once_and_a_bad_file_is_refused(agreed, kept):
    mine = agreed.session_state.hand
    raw = to_zip([Correction("", GLYPH, "7")])
    agreed.file_uploader[0].upload("my-hand.zip", raw, "application/zip").run()
    assert not agreed.exception
    assert agreed.toast[0].value == "Imported 1 new correction"
    assert kept.count(mine) == 1
    deletes(agreed)[0].click().run()
    assert kept.count(mine) == 0
    agreed.file_uploader[0].upload("my-hand.zip", b"no zip", "application/zip").run()
    assert not agreed.exception
    assert "not a readable zip file" in agreed.error[0].value


def test_measure_button_shows_how_much_corrections_help(agreed, kept, alphanumeric):
    """With strokes that may be 1, l or I, all corrected to the one of these that was never read."""
    drawn = [picture("1", 150 + 8 * step, 10 + 2 * step, 30 + 9 * step) for step in range(5)]
    read = alphanumeric.characters(drawn)
    label = next(label for label in "l1I" if label not in {one.label for one in read})
    for one in read:
        seen = np.rint(255 * one.glyph).astype(np.uint8)
        kept.add(Correction(agreed.session_state.hand, seen, label, model="alphanumeric"))
    agreed.run().button(key="measure").click().run()
    assert not agreed.exception
    before, after = count_correct(
        alphanumeric, *usable_corrections("alphanumeric", kept.of(agreed.session_state.hand))
    )
    assert before < after
    assert [metric.value for metric in agreed.metric] == [f"{before / 5:.0%}", f"{after / 5:.0%}"]


def test_a_model_of_letters_learns_only_from_letters(agreed, kept):
    for label in "7Aa":
        kept.add(Correction(agreed.session_state.hand, GLYPH, label))
    glyphs, labels = usable_corrections("letters", kept.of(agreed.session_state.hand))
    assert (glyphs.shape, labels) == ((2, 28, 28), ["a", "a"])


def test_secrets_can_name_the_database(kept, tmp_path):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.secrets["database_url"] = f"sqlite:///{tmp_path / 'secret.sqlite'}"
    app.run().switch_page(PAGE).run().button(key="agree").click().run()
    mine = app.session_state.hand
    kept.add(Correction(mine, GLYPH, "7"))
    Corrections(tmp_path / "secret.sqlite").add(Correction(mine, GLYPH, "8"))
    app.run()
    assert not app.exception
    assert [button.label for button in deletes(app)] == ["8"]


def test_a_database_that_does_not_answer_gives_a_message(app, kept, monkeypatch):
    monkeypatch.setenv("SCRAWL_DATABASE", "postgresql://nobody@127.0.0.1:9/nothing")
    store.clear()
    app.button(key="agree").click().run()
    assert not app.exception
    assert app.info[0].value == DATABASE_DOWN


def test_corrections_that_cannot_be_deleted_give_a_message_and_stay(agreed, kept, monkeypatch):
    mine = agreed.session_state.hand
    kept.add(Correction(mine, GLYPH, "7"))
    monkeypatch.setenv("SCRAWL_DATABASE", "postgresql://nobody@127.0.0.1:9/nothing")
    store.clear()
    agreed.button(key="forget").click().run()
    assert not agreed.exception
    assert agreed.toast[0].value == DATABASE_DOWN
    assert kept.count(mine) == 1
    assert agreed.session_state.hand == mine
