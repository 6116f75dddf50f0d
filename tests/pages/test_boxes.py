"""Changes of the boxes on the Photo page's canvas."""

import numpy as np
import pytest

from pages.boxes import (
    DOUBTFUL_COLOUR,
    LESS_SURE_COLOUR,
    SIDES,
    SURE_COLOUR,
    Sheet,
    characters,
    labelled_boxes,
    merged,
)
from pages.session import CHARACTER_BYTES
from recognizer import Character, Line, Reading

GLYPH = np.zeros((28, 28), np.float32)
SCALE = 0.18  # a page of 4,000 pixels on a canvas of 720


def character(label: str, x: int, probability: float = 0.95, accepted: bool = True) -> Character:
    reason = "" if accepted else "uncertain"
    return Character(label, probability, ((label, probability),), accepted, reason, (x, 333, 101, 203), GLYPH)


FOUR, SEVEN, NINE = character("4", 101), character("7", 307, 0.6), character("9", 511, 0.4, False)
READING = Reading((Line((FOUR, SEVEN, NINE), "479"),))


def canvas(sheet: Sheet) -> list[dict]:
    """The boxes that a canvas returns when it shows a sheet."""
    return [{"label": box["label"]} | {side: round(box[side], 4) for side in SIDES} for box in sheet.boxes]


def known_at(sheet: Sheet, box: tuple) -> Character:
    """The character that a sheet knows in a box."""
    return {character.box: character for character in characters(sheet.known)}[box]


@pytest.fixture
def sheet() -> Sheet:
    new = Sheet("name", READING, SCALE)
    assert new.changed_boxes(canvas(new)) is None
    return new


def test_page_with_nothing_read_is_an_empty_canvas():
    assert labelled_boxes(Reading(()), SCALE) == []
    assert Sheet("name", Reading(()), SCALE).changed_boxes([]) is None


def test_boxes_are_coloured_by_certainty_and_doubtful_ones_are_marked():
    sure, less, doubtful = labelled_boxes(READING, SCALE)
    assert [box["colour"] for box in (sure, less, doubtful)] == [
        SURE_COLOUR,
        LESS_SURE_COLOUR,
        DOUBTFUL_COLOUR,
    ]
    assert [box["label"] for box in (sure, less, doubtful)] == ["4", "7", "9?"]
    assert [box["doubtful"] for box in (sure, less, doubtful)] == [False, False, True]


def test_deleting_a_box_does_not_redraw_the_canvas_and_undo_brings_the_box_back(sheet):
    first, *others = canvas(sheet)
    version = sheet.canvas_version
    assert sheet.changed_boxes(others) == [SEVEN.box, NINE.box]
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    assert sheet.text == "79"
    assert sheet.canvas_version == version
    assert sheet.changed_boxes(others) is None
    assert sheet.changed_boxes([*others, first]) == [SEVEN.box, NINE.box, FOUR.box]
    assert FOUR in characters(sheet.known)


def test_a_moved_box_is_redrawn_with_its_new_label(sheet):
    first, second, third = canvas(sheet)
    moved = {**second, "left": second["left"] + 18}
    assert sheet.changed_boxes([first, moved, third]) == [FOUR.box, (407, 333, 101, 203), NINE.box]
    sheet.take(Reading((Line((FOUR, character("1", 407), NINE), "419"),)))
    assert [box["label"] for box in canvas(sheet)] == ["4", "1", "9?"]
    assert sheet.changed_boxes([first, moved, third]) is None  # the browser still shows the old boxes
    assert sheet.changed_boxes(canvas(sheet)) is None  # now it shows the new ones


def test_a_label_typed_on_a_box_counts(sheet):
    first, second, third = canvas(sheet)
    wanted = sheet.changed_boxes([first, second, {**third, "label": "8"}])
    assert wanted == [FOUR.box, SEVEN.box, NINE.box]
    named = known_at(sheet, NINE.box)
    assert (named.label, named.accepted, named.probability) == ("8", True, 1.0)
    sheet.take(Reading((Line((FOUR, SEVEN, named), "478"),)))
    assert sheet.boxes[2]["colour"] == SURE_COLOUR


def test_removing_the_question_mark_confirms_a_doubtful_label(sheet):
    first, second, third = canvas(sheet)
    assert sheet.changed_boxes([first, second, {**third, "label": "9"}])
    assert known_at(sheet, NINE.box).accepted


def test_a_click_makes_no_box_and_is_removed_from_the_canvas(sheet):
    version = sheet.canvas_version
    click = {"label": "", "left": 5, "top": 5, "width": 4, "height": 4}
    assert sheet.changed_boxes([*canvas(sheet), click]) is None
    assert sheet.canvas_version == version + 1


def test_a_character_as_small_as_a_click_stays():
    dot = Character("1", 0.9, (("1", 0.9),), True, "", (10, 10, 8, 20), GLYPH)
    small = Sheet("name", Reading((Line((dot, FOUR), "14"),)), SCALE)
    assert small.changed_boxes(canvas(small)) is None
    assert small.changed_boxes(canvas(small)[:1]) == [dot.box]


def test_two_characters_in_one_box_count_as_unchanged():
    twins = Sheet("name", Reading((Line((FOUR, FOUR), "44"),)), SCALE)
    version = twins.canvas_version
    assert twins.changed_boxes(canvas(twins)) is None
    assert twins.canvas_version == version


def test_a_canvas_that_is_shown_again_begins_without_the_deleted_boxes(sheet):
    sheet.changed_boxes(canvas(sheet)[1:])
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    sheet.redraw_if_stale()
    assert [box["label"] for box in canvas(sheet)] == ["7", "9?"]


def test_starting_over_undoes_all_changes(sheet):
    sheet.changed_boxes(canvas(sheet)[1:])
    sheet.take(Reading((Line((SEVEN, NINE), "79"),)))
    sheet.start_over()
    assert (sheet.text, sheet.reading) == ("479", READING)
    assert len(sheet.boxes) == 3


def test_another_first_reading_replaces_an_unchanged_one(sheet):
    version = sheet.canvas_version
    sheet.read_anew(Reading((Line((FOUR, character("1", 307), NINE), "419"),)))
    assert sheet.text == "419"
    assert sheet.canvas_version == version + 1
    assert not sheet.is_changed


def test_another_first_reading_leaves_corrections_and_is_what_starting_over_gives(sheet):
    sheet.text = "typed by hand"
    sheet.read_anew(Reading((Line((FOUR,), "4"),)))
    assert sheet.text == "typed by hand"
    sheet.start_over()
    assert sheet.text == "4"


def test_a_sheet_that_is_corrected_again_and_again_holds_each_box_once(sheet):
    size = sheet.size
    for label in "123456789":
        sheet.take(Reading((Line((FOUR, SEVEN, character(label, 511)), f"47{label}"),)))
    assert sheet.size == size + CHARACTER_BYTES  # the first 9, and the last


@pytest.mark.parametrize(("old", "new", "edited", "wanted"), [
    ("", "", "", ""),
    ("ab", "abc", "ab", "abc"),
    ("ab\ncd", "ab\nce", "AB\ncd", "AB\nce"),
    ("ab\ncd", "ab", "AB\nCD", "AB"),
    ("ab\ncd", "ab\nx\ncd", "AB\nCD", "AB\nx\nCD"),
    ("ab\ncd", "ab\nce", "ab cd", "ab cd"),
])  # fmt: skip
def test_typed_text_stays_if_its_line_is_read_as_before(old, new, edited, wanted):
    assert merged(old, new, edited) == wanted
