"""The gates: the shipped weights on the official tests and on other people's hands."""

import pytest

from training import evaluate
from training.datasets import nist_part
from training.evaluate import measure
from training.recipes import FLAGSHIPS
from training.test_sets import PHOTO, TRIALS

GATES = [test for test in TRIALS if test.least is not None or test.least_merged is not None]


@pytest.mark.parametrize("test", GATES, ids=lambda test: f"{test.model} on {test.on}")
def test_what_the_readme_promises(test, data_dir):
    figure = measure(test, data_dir)
    if test.least is not None:
        assert figure.right >= test.least
    if test.least_merged is not None:
        assert figure.merged >= test.least_merged


def test_digits_of_mnist_are_read_as_well_from_pictures(data_dir, digits):
    """Whoever hands MNIST's own images to the library gets nearly the network's accuracy."""
    part = nist_part(data_dir, "emnist_mnist_test")
    read = digits.characters(part["images"][:2000])
    assert sum(c.label == t for c, t in zip(read, part["labels"][:2000], strict=True)) >= 0.985 * 2000


def test_the_cards_hold_what_is_measured(data_dir):
    """A figure of a card is the figure of the weights beside it, not of older ones."""
    for test in (test for test in TRIALS if test.on == PHOTO and test.model in FLAGSHIPS):
        noted = evaluate.read_card(test.model)["metrics"][test.on]
        measured = measure(test, data_dir)
        assert noted["characters"] == measured.characters
        assert noted["case_merged"] == pytest.approx(measured.merged, abs=2e-3)
