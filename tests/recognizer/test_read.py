"""`Recognizer.read` and `reread` on made pages, through the real networks."""

import numpy as np
import pytest

from recognizer import Drawing, ImageError, Line, Reading
from tests.characters import GRID, STROKES, picture
from tests.sheets import page
from training.data import wild


def test_blank_paper_gives_no_lines(digits):
    for sheet in (np.full((200, 300), 255, np.uint8), np.full((200, 300, 4), 0, np.uint8)):
        reading = digits.read(sheet)
        assert reading.lines == ()
        assert reading.text == ""


@pytest.mark.parametrize("options", [
    {}, {"shade": True}, {"ruled": True}, {"turn": 12}, {"turn": -14, "shade": True}, {"tall": 24},
    {"tall": 150},
], ids=str)  # fmt: skip
def test_lines_of_digits_are_read_in_any_light_and_at_any_size(digits, options):
    reading = digits.read(page("20754", "13350", "4217", **options))
    assert reading.text == "20754\n13350\n4217"
    assert isinstance(reading, Reading)
    assert all(isinstance(line, Line) for line in reading.lines)


@pytest.mark.parametrize("label", "0123457")
@pytest.mark.parametrize("side", [60, 150, 240])
def test_one_character_that_fills_the_picture_is_read_drawn_or_photographed(digits, label, side):
    assert digits.read(picture(label, side, side / 12, 20, 20)).text == label
    strokes = tuple(np.array(stroke, float) * side / 100 + 20 for stroke in STROKES[label])
    assert digits.read(Drawing(strokes, pen=8, size=(600, 280))).text == label


@pytest.mark.parametrize("label", "AEHMRT")
@pytest.mark.parametrize("pen", [10, 60], ids=["light", "heavy"])
def test_one_character_alone_is_read_as_an_isolated_character(letters, label, pen):
    drawn = picture(label, 240, pen, 20, 20)
    (line,) = letters.read(drawn).lines
    (one,), other = line.characters, letters.character(drawn)
    assert line.text == one.label == label.lower()
    assert (one.probability, one.accepted, one.box) == (other.probability, other.accepted, other.box)


@pytest.mark.parametrize("pen", [10, 30, 60], ids=["light", "usual", "heavy"])
def test_one_character_alone_is_read_the_same_with_a_minimum_darkness(alphanumeric, pen):
    for label in STROKES:
        drawn = picture(label, 240, pen, 20, 20)
        ((character,),) = (line.characters for line in alphanumeric.read(drawn, faintest=0.5).lines)
        expected = alphanumeric.character(drawn)
        assert character.label == expected.label
        assert character.probability == pytest.approx(expected.probability, abs=1e-6)
        assert character.box == expected.box


def test_marks_fainter_than_asked_for_are_no_part_of_a_single_character(letters):
    faint_bar = np.full((280, 280), 255, np.uint8)
    faint_bar[205:213, 90:180] = 255 - 100
    sheet = np.minimum(picture("T", 150, 14, 60, 40), faint_bar)
    bottoms = {}
    for faintest in (None, 0.9):
        ((character,),) = (line.characters for line in letters.read(sheet, faintest=faintest).lines)
        bottoms[faintest] = character.box[1] + character.box[3]
    assert character.label == "t"
    assert bottoms[0.9] < 205 < bottoms[None]


@pytest.mark.parametrize("label", ["11", "27", "20", "112"])
def test_several_characters_are_not_taken_for_one(digits, label):
    assert digits.read(page(label)).text == label
    assert digits.read(page(label, gap=0.2, tall=150)).text == label


def test_pattern_and_charset_apply_to_a_single_character(alphanumeric):
    nought = picture("0")
    assert alphanumeric.read(nought, pattern="9").text == "0"
    assert alphanumeric.read(nought, charset="OQ").text == "O"
    assert alphanumeric.read(nought, charset="x").text == "x"
    assert alphanumeric.read(nought, pattern="A").text.lower() == "o"
    assert alphanumeric.read(nought, pattern="-").lines == ()


