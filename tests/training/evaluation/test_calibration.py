import numpy as np
import pytest

from training.evaluation.calibration import (
    CalibrationFigure,
    calibration_error,
    error_of_most_confident,
    table,
)


def test_calibrated_probabilities_have_no_calibration_error():
    rng = np.random.default_rng(0)
    probability = rng.random(200_000)
    assert calibration_error(probability, rng.random(200_000) < probability) < 0.005


@pytest.mark.parametrize(
    ("probability", "share", "error"), [(0.9, 0.9, 0.0), (0.9, 0.5, 0.4), (1.0, 0.75, 0.25)]
)
def test_the_error_is_the_distance_between_probability_and_accuracy(probability, share, error):
    right = np.arange(1000) < 1000 * share
    assert calibration_error(np.full(1000, probability), right) == pytest.approx(error)


def test_without_answers_the_error_is_0():
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_the_error_of_the_most_confident_ignores_the_others():
    probability, right = np.array([0.9, 0.99, 0.5, 0.8]), np.array([True, True, False, True])
    assert error_of_most_confident(probability, right, 0.75) == 0
    assert error_of_most_confident(probability, right, 1.0) == 0.25


def test_the_table_says_whether_a_target_is_an_upper_or_a_lower_bound():
    lines = table(
        [CalibrationFigure("a", 0.012, 0.01), CalibrationFigure("b", 0.98, 0.97, True)]
    ).splitlines()
    assert lines[2:] == ["| a | 1.20% | at most 1 % |", "| b | 98.00% | at least 97 % |"]
