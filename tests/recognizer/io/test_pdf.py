import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from recognizer.errors import ImageError
from recognizer.io import pdf
from recognizer.io.pdf import PDF_SIDE
from tests.hostile import bombs
from tests.hostile.made import deflated, pdf_page, stream
from tests.hostile.seeds import drawn_pdf, seeds

FOUR_PAGES = seeds()["PDF"][2]


def children() -> set[int]:
    """The ids of this process's children."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(number) for number in file.read().split()}


def test_pages_are_counted_and_drawn_in_any_order():
    assert pdf.count(FOUR_PAGES, "a.pdf") == 4
    third, first = pdf.draw(FOUR_PAGES, "a.pdf", [2, 0])
    assert first.shape == (*first.shape[:2], 4)
    assert max(first.shape) == PDF_SIDE
    assert not np.array_equal(first, third)
    np.testing.assert_array_equal(next(pdf.draw(FOUR_PAGES, "a.pdf", [0])), first)


def test_ink_is_drawn_at_its_place():
    (page,) = pdf.draw(drawn_pdf(), "a.pdf", [0])
    scale = PDF_SIDE / 97
    bar, paper = page[round(11 * scale), round(45 * scale)], page[round(30 * scale), round(80 * scale)]
    assert bar.tolist() == [0, 0, 0, 255]
    assert paper.tolist() == [255, 255, 255, 255]


@pytest.mark.parametrize(
    ("number", "message"), [(4, r"a\.pdf has 4 page\(s\), so there is no page 5"), (-1, "no page 0")]
)
def test_page_that_is_not_there_is_refused(number, message):
    with pytest.raises(ImageError, match=message):
        next(pdf.draw(FOUR_PAGES, "a.pdf", [number]))


@pytest.mark.parametrize(("raw", "message"), [
    (b"%PDF-", r"a\.pdf is damaged or locked"),
    (bombs.tiles(), r"a\.pdf takes more than"),
    (bombs.content(deflated(800, b" ")), r"a\.pdf cannot be drawn"),
    (bombs.pictures(1).replace(b"/Width 5000", b"/Width 5001"), r"a picture on page 1 of a\.pdf has 5001"),
])  # fmt: skip
def test_pdf_that_cannot_be_drawn_is_refused_with_the_reason(raw, message):
    with pytest.raises(ImageError, match=message):
        next(pdf.draw(raw, "a.pdf", [0]))


def test_large_picture_that_no_page_shows_does_no_harm():
    raw = bombs.pictures(0).replace(b"/Width 5000", b"/Width 5001")
    assert next(pdf.draw(raw, "a.pdf", [0])).min() == 255


def test_no_child_process_is_left_behind():
    before = children()
    pages = pdf.draw(FOUR_PAGES, "a.pdf", [0, 1])
    next(pages)
    assert children() - before
    pages.close()
    with pytest.raises(ImageError):
        pdf.count(b"%PDF-", "a.pdf")
    assert children() == before


def test_killed_child_process_fails_its_own_pdf_only():
    before = children()
    pages = pdf.draw(FOUR_PAGES, "a.pdf", [0, 1])
    next(pages)
    (child,) = children() - before
    os.kill(child, signal.SIGSEGV)
    with pytest.raises(ImageError, match=r"a\.pdf"):
        list(pages)
    assert pdf.count(FOUR_PAGES, "a.pdf") == 4


def test_child_process_that_does_not_start_is_not_blamed_on_the_pdf(monkeypatch, tmp_path):
    broken = tmp_path / "child.py"
    broken.write_text("import no_such_module")
    monkeypatch.setattr(pdf, "CHILD", broken)
    with pytest.raises(RuntimeError, match="exit status 1"):
        pdf.count(FOUR_PAGES, "a.pdf")


def test_pdf_larger_than_a_pipe_is_refused_when_the_child_process_does_not_read_it(monkeypatch, tmp_path):
    deaf = tmp_path / "child.py"
    deaf.write_text("import os; os.abort()")
    monkeypatch.setattr(pdf, "CHILD", deaf)
    with pytest.raises(ImageError):
        pdf.count(pdf_page(stream(bytes(5_000_000))), "a.pdf")


def test_child_process_imports_nothing_that_is_slow_to_import():
    program = "import sys; sys.argv = ['', *'2500 1 1 999999999'.split()]; import runpy; "
    program += f"runpy.run_path({str(pdf.CHILD)!r}, run_name='__main__'); "
    program += "sys.exit(bool({'recognizer', 'numpy', 'PIL', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], input=FOUR_PAGES, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stdout == b'{"pages": 4}\n'
