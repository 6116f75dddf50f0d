import numpy as np
import pytest

from recognizer import Character
from recognizer.decoding.line_arrangement import arranged, text_of
from recognizer.results import Line


def at(label: str, x: int, y: int = 0, width: int = 20, height: int = 30) -> Character:
    return Character(
        label, 0.9, ((label, 0.9),), True, "", (x, y, width, height), np.zeros((28, 28), np.float32)
    )


@pytest.mark.parametrize(("places", "text"), [
    ([], ""), ([0], "a"), ([0, 25, 50], "abc"), ([0, 25, 90, 115], "ab cd"), ([0, 60, 120, 180], "abcd"),
])  # fmt: skip
def test_a_gap_that_is_wide_for_its_line_parts_words(places, text):
    assert text_of([at(label, x) for label, x in zip("abcd", places, strict=False)]) == text


def test_boxes_are_arranged_in_lines_whatever_their_order():
    reading = arranged([at("d", 60, 102), at("b", 30, 4), at("c", 0, 100), at("a", 0, 0), at("e", 30, 97)])
    assert reading.text == "ab\nced"
    assert [len(line.characters) for line in reading.lines] == [2, 3]


def test_a_line_may_climb():
    assert arranged([at(label, 25 * i, 100 - 6 * i) for i, label in enumerate("abcdefgh")]).text == "abcdefgh"


def test_nothing_is_arranged_in_no_lines():
    assert arranged([]).lines == ()
    assert arranged([]).text == ""


def test_what_a_person_says_stands_in_the_text_and_a_patterns_signs_stay():
    line = Line((at("4", 0), at("4", 25), at("1", 90)), "44/ 1")
    corrected = line.corrected({1: "9", 2: "7"})
    assert corrected.text == "49/ 7"
    assert [one.label for one in corrected.characters] == ["4", "9", "7"]
    assert corrected.characters[1].probability == 1
    assert corrected.characters[0] is line.characters[0]
    assert line.text == "44/ 1"
    assert line.corrected({}).text == line.text
