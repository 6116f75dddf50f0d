from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from recognizer import Drawing, Recognizer
from recognizer.models import stroke_model
from recognizer.models.stroke_model import PATH_POINTS, POINT_FEATURES, combine, pen_path

DIGITS = tuple("0123456789")
MODEL, OTHER = (SimpleNamespace(name=name, engine="keras") for name in ("digits", "digits-mlp"))
# an upright stroke with a flag, as a 1 is written, and from its foot upwards
ONE = [np.array([(60, 110), (80, 95), (130, 60), (128, 62), (110, 130), (95, 210)], float)]
UPWARDS = [np.array([(95, 210), (110, 130), (128, 62), (130, 60), (80, 95), (60, 110)], float)]


def test_a_path_has_position_direction_and_pen_of_each_point():
    seen = pen_path([np.array([(10, 10), (10, 110)], float), np.array([(60, 110), (60, 10)], float)])
    assert seen.shape == (PATH_POINTS, POINT_FEATURES)
    assert seen.dtype == np.float32
    assert abs(seen[0, :2] - (-0.25, -0.5)).max() < 0.05
    assert abs(seen[-1, :2] - (0.25, -0.5)).max() < 0.05
    np.testing.assert_allclose(seen[0, 2:], (0, 1, 1), atol=1e-4)  # down
    np.testing.assert_allclose(seen[PATH_POINTS // 2, 2:], (1, 0, 0), atol=1e-4)  # to the right, in the air
    np.testing.assert_allclose(seen[-1, 2:], (0, -1, 1), atol=1e-4)  # up


def test_size_position_and_speed_do_not_change_the_path():
    stroke = np.array([(0, 0), (30, 80), (60, 90), (90, 10)], float)
    slowly = np.vstack([np.linspace(start, end, 9)[:-1] for start, end in pairwise(stroke)])
    slowly = np.vstack([slowly, slowly[-1:], stroke[-1:]])
    np.testing.assert_allclose(pen_path([3 * slowly + 50]), pen_path([stroke]), atol=0.02)


@pytest.mark.parametrize("strokes", [[np.array([(5, 5)])], [np.array([(5, 5), (5, 5)])]])
def test_a_dot_is_a_path_of_zeros(strokes):
    assert not pen_path(strokes).any()


def test_the_direction_of_a_stroke_changes_the_answer():
    even = np.full((2, 10), 0.1)
    combined = combine(MODEL, DIGITS, even, [ONE, []])
    np.testing.assert_allclose(combined.sum(axis=1), 1)
    assert DIGITS[combined[0].argmax()] == "1"
    np.testing.assert_array_equal(combined[1], even[1])  # its strokes are unknown
    (turned,) = combine(MODEL, DIGITS, even[:1], [UPWARDS])
    assert turned[1] < 0.9 * combined[0, 1]


def test_strokes_count_by_their_weight():
    even = np.full((3, 10), 0.1)
    fully, half, not_at_all = combine(MODEL, DIGITS, even, 3 * [ONE], np.array([1, 0.5, 0]))
    np.testing.assert_allclose(fully, combine(MODEL, DIGITS, even[:1], [ONE])[0], rtol=1e-4)
    assert fully[1] > half[1] > not_at_all[1]
    np.testing.assert_allclose(not_at_all, even[0])


def test_unusual_strokes_do_not_rule_out_a_label():
    sure = np.full((1, 10), 0.001)
    sure[0, 7] = 0.991
    assert combine(MODEL, DIGITS, sure, [ONE])[0].argmax() == 7


def test_a_model_that_the_card_does_not_name_is_not_combined(monkeypatch):
    monkeypatch.setattr(stroke_model, "_network", lambda _: pytest.fail("loaded"))
    even = np.full((1, 10), 0.1)
    assert combine(OTHER, DIGITS, even, [ONE]) is even
    assert combine(MODEL, DIGITS, even, [[]]) is even


def test_a_label_in_one_case_stands_for_both_cases():
    matrix = stroke_model._label_matrix(("a", "b"))
    classes = stroke_model._card()["classes"]
    assert matrix[classes.index("A")].tolist() == matrix[classes.index("a")].tolist() == [1, 0]
    cased = stroke_model._label_matrix(("A", "a"))
    assert cased[classes.index("A")].tolist() == [1, 0]
    assert not matrix[classes.index("7")].any()


def test_a_drawing_is_read_with_its_strokes_and_a_picture_without():
    reader = Recognizer.load("digits")
    large = [[1.4 * stroke for stroke in strokes] for strokes in (ONE, UPWARDS)]
    drawings = [Drawing(tuple(strokes), 12, (320, 320)) for strokes in large]
    probabilities = [dict(reader.character(drawing).alternatives)["1"] for drawing in drawings]
    odds = [probability / (1 - probability) for probability in probabilities]
    assert odds[0] > 1.5 * odds[1]
    downwards, upwards = (dict(reader.character(drawing.picture()).alternatives)["1"] for drawing in drawings)
    assert abs(downwards - upwards) < 0.01  # a pixel or two


def test_explain_gives_the_answer_of_character():
    reader, drawing = Recognizer.load("digits"), Drawing(tuple(ONE), 12, (320, 320))
    assert reader.explain(drawing).character.alternatives == reader.character(drawing).alternatives
