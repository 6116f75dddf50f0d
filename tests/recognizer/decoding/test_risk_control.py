import numpy as np
import pytest

from recognizer import ModelError, Recognizer
from recognizer.decoding.risk_control import (
    COVERAGES,
    coverage_table,
    least_error,
    least_in_set,
    least_probability,
    risk_table,
)
from tests.characters import picture


def made(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Answers whose probabilities mean what they say."""
    probability = 1 - 10 ** -rng.uniform(0.3, 5, count)
    return probability, rng.random(count) < probability


def test_no_samples_promise_nothing():
    assert least_probability(risk_table(np.zeros(0), np.zeros(0, bool)), 0.1) is None


@pytest.mark.parametrize("max_error", [0.1, 0.02, 0.005])
def test_the_promise_on_errors_is_kept_on_other_samples(max_error):
    """With 95 % confidence: of 60 calibrations hardly more than three may break it."""
    broken = promised = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        least = least_probability(risk_table(*made(3000, rng)), max_error)
        if least is None:
            continue
        promised += 1
        probability, right = made(60_000, rng)
        accepted = probability >= least
        broken += (~right[accepted]).mean() > max_error
    assert promised >= 50
    assert broken <= 6


def test_fewer_errors_cost_more_refusals():
    table = risk_table(*made(20_000, np.random.default_rng(0)))
    thresholds = [least_probability(table, error) for error in (0.1, 0.01, 0.002)]
    assert thresholds == sorted(thresholds)


def test_too_few_samples_cannot_promise_a_small_error():
    table = risk_table(*made(500, np.random.default_rng(0)))
    assert least_probability(table, 0.001) is None
    assert least_probability(table, least_error(table)) is not None
    assert least_error(table) > 0.001


def test_a_set_holds_the_truth_as_often_as_promised():
    rng = np.random.default_rng(0)
    first, second = rng.dirichlet(np.full(10, 0.1), (2, 20_000))
    truths = [np.array([rng.choice(10, p=row) for row in one]) for one in (first, second)]
    table = coverage_table(first[np.arange(len(first)), truths[0]])
    for coverage in (0.9, 0.99):
        held = second[np.arange(len(second)), truths[1]] >= least_in_set(table, coverage)
        assert held.mean() == pytest.approx(coverage, abs=0.012)


@pytest.mark.parametrize("coverage", [-0.1, 1.0, 0.9999])
def test_a_coverage_that_cannot_be_promised_is_refused(coverage):
    with pytest.raises(ValueError, match="coverage"):
        least_in_set([[one, 0.1] for one in COVERAGES], coverage)


def test_a_caller_asks_for_fewer_errors(digits):
    careful = Recognizer.load("digits", max_error=0.002)
    doubtful = [digits.character(picture(label, side=40, pen=9)) for label in "0123457"]
    for label, one in zip("0123457", doubtful, strict=True):
        other = careful.character(picture(label, side=40, pen=9))
        assert (one.label, one.probability) == (other.label, other.probability)
        assert one.accepted or not other.accepted


def test_alternatives_are_cut_to_a_set(alphanumeric):
    small, large = (Recognizer.load("alphanumeric", coverage=one) for one in (0.5, 0.999))
    bare = picture("1")
    sets = [len(one.character(bare).alternatives) for one in (small, large)]
    assert 1 <= sets[0] <= sets[1]
    assert sets[1] > 1
    assert small.character(bare).label == alphanumeric.character(bare).label


def test_what_cannot_be_promised_is_said():
    with pytest.raises(ModelError, match="cannot promise at most 1e-06 of errors: the least is"):
        Recognizer.load("digits", max_error=1e-6)
    with pytest.raises(ModelError, match="coverage"):
        Recognizer.load("digits", coverage=1.0)
