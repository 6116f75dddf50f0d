"""What somebody changes on the canvas of the Photo page, as the page understands it."""

import numpy as np
import pytest

from pages.boxes import DOUBTFUL, LESS_SURE, SIDES, SURE, Sheet, characters, marked, merged
from recognizer import Character, Line, Reading

GLYPH = np.zeros((28, 28), np.float32)
SCALE = 0.18  # 4,000 pixels on a canvas of 720


def character(label: str, x: int, probability: float = 0.95, accepted: bool = True) -> Character:
    reason = "" if accepted else "uncertain"
    return Character(label, probability, ((label, probability),), accepted, reason, (x, 333, 101, 203), GLYPH)


FOUR, SEVEN, NINE = character("4", 101), character("7", 307, 0.6), character("9", 511, 0.4, False)
READING = Reading((Line((FOUR, SEVEN, NINE), "479"),))


def canvas(sheet: Sheet) -> list[dict]:
    """What a canvas that shows a sheet gives back."""
    return [{"label": one["label"]} | {side: round(one[side], 4) for side in SIDES} for one in sheet.boxes]


@pytest.fixture
def sheet() -> Sheet:
    new = Sheet("name", READING, SCALE)
    assert new.changed(canvas(new)) is None
    return new


def test_nothing_read_is_an_empty_canvas():
    assert marked(Reading(()), SCALE) == []
    assert Sheet("name", Reading(()), SCALE).changed([]) is None


def test_boxes_are_coloured_by_how_sure_they_are_and_doubtful_ones_marked():
    sure, less, doubtful = marked(READING, SCALE)
    assert [one["colour"] for one in (sure, less, doubtful)] == [SURE, LESS_SURE, DOUBTFUL]
    assert [one["label"] for one in (sure, less, doubtful)] == ["4", "7", "9?"]
    assert [one["doubtful"] for one in (sure, less, doubtful)] == [False, False, True]


def test_a_deleted_box_is_not_drawn_anew_and_comes_back_by_undo(sheet):
    first, *others = canvas(sheet)
    times = sheet.times
    assert sheet.changed(others) == [SEVEN.box, NINE.box]
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    assert sheet.text == "79"
    assert sheet.times == times
    assert sheet.changed(others) is None
    assert sheet.changed([*others, first]) == [SEVEN.box, NINE.box, FOUR.box]
    assert FOUR in characters(sheet.known)


def test_a_moved_box_is_drawn_anew_with_its_new_label(sheet):
    first, second, third = canvas(sheet)
    moved = {**second, "left": second["left"] + 18}
    assert sheet.changed([first, moved, third]) == [FOUR.box, (407, 333, 101, 203), NINE.box]
    sheet.take(Reading((Line((FOUR, character("1", 407), NINE), "419"),)))
    assert [box["label"] for box in canvas(sheet)] == ["4", "1", "9?"]
    assert sheet.changed([first, moved, third]) is None  # what the browser still shows
    assert sheet.changed(canvas(sheet)) is None  # and when it has drawn the new one


def test_a_label_given_by_hand_counts(sheet):
    first, second, third = canvas(sheet)
    wanted = sheet.changed([first, second, {**third, "label": "8"}])
    assert wanted == [FOUR.box, SEVEN.box, NINE.box]
    named = {one.box: one for one in characters(sheet.known)}[NINE.box]
    assert (named.label, named.accepted, named.probability) == ("8", True, 1.0)
    sheet.take(Reading((Line((FOUR, SEVEN, named), "478"),)))
    assert sheet.boxes[2]["colour"] == SURE


def test_a_doubtful_label_is_confirmed_by_taking_its_mark_away(sheet):
    first, second, third = canvas(sheet)
    assert sheet.changed([first, second, {**third, "label": "9"}])
    assert {one.box: one for one in characters(sheet.known)}[NINE.box].accepted


def test_a_click_is_no_box_and_is_wiped_off(sheet):
    times = sheet.times
    click = {"label": "", "left": 5, "top": 5, "width": 4, "height": 4}
    assert sheet.changed([*canvas(sheet), click]) is None
    assert sheet.times == times + 1


def test_a_character_as_small_as_a_click_stays():
    dot = Character("1", 0.9, (("1", 0.9),), True, "", (10, 10, 8, 20), GLYPH)
    small = Sheet("name", Reading((Line((dot, FOUR), "14"),)), SCALE)
    assert small.changed(canvas(small)) is None
    assert small.changed(canvas(small)[:1]) == [dot.box]


def test_two_characters_in_one_box_are_no_change():
    twins = Sheet("name", Reading((Line((FOUR, FOUR), "44"),)), SCALE)
    times = twins.times
    assert twins.changed(canvas(twins)) is None
    assert twins.times == times


def test_a_canvas_that_was_put_away_begins_without_the_deleted_boxes(sheet):
    sheet.changed(canvas(sheet)[1:])
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    sheet.draw_where_it_is_not()
    assert [box["label"] for box in canvas(sheet)] == ["7", "9?"]


def test_starting_over_forgets_all_changes(sheet):
    sheet.changed(canvas(sheet)[1:])
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    sheet.start_over()
    assert (sheet.text, sheet.reading) == ("479", READING)
    assert len(sheet.boxes) == 3


@pytest.mark.parametrize(("old", "new", "edited", "wanted"), [
    ("", "", "", ""),
    ("ab", "abc", "ab", "abc"),
    ("ab\ncd", "ab\nce", "AB\ncd", "AB\nce"),
    ("ab\ncd", "ab", "AB\nCD", "AB"),
    ("ab\ncd", "ab\nx\ncd", "AB\nCD", "AB\nx\nCD"),
    ("ab\ncd", "ab\nce", "ab cd", "ab cd"),
])  # fmt: skip
def test_what_was_typed_stays_where_its_line_is_read_as_before(old, new, edited, wanted):
    assert merged(old, new, edited) == wanted
