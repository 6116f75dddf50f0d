import cv2
import numpy as np
import pytest

from recognizer.errors import ImageError
from recognizer.layout.segmentation import MAX_LINES, MAX_PARTS, Page
from recognizer.preprocessing.page_foreground import page_ink
from tests.sheets import PAPER, page


def laid_out(sheet: np.ndarray) -> Page:
    """The layout of a grey sheet, uint8 (H, W)."""
    return Page(page_ink(np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)]))[0])


def line_lengths(sheet: np.ndarray) -> list[int]:
    """The number of parts in each line of a grey sheet."""
    return [len(line) for line in laid_out(sheet).lines()]


def test_page_without_ink_has_no_lines():
    assert Page(np.zeros((40, 60), np.float32)).lines() == []


@pytest.mark.parametrize("options", [
    {}, {"shade": True}, {"ruled": True}, {"turn": 12}, {"turn": -14, "shade": True}, {"tall": 24},
], ids=str)  # fmt: skip
def test_lines_come_from_top_to_bottom_and_characters_from_left_to_right(options):
    lines = laid_out(page("20754", "13350", "4217", **options)).lines()
    assert [len(line) for line in lines] == [5, 5, 4]
    for line in lines:
        assert [part.x for part in line] == sorted(part.x for part in line)
    assert lines[0][0].y < lines[1][0].y < lines[2][0].y


def strokes(rows: int, columns: int) -> np.ndarray:
    """Ink of rows of short upright strokes."""
    return np.tile(np.pad(np.ones((8, 2), np.float32), ((3, 1), (4, 4))), (rows, columns))


def test_more_parts_than_a_page_has_are_refused():
    rows, columns = 50, MAX_PARTS // 50
    assert [len(line) for line in Page(strokes(rows, columns)).lines()] == [columns] * rows
    with pytest.raises(ImageError, match=f"4,050 marks, more than {MAX_PARTS:,}"):
        Page(strokes(rows, columns + 1))


def test_more_lines_than_a_page_has_are_refused():
    assert len(Page(strokes(MAX_LINES, 2)).lines()) == MAX_LINES
    with pytest.raises(ImageError, match=f"more than {MAX_LINES} lines"):
        Page(strokes(MAX_LINES + 1, 2)).lines()


def test_skew_of_a_turned_page_is_measured():
    skew = laid_out(page("20754", "13350", "42173", turn=12)).skew
    assert np.degrees(np.arctan(skew)) == pytest.approx(12, abs=2)


def test_dot_of_an_i_belongs_to_its_line():
    assert line_lengths(page("iHi", "TiT")) == [5, 4]


def test_blot_and_edge_of_the_table_are_dropped():
    sheet = page("2075", "4133")
    lengths = line_lengths(sheet)
    cv2.ellipse(sheet, (sheet.shape[1] - 60, 60), (34, 26), 0, 0, 360, 40, -1)
    sheet[:, :12] = 20
    assert line_lengths(sheet) == lengths


def test_grain_is_no_writing():
    noise = np.random.default_rng(0).random((300, 400)).astype(np.float32)
    assert line_lengths(np.full((300, 400), 200, np.uint8)) == []
    assert Page((noise > 0.8).astype(np.float32)).lines() == []


@pytest.mark.parametrize(("height", "lengths"), [(0.5, [4, 4]), (0.9, [4, 1, 4])], ids=["low", "high"])
def test_low_part_on_a_line_of_its_own_is_dropped_next_to_other_writing(height, lengths):
    sheet = page("2075", " ", "4133")
    cv2.ellipse(sheet, (80, len(sheet) // 2), (10, round(height * 30)), 0, 0, 360, 60, 7)
    assert line_lengths(sheet) == lengths


def test_low_part_alone_on_the_page_is_kept():
    sheet = np.full_like(page("2075", " ", "4133"), PAPER)
    cv2.ellipse(sheet, (80, len(sheet) // 2), (10, 15), 0, 0, 360, 60, 7)
    assert line_lengths(sheet) == [1]
