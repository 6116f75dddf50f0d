import numpy as np

from recognizer.results import Character, Line


def character(label: str) -> Character:
    return Character(label, 0.9, ((label, 0.9),), True, "", (0, 0, 20, 30), np.zeros((28, 28), np.float32))


def test_a_correction_changes_its_character_and_keeps_spaces_and_literals():
    line = Line((character("4"), character("4"), character("1")), "44/ 1")
    corrected = line.corrected({1: "9", 2: "7"})
    assert corrected.text == "49/ 7"
    assert [one.label for one in corrected.characters] == ["4", "9", "7"]
    assert corrected.characters[1].probability == 1
    assert corrected.characters[0] is line.characters[0]
    assert line.text == "44/ 1"
    assert line.corrected({}).text == line.text
