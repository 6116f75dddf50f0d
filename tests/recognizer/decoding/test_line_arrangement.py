import numpy as np
import pytest

from recognizer import Character
from recognizer.decoding.line_arrangement import arrange_lines, text_of


def character(label: str, x: int, y: int = 0) -> Character:
    return Character(label, 0.9, ((label, 0.9),), True, "", (x, y, 20, 30), np.zeros((28, 28), np.float32))


@pytest.mark.parametrize(("xs", "text"), [
    ([], ""), ([0], "a"), ([0, 25, 50], "abc"), ([0, 25, 90, 115], "ab cd"), ([0, 60, 120, 180], "abcd"),
])  # fmt: skip
def test_words_are_separated_by_gaps_wider_than_usual_in_the_line(xs, text):
    assert text_of([character(label, x) for label, x in zip("abcd", xs, strict=False)]) == text


def test_boxes_in_any_order_are_arranged_in_lines():
    reading = arrange_lines(
        [
            character("d", 60, 102),
            character("b", 30, 4),
            character("c", 0, 100),
            character("a", 0, 0),
            character("e", 30, 97),
        ]
    )
    assert reading.text == "ab\nced"
    assert [len(line.characters) for line in reading.lines] == [2, 3]


def test_rising_line_stays_one_line():
    rising = [character(label, 25 * index, 100 - 6 * index) for index, label in enumerate("abcdefgh")]
    assert arrange_lines(rising).text == "abcdefgh"


def test_no_characters_give_no_lines():
    assert arrange_lines([]).lines == ()
    assert arrange_lines([]).text == ""
