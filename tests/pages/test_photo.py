"""The Photo page, run without a browser: files are given to its uploader."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.characters import picture
from training.tools.browser import ROOT

SECONDS = 120  # the first run in a process loads TensorFlow
MOST_PAGES = 20
EMPTY = np.full((400, 600), 255, np.uint8)


def written(text: str) -> np.ndarray:
    """A line of characters, each as high as the line."""
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
    """Files by their names, with a double underscore for the point."""
    given = [(name.replace("__", "."), raw, "") for name, raw in files.items()]
    page.file_uploader(key="files").set_value(given).run()
    assert not page.exception
    return page


def test_without_a_file_it_says_what_to_do(page):
    assert not page.exception
    assert not page.error
    assert any("photograph it" in element.value for element in page.caption)


def test_what_cannot_be_read_is_said_and_the_others_are_read(page):
    upload(page, bad__png=b"not a picture", locked__pdf=b"%PDF-1.7", good__png=encoded(written("475")))
    said = sorted(element.value.replace("\\", "") for element in page.error)  # as Markdown shows it
    assert [one.split(":")[0] for one in said] == ["bad.png", "locked.pdf"]
    assert all("save it" in one for one in said)
    assert page.text_area[0].value.replace(" ", "") == "475"


def test_an_empty_page_is_said_to_be_empty(page):
    upload(page, empty__png=encoded(EMPTY))
    assert any("nothing on this page" in element.value for element in page.info)
    assert not page.text_area


def test_pages_are_shown_one_at_a_time_and_keep_what_was_typed(page):
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


def test_of_a_long_pdf_the_first_pages_are_read(page):
    small = np.full((40, 60), 255, np.uint8)
    upload(page, long__pdf=pdf(*[small] * (MOST_PAGES + 1)))
    assert any(f"first {MOST_PAGES}" in element.value for element in page.info)
    assert len(page.selectbox(key="page").options) == MOST_PAGES


def test_a_pattern_and_how_dark_ink_is_are_given_to_the_reader(page):
    upload(page, five__png=encoded(written("55")))
    page.text_input(key="pattern").set_value("99").run()
    assert len(page.text_area[0].value.replace(" ", "")) == 2
    page.select_slider(key="faintest").set_value(0.5).run()
    assert not page.exception
    assert page.text_area[0].value.replace(" ", "") == "55"


def test_the_camera_is_asked_for_only_when_it_is_wanted(page):
    assert not page.camera_input
    page.segmented_control(key="source").set_value("Camera").run()
    assert not page.file_uploader
    page.camera_input[0].upload("photo.jpg", encoded(written("72"), "JPEG"), "image/jpeg").run()
    assert not page.exception
    assert page.text_area[0].value.replace(" ", "") == "72"
