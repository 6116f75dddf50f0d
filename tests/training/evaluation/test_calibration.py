import numpy as np
import pytest

from training.evaluation.calibration import (
    CertaintyFigure,
    calibration_error,
    errors_of_most_certain,
    table,
)


def test_honest_probabilities_have_no_calibration_error():
    rng = np.random.default_rng(0)
    probability = rng.random(200_000)
    assert calibration_error(probability, rng.random(200_000) < probability) < 0.005


@pytest.mark.parametrize(
    ("probability", "share", "error"), [(0.9, 0.9, 0.0), (0.9, 0.5, 0.4), (1.0, 0.75, 0.25)]
)
def test_the_error_is_the_distance_between_sure_and_right(probability, share, error):
    right = np.arange(1000) < 1000 * share
    assert calibration_error(np.full(1000, probability), right) == pytest.approx(error)


def test_no_answers_have_no_error():
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_the_least_certain_are_left_out():
    probability, right = np.array([0.9, 0.99, 0.5, 0.8]), np.array([True, True, False, True])
    assert errors_of_most_certain(probability, right, 0.75) == 0
    assert errors_of_most_certain(probability, right, 1.0) == 0.25


def test_the_table_says_on_which_side_it_shall_be():
    lines = table([CertaintyFigure("a", 0.012, 0.01), CertaintyFigure("b", 0.98, 0.97, True)]).splitlines()
    assert lines[2:] == ["| a | 1.20% | at most 1 % |", "| b | 98.00% | at least 97 % |"]
