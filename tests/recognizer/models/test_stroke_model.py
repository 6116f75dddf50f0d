from itertools import pairwise

import numpy as np
import pytest

from recognizer import Drawing, Recognizer
from recognizer.models import stroke_model
from recognizer.models.stroke_model import PLACES, SEEN, helped, path

DIGITS = tuple("0123456789")
# an upright stroke with a flag, as a 1 is written, and from its foot upwards
ONE = [np.array([(60, 110), (80, 95), (130, 60), (128, 62), (110, 130), (95, 210)], float)]
UPWARDS = [np.array([(95, 210), (110, 130), (128, 62), (130, 60), (80, 95), (60, 110)], float)]


def test_a_path_has_the_character_s_place_direction_and_pen():
    seen = path([np.array([(10, 10), (10, 110)], float), np.array([(60, 110), (60, 10)], float)])
    assert seen.shape == (PLACES, SEEN)
    assert seen.dtype == np.float32
    assert abs(seen[0, :2] - (-0.25, -0.5)).max() < 0.05
    assert abs(seen[-1, :2] - (0.25, -0.5)).max() < 0.05
    np.testing.assert_allclose(seen[0, 2:], (0, 1, 1), atol=1e-4)  # down
    np.testing.assert_allclose(seen[PLACES // 2, 2:], (1, 0, 0), atol=1e-4)  # to the right, in the air
    np.testing.assert_allclose(seen[-1, 2:], (0, -1, 1), atol=1e-4)  # up


def test_neither_size_nor_place_nor_speed_matters():
    stroke = np.array([(0, 0), (30, 80), (60, 90), (90, 10)], float)
    slowly = np.vstack([np.linspace(one, two, 9)[:-1] for one, two in pairwise(stroke)])
    slowly = np.vstack([slowly, slowly[-1:], stroke[-1:]])
    np.testing.assert_allclose(path([3 * slowly + 50]), path([stroke]), atol=0.02)


@pytest.mark.parametrize("strokes", [[np.array([(5, 5)])], [np.array([(5, 5), (5, 5)])]])
def test_a_dot_is_a_path_without_a_direction(strokes):
    assert not path(strokes).any()


def test_the_order_of_a_stroke_tells_what_the_picture_leaves_open():
    even = np.full((2, 10), 0.1)
    said = helped("digits", DIGITS, even, [ONE, []])
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert DIGITS[said[0].argmax()] == "1"
    np.testing.assert_array_equal(said[1], even[1])  # nothing is known of its strokes
    (turned,) = helped("digits", DIGITS, even[:1], [UPWARDS])
    assert turned[1] < 0.9 * said[0, 1]


def test_the_strokes_count_as_much_as_they_are_told_to():
    even = np.full((3, 10), 0.1)
    fully, half, not_at_all = helped("digits", DIGITS, even, 3 * [ONE], np.array([1, 0.5, 0]))
    np.testing.assert_allclose(fully, helped("digits", DIGITS, even[:1], [ONE])[0], rtol=1e-4)
    assert fully[1] > half[1] > not_at_all[1]
    np.testing.assert_allclose(not_at_all, even[0])


def test_no_label_is_ruled_out_by_an_unusual_way_of_writing():
    sure = np.full((1, 10), 0.001)
    sure[0, 7] = 0.991
    assert helped("digits", DIGITS, sure, [ONE])[0].argmax() == 7


def test_a_model_that_its_card_does_not_name_is_left_alone(monkeypatch):
    monkeypatch.setattr(stroke_model, "_network", lambda: pytest.fail("loaded"))
    even = np.full((1, 10), 0.1)
    assert helped("digits-mlp", DIGITS, even, [ONE]) is even
    assert helped("digits", DIGITS, even, [[]]) is even


def test_labels_without_case_stand_for_both():
    columns = stroke_model._columns(("a", "b"))
    classes = stroke_model._card()["classes"]
    assert columns[classes.index("A")].tolist() == columns[classes.index("a")].tolist() == [1, 0]
    cased = stroke_model._columns(("A", "a"))
    assert cased[classes.index("A")].tolist() == [1, 0]
    assert not columns[classes.index("7")].any()


def test_a_drawing_is_read_by_its_strokes_and_its_picture_is_not():
    reader = Recognizer.load("digits")
    large = [[1.4 * stroke for stroke in strokes] for strokes in (ONE, UPWARDS)]
    drawings = [Drawing(tuple(strokes), 12, (320, 320)) for strokes in large]
    ones = [dict(reader.character(one).alternatives)["1"] for one in drawings]
    odds = [one / (1 - one) for one in ones]
    assert odds[0] > 1.5 * odds[1]
    pictures = [dict(reader.character(one.picture()).alternatives)["1"] for one in drawings]
    assert abs(pictures[0] - pictures[1]) < 0.01  # a pixel or two


def test_why_gives_the_answer_that_reading_gives():
    reader, drawing = Recognizer.load("digits"), Drawing(tuple(ONE), 12, (320, 320))
    assert reader.explain(drawing).character.alternatives == reader.character(drawing).alternatives
