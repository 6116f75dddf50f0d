import numpy as np
import pytest

from recognizer import Character
from recognizer.context import Line, agreed, arranged, text_of


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


CLASSES = ("0", "7", "O", "X", "o", "x")


def line(*said: dict[str, float]) -> np.ndarray:
    return np.array([[one.get(label, 0.001) for label in CLASSES] for one in said])


def labels(shares: np.ndarray) -> str:
    return "".join(CLASSES[index] for index in shares.argmax(axis=1))


ROUND = {"0": 0.4, "O": 0.35, "o": 0.25}  # nothing tells


@pytest.mark.parametrize(("said", "text"), [
    ([ROUND], "0"),
    ([ROUND, {"X": 0.9}], "OX"),
    ([{"7": 0.9}, ROUND, {"7": 0.9}], "707"),
    ([{"X": 0.9}, {"x": 0.9}, ROUND, {"x": 0.9}], "Xxox"),
    ([{"X": 0.9}, {"7": 0.999}, {"X": 0.9}], "X7X"),  # sure of itself
])  # fmt: skip
def test_neighbours_tell_what_a_character_alone_cannot(said, text):
    assert labels(agreed(line(*said), CLASSES)) == text


def test_probabilities_of_a_line_sum_to_one():
    shares = agreed(line(ROUND, {"X": 0.9}, ROUND), CLASSES)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert agreed(np.zeros((0, 6)), CLASSES).shape == (0, 6)


def test_what_a_person_says_stands_in_the_text_and_a_patterns_signs_stay():
    line = Line((at("4", 0), at("4", 25), at("1", 90)), "44/ 1")
    corrected = line.corrected({1: "9", 2: "7"})
    assert corrected.text == "49/ 7"
    assert [one.label for one in corrected.characters] == ["4", "9", "7"]
    assert corrected.characters[1].probability == 1
    assert corrected.characters[0] is line.characters[0]
    assert line.text == "44/ 1"
    assert line.corrected({}).text == line.text
