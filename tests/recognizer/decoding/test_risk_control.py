import numpy as np
import pytest

from recognizer import ModelError, Recognizer
from recognizer.decoding.risk_control import (
    COVERAGES,
    coverage_table,
    lowest_error,
    risk_table,
    threshold_for_coverage,
    threshold_for_error,
)
from tests.characters import picture


def calibrated_answers(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Random probabilities, and whether each answer is correct: with exactly that probability."""
    probability = 1 - 10 ** -rng.uniform(0.3, 5, count)
    return probability, rng.random(count) < probability


def test_no_samples_promise_nothing():
    assert threshold_for_error(risk_table(np.zeros(0), np.zeros(0, bool)), 0.1) is None


@pytest.mark.parametrize("max_error", [0.1, 0.02, 0.005])
def test_promised_error_rate_holds_on_other_samples(max_error):
    """At 95 % confidence about three of 60 calibrations may break it; six are tolerated."""
    broken = promised = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        threshold = threshold_for_error(risk_table(*calibrated_answers(3000, rng)), max_error)
        if threshold is None:
            continue
        promised += 1
        probability, correct = calibrated_answers(60_000, rng)
        accepted = probability >= threshold
        broken += (~correct[accepted]).mean() > max_error
    assert promised >= 50
    assert broken <= 6


def test_lower_error_rate_needs_a_higher_threshold():
    table = risk_table(*calibrated_answers(20_000, np.random.default_rng(0)))
    thresholds = [threshold_for_error(table, error) for error in (0.1, 0.01, 0.002)]
    assert thresholds == sorted(thresholds)


def test_few_samples_cannot_promise_a_low_error_rate():
    table = risk_table(*calibrated_answers(500, np.random.default_rng(0)))
    assert threshold_for_error(table, 0.001) is None
    assert threshold_for_error(table, lowest_error(table)) is not None
    assert lowest_error(table) > 0.001


def test_prediction_set_holds_the_true_label_as_often_as_promised():
    rng = np.random.default_rng(0)
    rows = np.arange(20_000)
    held_out, others = rng.dirichlet(np.full(10, 0.1), (2, len(rows)))
    held_out_labels = np.array([rng.choice(10, p=row) for row in held_out])
    other_labels = np.array([rng.choice(10, p=row) for row in others])
    table = coverage_table(held_out[rows, held_out_labels])
    for coverage in (0.9, 0.99):
        in_set = others[rows, other_labels] >= threshold_for_coverage(table, coverage)
        assert in_set.mean() == pytest.approx(coverage, abs=0.012)


@pytest.mark.parametrize("coverage", [-0.1, 1.0, 0.9999])
def test_coverage_outside_the_table_is_refused(coverage):
    with pytest.raises(ValueError, match="coverage"):
        threshold_for_coverage([[tabulated, 0.1] for tabulated in COVERAGES], coverage)


def test_max_error_accepts_fewer_answers_and_changes_none(digits):
    careful = Recognizer.load("digits", max_error=0.002)
    for label in "0123457":
        small = picture(label, side=40, pen=9)
        usual, cautious = digits.character(small), careful.character(small)
        assert (usual.label, usual.probability) == (cautious.label, cautious.probability)
        assert usual.accepted or not cautious.accepted


def test_coverage_turns_the_alternatives_into_a_set(alphanumeric):
    small, large = (Recognizer.load("alphanumeric", coverage=coverage) for coverage in (0.5, 0.999))
    stroke = picture("1")
    sizes = [len(reader.character(stroke).alternatives) for reader in (small, large)]
    assert 1 <= sizes[0] <= sizes[1]
    assert sizes[1] > 1
    assert small.character(stroke).label == alphanumeric.character(stroke).label


def test_impossible_promise_is_refused_with_the_lowest_possible_error_rate():
    with pytest.raises(ModelError, match=r"an error rate of at most 1e-06: ask for 0\.\d+ or more"):
        Recognizer.load("digits", max_error=1e-6)
    with pytest.raises(ModelError, match="coverage"):
        Recognizer.load("digits", coverage=1.0)
