"""What can be promised of the answers that are accepted, from held-out samples with a confidence bound.

Two promises: of the accepted answers at most a given share is wrong (`least_probability`), and a set of
alternatives holds the truth at least as often as asked (`least_in_set`). Both hold for pictures like the
held-out ones; other hands and other pens may be harder, which is why the wild sets are measured too.
"""

import math
from typing import Any

import numpy as np

from recognizer.decoding.calibration import LEAST, NOTHING, AcceptancePolicy
from recognizer.errors import ModelError
from recognizer.models.store import entry

SURE = 0.95  # how sure the promise on errors is: one calibration in twenty may break it
STEPS = np.linspace(0.3, 6, 115)  # thresholds at 1 - 10 ** -step
COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)


def risk_table(probability: np.ndarray, right: np.ndarray) -> list[list[float]]:
    """For each threshold how many held-out answers it accepts, and how many of these are wrong.

    Args:
        probability: (N,), of the labels that were given.
        right: bool (N,).

    Returns:
        Rows [threshold, accepted, wrong], the lowest threshold first: 0, which accepts all.
    """
    table: list[list[float]] = []
    for threshold in (0.0, *(1 - 10**-STEPS)):
        accepted = probability >= threshold
        table.append([float(f"{threshold:.7f}"), int(accepted.sum()), int((accepted & ~right).sum())])
    return table


def least_probability(table: list[list[float]], max_error: float) -> float | None:
    """The lowest threshold above which at most `max_error` of the accepted answers are wrong.

    Thresholds are tried from the highest on, each by an exact binomial test (Clopper and Pearson 1934), until
    one fails: so that one bound holds for all (fixed sequence testing, Angelopoulos et al. 2021, arXiv
    2110.01052). The first is the highest that accepts enough for a test to forgive one wrong answer, or none
    where there are fewer samples: it depends on how many are accepted, not on which of them are wrong.

    Returns:
        None where the held-out samples are too few or too hard to promise that.
    """
    forgiven = 1 if _at_most(1, table[0][1], max_error) <= 1 - SURE else 0
    found = None
    for threshold, accepted, wrong in reversed(table):
        if _at_most(forgiven, accepted, max_error) > 1 - SURE:
            continue  # too few accepted to tell; lower thresholds accept more
        if _at_most(int(wrong), accepted, max_error) > 1 - SURE:
            break
        found = threshold
    return found


def least_error(table: list[list[float]]) -> float:
    """The smallest error, to two digits, that can be promised at all."""
    errors = (digit * 10.0**power for power in range(-4, 0) for digit in np.arange(1, 10, 0.5))
    return next((error for error in errors if least_probability(table, error) is not None), 1.0)


def coverage_table(of_truth: np.ndarray) -> list[list[float]]:
    """For some coverages the least probability of a label that is in the set.

    Args:
        of_truth: (N,), the probability that was given to the true label of each held-out sample.

    Returns:
        Rows [coverage, least probability], the lowest coverage first; split conformal prediction by the
        probability of the truth (Sadinle et al. 2019, arXiv 1609.00451).
    """
    ordered = np.sort(of_truth)
    table = []
    for coverage in COVERAGES:
        left_out = math.floor((1 - coverage) * (len(ordered) + 1)) - 1
        table.append([coverage, float(f"{ordered[left_out]:.3g}") if left_out >= 0 else 0.0])
    return table


def least_in_set(table: list[list[float]], coverage: float) -> float:
    """The least probability of a label that belongs to the set at a coverage: that of the next row above it.

    Raises:
        ValueError: a coverage outside of [0, 1), or higher than can be promised.
    """
    for row, least in table:
        if 0 <= coverage <= row:
            return least
    raise ValueError(f"coverage {coverage}: give a number from 0 to {table[-1][0]}")


def policy(
    name: str, card: dict[str, Any], max_error: float | None = None, coverage: float | None = None
) -> AcceptancePolicy:
    """When a model's answers are accepted, and which labels are alternatives.

    Args:
        name: of the model, for messages.
        card: of the model; it holds the tables of risk and coverage.
        max_error, coverage: as `Recognizer.load` takes them.

    Raises:
        ModelError: the card has no such table, or its held-out samples cannot promise that.
    """
    least, in_set = LEAST, 0.0
    if max_error is not None:
        found = least_probability(entry(name, card, "risk"), max_error)
        if found is None:
            best = least_error(card["risk"])
            raise ModelError(
                f"{name} cannot promise at most {max_error:g} of errors: the least is {best:.2g}"
            )
        least = max(least, found)
    if coverage is not None:
        try:
            in_set = least_in_set(entry(name, card, "coverage"), coverage)
        except ValueError as error:
            raise ModelError(f"{name}: {error}") from None
    return AcceptancePolicy(least, in_set, float(card.get("refuse", NOTHING)))


def _at_most(wrong: int, accepted: float, error: float) -> float:
    """The probability of so few wrong answers among the accepted if each were wrong with this probability."""
    if accepted == 0:
        return 1.0
    logs = [
        math.lgamma(accepted + 1) - math.lgamma(k + 1) - math.lgamma(accepted - k + 1)
        + k * math.log(error) + (accepted - k) * math.log1p(-error)
        for k in range(wrong + 1)
    ]  # fmt: skip
    return min(1.0, sum(map(math.exp, logs)))
