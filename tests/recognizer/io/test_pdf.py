import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from recognizer.errors import ImageError
from recognizer.io import pdf
from recognizer.io.decoding import PDF_SIDE
from tests.hostile import bombs
from tests.hostile.made import deflated, pdf_page, stream
from tests.hostile.seeds import drawn_pdf, seeds

SEVERAL = seeds()["PDF"][2]


def children() -> set[int]:
    """Processes that this one started and that are not yet gone."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(number) for number in file.read().split()}


def test_pages_are_counted_and_drawn_in_any_order():
    assert pdf.count(SEVERAL, "a.pdf") == 4
    turned, first = pdf.draw(SEVERAL, "a.pdf", [2, 0])
    assert first.shape == (*first.shape[:2], 4)
    assert max(first.shape) == PDF_SIDE
    assert not np.array_equal(first, turned)
    np.testing.assert_array_equal(next(pdf.draw(SEVERAL, "a.pdf", [0])), first)


def test_what_is_drawn_stands_where_it_should():
    (page,) = pdf.draw(drawn_pdf(), "a.pdf", [0])
    scale = PDF_SIDE / 97
    bar, paper = page[round(11 * scale), round(45 * scale)], page[round(30 * scale), round(80 * scale)]
    assert bar.tolist() == [0, 0, 0, 255]
    assert paper.tolist() == [255, 255, 255, 255]


@pytest.mark.parametrize(
    ("number", "said"), [(4, r"a\.pdf has 4 page\(s\): none has the number 5"), (-1, "number 0")]
)
def test_a_page_that_is_not_there(number, said):
    with pytest.raises(ImageError, match=said):
        next(pdf.draw(SEVERAL, "a.pdf", [number]))


@pytest.mark.parametrize(("raw", "said"), [
    (b"%PDF-", r"a\.pdf is damaged or locked"),
    (bombs.tiles(), r"a\.pdf takes more than"),
    (bombs.content(deflated(800, b" ")), r"a\.pdf cannot be drawn"),
    (bombs.pictures(1).replace(b"/Width 5000", b"/Width 5001"), r"a picture on page 1 of a\.pdf has 5001"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused_and_says_why(raw, said):
    with pytest.raises(ImageError, match=said):
        next(pdf.draw(raw, "a.pdf", [0]))


def test_a_large_picture_that_is_not_drawn_is_no_harm():
    raw = bombs.pictures(0).replace(b"/Width 5000", b"/Width 5001")
    assert next(pdf.draw(raw, "a.pdf", [0])).min() == 255


def test_no_process_stays():
    before = children()
    pages = pdf.draw(SEVERAL, "a.pdf", [0, 1])
    next(pages)
    assert children() - before
    pages.close()
    with pytest.raises(ImageError):
        pdf.count(b"%PDF-", "a.pdf")
    assert children() == before


def test_a_process_that_is_killed_is_an_error_of_this_document_alone():
    before = children()
    pages = pdf.draw(SEVERAL, "a.pdf", [0, 1])
    next(pages)
    (child,) = children() - before
    os.kill(child, signal.SIGSEGV)
    with pytest.raises(ImageError, match=r"a\.pdf"):
        list(pages)
    assert pdf.count(SEVERAL, "a.pdf") == 4


def test_a_process_that_does_not_start_is_no_fault_of_the_document(monkeypatch, tmp_path):
    broken = tmp_path / "child.py"
    broken.write_text("import no_such_module")
    monkeypatch.setattr(pdf, "CHILD", broken)
    with pytest.raises(RuntimeError, match="exit status 1"):
        pdf.count(SEVERAL, "a.pdf")


def test_more_than_a_pipe_holds_to_a_process_that_does_not_read(monkeypatch, tmp_path):
    silent = tmp_path / "child.py"
    silent.write_text("import os; os.abort()")
    monkeypatch.setattr(pdf, "CHILD", silent)
    with pytest.raises(ImageError):
        pdf.count(pdf_page(stream(bytes(5_000_000))), "a.pdf")


def test_the_process_imports_none_of_this_package():
    program = "import sys; sys.argv = ['', *'2500 1 1 999999999'.split()]; import runpy; "
    program += f"runpy.run_path({str(pdf.CHILD)!r}, run_name='__main__'); "
    program += "sys.exit(bool({'recognizer', 'numpy', 'PIL', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], input=SEVERAL, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stdout == b'{"pages": 4}\n'
