"""Bounds on the errors of accepted answers, computed from held-out samples.

Two promises are possible: of the accepted answers at most a given share is wrong (`threshold_for_error`),
and a set of alternatives holds the true label at least as often as asked (`threshold_for_coverage`). Both are
true of pictures like the held-out ones. Other writers and other pens may be harder, so these are measured too
(`training.evaluation.calibration`).
"""

import math
from typing import Any

import numpy as np

from recognizer.decoding.calibration import MIN_PROBABILITY, REJECT_ABOVE, AcceptancePolicy
from recognizer.errors import ModelError
from recognizer.models.store import entry

CONFIDENCE = 0.95  # of the bound on errors: it may be broken for one calibration in twenty
THRESHOLD_EXPONENTS = np.linspace(
    0.3, 6, 115
)  # thresholds are 1 - 10 ** -exponent: from about 0.5 to 0.999999
COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)


def risk_table(probability: np.ndarray, correct: np.ndarray) -> list[list[float]]:
    """Count for each threshold the held-out answers that it accepts, and the wrong ones among them.

    Args:
        probability: (N,), of the best label of each sample.
        correct: bool (N,), whether that label is correct.

    Returns:
        Rows [threshold, accepted, wrong], the lowest threshold first: 0, which accepts all.
    """
    table: list[list[float]] = []
    for threshold in (0.0, *(1 - 10**-THRESHOLD_EXPONENTS)):
        accepted = probability >= threshold
        table.append([float(f"{threshold:.7f}"), int(accepted.sum()), int((accepted & ~correct).sum())])
    return table


def threshold_for_error(table: list[list[float]], max_error: float) -> float | None:
    """The lowest threshold that keeps the error rate of accepted answers at most `max_error`.

    Thresholds are tested from the highest to the lowest until one fails, each by an exact binomial test
    (Clopper and Pearson 1934). This order makes one confidence level hold for all of them (fixed sequence
    testing, Angelopoulos et al. 2021, arXiv 2110.01052). The first threshold tested is the highest that
    accepts enough samples to pass with one wrong answer, or with none if there are fewer samples. It depends
    on the number of accepted answers alone, not on their errors, as the method requires.

    Args:
        table: from `risk_table`.
        max_error: in (0, 1).

    Returns:
        The threshold; None if the held-out samples are too few or too hard for this bound.
    """
    forgiven = 1 if _binomial_cdf(1, table[0][1], max_error) <= 1 - CONFIDENCE else 0
    lowest = None
    for threshold, accepted, wrong in reversed(table):
        if _binomial_cdf(forgiven, accepted, max_error) > 1 - CONFIDENCE:
            continue  # too few are accepted to tell; lower thresholds accept more
        if _binomial_cdf(int(wrong), accepted, max_error) > 1 - CONFIDENCE:
            break
        lowest = threshold
    return lowest


def lowest_error(table: list[list[float]]) -> float:
    """The smallest error rate that can be promised, to two digits; 1 if there is none."""
    errors = (digit * 10.0**power for power in range(-4, 0) for digit in np.arange(1, 10, 0.5))
    return next((error for error in errors if threshold_for_error(table, error) is not None), 1.0)


def coverage_table(true_probability: np.ndarray) -> list[list[float]]:
    """For each of COVERAGES the lowest probability of a label in the prediction set.

    Split conformal prediction with the probability of the true label as score (Sadinle et al. 2019, arXiv
    1609.00451).

    Args:
        true_probability: (N,), the probability given to the true label of each held-out sample.

    Returns:
        Rows [coverage, lowest probability], the lowest coverage first.
    """
    ordered = np.sort(true_probability)
    table = []
    for coverage in COVERAGES:
        index = math.floor((1 - coverage) * (len(ordered) + 1)) - 1
        table.append([coverage, float(f"{ordered[index]:.3g}") if index >= 0 else 0.0])
    return table


def threshold_for_coverage(table: list[list[float]], coverage: float) -> float:
    """The lowest probability of a label in the prediction set at a coverage, or at the next higher tabulated.

    Args:
        table: from `coverage_table`.
        coverage: in [0, 1).

    Raises:
        ValueError: the coverage is below 0 or above the highest of the table.
    """
    for tabulated, threshold in table:
        if 0 <= coverage <= tabulated:
            return threshold
    raise ValueError(f"coverage {coverage}: give a number from 0 to {table[-1][0]}")


def policy(
    name: str, card: dict[str, Any], max_error: float | None = None, coverage: float | None = None
) -> AcceptancePolicy:
    """The acceptance policy of a model for the promises that a caller asks for.

    Args:
        name: of the model, for messages.
        card: of the model; it holds the tables of risk and coverage.
        max_error, coverage: as `Recognizer.load` takes them; None: no promise.

    Raises:
        ModelError: the card lacks a table, or its held-out samples do not allow such a promise.
    """
    min_probability, min_in_set = MIN_PROBABILITY, 0.0
    if max_error is not None:
        threshold = threshold_for_error(entry(name, card, "risk"), max_error)
        if threshold is None:
            lowest = lowest_error(card["risk"])
            raise ModelError(
                f"{name} cannot promise an error rate of at most {max_error:g}: ask for {lowest:.2g} or more"
            )
        min_probability = max(min_probability, threshold)
    if coverage is not None:
        try:
            min_in_set = threshold_for_coverage(entry(name, card, "coverage"), coverage)
        except ValueError as error:
            raise ModelError(f"{name}: {error}") from None
    return AcceptancePolicy(min_probability, min_in_set, float(card.get("refuse", REJECT_ABOVE)))


def _binomial_cdf(wrong: int, accepted: float, error: float) -> float:
    """The probability of at most `wrong` wrong answers if each is wrong with probability `error`."""
    if accepted == 0:
        return 1.0
    logs = [
        math.lgamma(accepted + 1) - math.lgamma(k + 1) - math.lgamma(accepted - k + 1)
        + k * math.log(error) + (accepted - k) * math.log1p(-error)
        for k in range(wrong + 1)
    ]  # fmt: skip
    return min(1.0, sum(map(math.exp, logs)))
