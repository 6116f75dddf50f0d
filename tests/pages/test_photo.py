"""The Photo page without a browser: tests give files to its uploader."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages import session
from pages.common import HINT
from recognizer import Recognizer
from recognizer.personalization.archive import Correction
from recognizer.personalization.store import Corrections
from tests.characters import picture
from training.tools.browser import ROOT

SECONDS = 120  # the first run in a process loads TensorFlow
MAX_PAGES = 20
HAND = "0123456789abcdef" * 2  # a visitor who has agreed to have corrections stored
EMPTY = np.full((400, 600), 255, np.uint8)


def written(text: str) -> np.ndarray:
    """A line of characters that are all as high as the line."""
    return np.hstack([picture(one, side=120, pen=10, left=80, top=80)[:, 60:220] for one in text])


def encoded(page: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(page).save(file, kind)
    return file.getvalue()


def pdf(*pages: np.ndarray) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.fromarray(page) for page in pages)
    first.save(file, "PDF", save_all=True, append_images=others)
    return file.getvalue()


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.session_state["photo-model"] = "Digits"
    return app.run().switch_page("pages/photo.py").run()


def upload(page: AppTest, **files: bytes) -> AppTest:
    """Upload files by their names, with a double underscore for the dot."""
    uploads = [(name.replace("__", "."), raw, "") for name, raw in files.items()]
    page.file_uploader(key="files").set_value(uploads).run()
    assert not page.exception
    return page


def test_page_without_a_file_says_what_to_do(page):
    assert not page.exception
    assert not page.error
    assert any("photograph it" in element.value for element in page.caption)


def test_unreadable_files_give_errors_and_the_others_are_read(page):
    upload(page, bad__png=b"not a picture", locked__pdf=b"%PDF-1.7", good__png=encoded(written("475")))
    errors = sorted(element.value.replace("\\", "") for element in page.error)  # as Markdown shows them
    assert [error.split(":")[0] for error in errors] == ["bad.png", "locked.pdf"]
    assert all("save it" in error for error in errors)
    assert page.text_area[0].value.replace(" ", "") == "475"


def test_blank_page_gives_a_message(page):
    upload(page, empty__png=encoded(EMPTY))
    assert any("nothing on this page" in element.value for element in page.info)
    assert not page.text_area


def test_pages_are_shown_one_at_a_time_and_keep_typed_text(page):
    upload(page, two__pdf=pdf(written("475"), written("20")), one__png=encoded(written("33")))
    pages = page.selectbox(key="page")
    assert pages.options == ["1. two.pdf, page 1", "2. two.pdf, page 2", "3. one.png"]
    page.text_area[0].set_value("typed by hand").run()
    page.selectbox(key="page").select("3. one.png").run()
    assert page.text_area[0].value.replace(" ", "") == "33"
    page.selectbox(key="page").select("1. two.pdf, page 1").run()
    assert page.text_area[0].value == "typed by hand"
    page.button(key="start-over").click().run()
    assert page.text_area[0].value.replace(" ", "") == "475"
    assert not page.exception


def test_only_the_first_pages_of_a_long_pdf_are_read(page):
    small = np.full((40, 60), 255, np.uint8)
    upload(page, long__pdf=pdf(*[small] * (MAX_PAGES + 1)))
    assert any(f"first {MAX_PAGES}" in element.value for element in page.info)
    assert len(page.selectbox(key="page").options) == MAX_PAGES


def test_pattern_and_ink_darkness_change_the_reading(page):
    upload(page, five__png=encoded(written("55")))
    page.text_input(key="pattern").set_value("99").run()
    assert len(page.text_area[0].value.replace(" ", "")) == 2
    page.select_slider(key="faintest").set_value(0.5).run()
    assert not page.exception
    assert page.text_area[0].value.replace(" ", "") == "55"


def test_camera_is_used_only_on_demand(page):
    assert not page.camera_input
    page.segmented_control(key="source").set_value("Camera").run()
    assert not page.file_uploader
    page.camera_input[0].upload("photo.jpg", encoded(written("72"), "JPEG"), "image/jpeg").run()
    assert not page.exception
    assert page.text_area[0].value.replace(" ", "") == "72"


def test_a_page_is_read_once_in_a_session_and_again_in_another(page, monkeypatch):
    pages_read = []
    monkeypatch.setattr(Recognizer, "read", counting(Recognizer.read, pages_read))
    raw = encoded(written("475"))
    for count in (1, 2):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
        app.run().switch_page("pages/photo.py").run()
        upload(app, one__png=raw).run().run()
        assert len(pages_read) == count


def counting(function: Callable, calls: list) -> Callable:
    def counted(*arguments, **options):
        calls.append(arguments)
        return function(*arguments, **options)

    return counted


def test_a_session_holds_no_more_readings_than_its_limit(page, monkeypatch):
    limit = session.MAX_PAGE_BYTES + 3 * session.CHARACTER_BYTES
    monkeypatch.setitem(session.LIMITS, "readings", limit)
    upload(page, three__pdf=pdf(written("475"), written("20"), written("33")))
    assert any("1 of 3 pages fit" in element.value for element in page.info)
    assert page.text_area[0].value.replace(" ", "") == "475"
    for text in ("33", "42", "57"):
        upload(page, **{f"{text}__png": encoded(written(text))})
        assert page.text_area[0].value.replace(" ", "") == text
        assert page.session_state["cache of readings"].size <= limit


STROKES = [picture("1", 150 + 8 * step, 10 + 2 * step, 30 + 9 * step) for step in range(5)]  # 1, l or I


def teach(corrections: Corrections, reader: Recognizer) -> str:
    """Correct strokes to the one of 1, l and I that is never read, and return that label."""
    characters = reader.characters(STROKES)
    label = next(label for label in "l1I" if label not in {character.label for character in characters})
    for character in characters:
        glyph = np.rint(255 * character.glyph).astype(np.uint8)
        corrections.add(Correction(HAND, glyph, label, model="alphanumeric"))
    return label


def test_a_page_is_read_with_the_visitors_corrections(page, corrections, alphanumeric):
    page.segmented_control(key="photo-model").set_value("Both")
    page.session_state["hand"] = HAND
    label = teach(corrections, alphanumeric)
    upload(page, one__png=encoded(STROKES[0]))
    assert page.text_area[0].value == label
    assert any(HINT in element.value for element in page.caption)


def test_corrections_change_a_page_that_was_read_before_but_not_typed_text(page, corrections, alphanumeric):
    page.segmented_control(key="photo-model").set_value("Both")
    page.session_state["hand"] = HAND
    upload(page, one__png=encoded(STROKES[0]), two__png=encoded(STROKES[1]))
    plain = page.text_area[0].value
    page.selectbox(key="page").select("2. two.png").run()
    page.text_area[0].set_value("typed by hand").run()
    label = teach(corrections, alphanumeric)
    assert page.run().text_area[0].value == "typed by hand"
    page.selectbox(key="page").select("1. one.png").run()
    assert not page.exception
    assert page.text_area[0].value == label != plain


def test_a_visitor_who_has_not_agreed_is_told_where_scrawl_learns(page, corrections):
    upload(page, one__png=encoded(written("475")))
    assert not any(HINT in element.value for element in page.caption)
    [link] = page.get("page_link")
    assert link.proto.page == "handwriting"
    assert not page.exception
