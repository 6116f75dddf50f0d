import csv
import io
import json

import cv2
import numpy as np
import pytest

from recognizer import Character, Line, Reading
from recognizer.io.export import COLUMNS, annotated, csv_rows, csv_text, to_csv, to_json, to_png

GLYPH = np.zeros((28, 28), np.float32)


def character(label: str, box: tuple | None, probability: float = 0.93, accepted: bool = True) -> Character:
    alternatives = ((label, probability), ("9", 0.06))
    return Character(label, probability, alternatives, accepted, "" if accepted else "uncertain", box, GLYPH)


EMPTY = Reading(())
READING = Reading((
    Line((character("4", (10, 20, 12, 16)), character("7", (30, 20, 12, 16), 0.4, False)), "4 7"),
    Line((character("a", (10, 60, 12, 16)),), "a"),
))  # fmt: skip


def rows(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_empty_reading_is_exported_without_characters():
    assert next(csv.reader(io.StringIO(to_csv(EMPTY)))) == list(COLUMNS)
    assert rows(to_csv(EMPTY)) == []
    assert json.loads(to_json(EMPTY)) == {"text": "", "lines": []}
    picture = np.full((20, 30, 4), 255, np.uint8)
    np.testing.assert_array_equal(annotated(picture, EMPTY), picture[..., :3])


def test_csv_has_a_row_per_character_in_reading_order():
    first, second, third = rows(to_csv(READING))
    assert first == {
        "line": "1", "position": "1", "character": "4", "probability": "0.93", "accepted": "True",
        "alternatives": "4 0.9300; 9 0.0600", "x": "10", "y": "20", "width": "12", "height": "16",
    }  # fmt: skip
    assert (second["position"], second["accepted"]) == ("2", "False")
    assert (third["line"], third["position"], third["character"]) == ("2", "1", "a")


def test_csv_rows_keep_their_types():
    for row in csv_rows(READING):
        assert [type(cell) for cell in row] == [int, int, str, float, bool, str, int, int, int, int]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(text):
    reading = Reading((Line((character(text, None),), text),))
    (row,) = rows(to_csv(reading))
    assert row["character"] == "'" + text
    assert row["alternatives"].startswith("'")
    assert next(csv.reader(io.StringIO(csv_text([[text, -1, -0.5]]))))[1:] == ["-1", "-0.5"]


def test_labels_with_a_meaning_in_csv_survive_it():
    labels = [",", '"', "\n", ";", "'"]
    reading = Reading((Line(tuple(character(label, None) for label in labels), ""),))
    assert [row["character"] for row in rows(to_csv(reading))] == labels


def test_json_holds_the_whole_reading():
    exported = json.loads(to_json(READING, file="a.png", page=2))
    assert (exported["file"], exported["page"], exported["text"]) == ("a.png", 2, "4 7\na")
    assert [line["text"] for line in exported["lines"]] == ["4 7", "a"]
    assert exported["lines"][0]["characters"][1] == {
        "label": "7", "probability": 0.4, "accepted": False, "reason": "uncertain",
        "alternatives": [["7", 0.4], ["9", 0.06]], "box": [30, 20, 12, 16],
    }  # fmt: skip


def test_character_without_a_box_is_null_in_json_and_not_drawn():
    reading = Reading((Line((character("4", None),), "4"),))
    assert json.loads(to_json(reading))["lines"][0]["characters"][0]["box"] is None
    assert annotated(np.full((20, 30, 4), 255, np.uint8), reading).min() == 255


def test_box_of_numpy_integers_becomes_json():
    box = tuple(np.array([1, 2, 3, 4]))
    assert json.loads(to_json(Reading((Line((character("4", box),), "4"),))))["text"] == "4"


def test_box_of_an_accepted_character_is_green_and_of_a_doubtful_one_red():
    picture = np.full((90, 60, 4), 255, np.uint8)
    drawn = annotated(picture, READING)
    assert picture.min() == 255  # the caller's picture is not drawn on
    accepted, doubtful = drawn[28, 10], drawn[28, 30]
    assert accepted[1] > accepted[0]
    assert doubtful[0] > doubtful[1]


def test_label_at_the_upper_edge_is_written_inside_the_picture():
    picture = np.full((60, 60, 4), 255, np.uint8)
    drawn = annotated(picture, Reading((Line((character("4", (20, 0, 20, 30)),), "4"),)))
    assert (drawn[34:, :] < 200).any()


def test_transparent_paper_becomes_white_in_the_png():
    picture = np.zeros((40, 50, 4), np.uint8)
    picture[30:, :, 3] = 255
    png = cv2.imdecode(np.frombuffer(to_png(picture, EMPTY), np.uint8), cv2.IMREAD_COLOR)
    assert (png[:30] == 255).all()
    assert (png[30:] == 0).all()
