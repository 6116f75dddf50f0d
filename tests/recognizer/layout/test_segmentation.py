import cv2
import numpy as np
import pytest

from recognizer.errors import ImageError
from recognizer.layout.segmentation import MOST_LINES, MOST_PARTS, Page, without_rules
from recognizer.preprocessing.page_foreground import page_ink
from tests.sheets import page


def laid_out(sheet: np.ndarray) -> Page:
    return Page(page_ink(np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)]))[0])


def test_no_ink_no_lines():
    assert Page(np.zeros((40, 60), np.float32)).lines() == []


@pytest.mark.parametrize("how", [
    {}, {"shade": True}, {"ruled": True}, {"turn": 12}, {"turn": -14, "shade": True}, {"tall": 24},
], ids=str)  # fmt: skip
def test_lines_come_from_top_to_bottom_and_characters_from_left_to_right(how):
    lines = laid_out(page("20754", "13350", "4217", **how)).lines()
    assert [len(line) for line in lines] == [5, 5, 4]
    for line in lines:
        assert [part.x for part in line] == sorted(part.x for part in line)
    assert lines[0][0].y < lines[1][0].y < lines[2][0].y


def strokes(rows: int, columns: int) -> np.ndarray:
    """Ink of so many upright strokes."""
    return np.tile(np.pad(np.ones((8, 2), np.float32), ((3, 1), (4, 4))), (rows, columns))


def test_more_than_a_page_has_is_refused():
    rows, columns = 50, MOST_PARTS // 50
    assert [len(line) for line in Page(strokes(rows, columns)).lines()] == [columns] * rows
    with pytest.raises(ImageError, match=f"4,050 marks, more than {MOST_PARTS:,}"):
        Page(strokes(rows, columns + 1))
    few = np.repeat([strokes(1, 2)], MOST_LINES, axis=0)
    assert len(Page(np.concatenate(few)).lines()) == MOST_LINES
    with pytest.raises(ImageError, match=f"more than {MOST_LINES} lines"):
        Page(np.concatenate([*few, few[0]])).lines()


def test_how_lines_climb_is_measured():
    assert np.degrees(np.arctan(laid_out(page("20754", "13350", "42173", turn=12)).skew)) == pytest.approx(
        12, abs=2
    )


def test_the_dot_of_an_i_belongs_to_its_line():
    lines = laid_out(page("iHi", "TiT")).lines()
    assert [len(line) for line in lines] == [5, 4]


def test_blots_and_the_edge_of_the_table_are_left_out():
    sheet = page("2075", "4133")
    found = laid_out(sheet)
    cv2.ellipse(sheet, (sheet.shape[1] - 60, 60), (34, 26), 0, 0, 360, 40, -1)
    sheet[:, :12] = 20
    assert [len(line) for line in laid_out(sheet).lines()] == [len(line) for line in found.lines()]


def test_grain_is_no_writing():
    noise = np.random.default_rng(0).random((300, 400)).astype(np.float32)
    assert laid_out(np.full((300, 400), 200, np.uint8)).lines() == []
    assert Page((noise > 0.8).astype(np.float32)).lines() == []


def test_printed_lines_are_taken_out_and_strokes_across_them_stay():
    drawn = np.zeros((60, 300), np.uint8)
    drawn[40:43] = 1
    drawn[10:55, 100:106] = 1
    left = without_rules(drawn)
    assert not left[41, :95].any()
    assert left[10:55, 100:106].all()


def test_the_bar_of_a_large_character_is_no_printed_line():
    drawn = np.zeros((200, 200), np.uint8)
    drawn[100:110, 40:140] = 1  # half of the picture's width
    drawn[20:180, 110:120] = 1
    assert (without_rules(drawn) == drawn).all()


def test_a_low_mark_on_a_line_of_its_own_is_left_out_where_there_is_other_writing():
    for high, found in ((0.5, [4, 4]), (0.9, [4, 1, 4])):
        sheet = page("2075", " ", "4133")
        cv2.ellipse(sheet, (80, len(sheet) // 2), (10, round(high * 30)), 0, 0, 360, 60, 7)
        assert [len(line) for line in laid_out(sheet).lines()] == found


def test_a_low_mark_alone_is_read():
    sheet = page("2075", " ", "4133")
    sheet[:] = sheet.max()
    cv2.ellipse(sheet, (80, len(sheet) // 2), (10, 15), 0, 0, 360, 60, 7)
    assert [len(line) for line in laid_out(sheet).lines()] == [1]