def test_a_grid_is_not_read_as_a_single_character(alphanumeric):
    grid = wild.draw(GRID, 200, 10, 40, 40)
    assert alphanumeric.character(grid).reason == "not a character"
    for line in alphanumeric.read(grid).lines:
        assert line.characters[0].box != alphanumeric.character(grid).box


def test_letters_and_words_are_read(letters, alphanumeric):
    assert letters.read(page("HEAT THEM", "MATE")).text == "heat them\nmate"
    assert alphanumeric.read(page("HEAT", "2075")).text == "HEAT\n2075"


def test_light_on_dark_and_drawings_on_nothing_are_read(digits):
    sheet = page("2075")
    drawn = np.zeros((*sheet.shape, 4), np.uint8)
    drawn[..., 3] = np.where(sheet < 150, 255, 0)
    assert digits.read(255 - sheet).text == "2075"
    assert digits.read(drawn).text == "2075"


def test_boxes_stand_around_their_characters(digits):
    sheet = page("27", "40", turn=10)
    for line in digits.read(sheet).lines:
        for one in line.characters:
            x, y, width, height = one.box
            inside = (sheet[y : y + height, x : x + width] < 150).sum()
            near = (sheet[max(y - 4, 0) : y + height + 4, max(x - 4, 0) : x + width + 4] < 150).sum()
            assert inside > 0.9 * near > 0
            assert height == pytest.approx(55, abs=14)


def test_pattern_and_charset_restrict_the_labels(alphanumeric):
    sheet = page("1020")
    assert alphanumeric.read(sheet, pattern="9999").text == "1020"
    assert alphanumeric.read(sheet, pattern="AAAA").text.isalpha()
    assert alphanumeric.read(sheet, charset="0123456789").text == "1020"
    for line in alphanumeric.read(sheet, pattern="A999").lines:
        for one in line.characters:
            assert one.probability == max(probability for _, probability in one.alternatives)


def test_literals_of_a_pattern_are_in_the_text(digits):
    reading = digits.read(page("1020"), pattern="99/99")
    assert reading.text == "10/20"
    assert [one.label for one in reading.lines[0].characters] == list("1020")


def test_alternatives_are_distinct_and_the_label_is_the_first(digits):
    for line in digits.read(page("20754")).lines:
        for one in line.characters:
            labels = [label for label, _ in one.alternatives]
            assert labels[0] == one.label
            assert len(set(labels)) == len(labels)
            assert one.glyph.shape == (28, 28)


def test_only_changed_boxes_are_read_again(digits):
    sheet = page("2075")
    reading = digits.read(sheet)
    first, *others = reading.lines[0].characters
    again = digits.reread(sheet, reading, [one.box for one in others])
    assert again.text == "075"
    assert again.lines[0].characters == tuple(others)  # the very same
    moved = (first.box[0] - 2, first.box[1] - 2, first.box[2] + 4, first.box[3] + 4)
    back = digits.reread(sheet, again, [one.box for one in others] + [moved])
    assert back.text == "2075"
    assert back.lines[0].characters[0].box == moved


def test_a_new_box_is_read_with_the_pattern_of_the_page(alphanumeric):
    sheet = page("1020")
    reading = alphanumeric.read(sheet, pattern="AAAA")
    boxes = [(x - 1, y - 1, width + 2, height + 2) for x, y, width, height in
             (one.box for one in reading.lines[0].characters)]  # fmt: skip
    assert alphanumeric.reread(sheet, reading, boxes, pattern="AAAA").text.isalpha()
    assert alphanumeric.reread(sheet, reading, boxes, charset="0123456789").text == "1020"


def test_a_box_on_blank_paper_is_blank(digits):
    sheet = page("27")
    reading = digits.reread(sheet, Reading(()), [(0, 0, 12, 12)])
    (one,) = reading.lines[0].characters
    assert (one.reason, one.accepted, one.box) == ("blank", False, (0, 0, 12, 12))
    assert digits.reread(sheet, reading, []).lines == ()


def test_bytes_that_are_no_picture_are_refused(digits):
    with pytest.raises(ImageError):
        digits.read(b"nothing")
