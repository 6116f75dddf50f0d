"""The floors of tests/floors.toml: the shipped weights on the official tests and on other people's hands."""

import datetime
import tomllib
from pathlib import Path

import pytest

from recognizer.models.store import read_card
from recognizer.models.views import VIEWS
from training.data.datasets import nist_part
from training.data.test_sets import PHOTO, TRIALS
from training.evaluation.characters import measure

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["floor"]


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: f"{floor['model']} on {floor['on']}")
def test_the_weights_read_no_less_than_the_floor(floor, data_dir):
    (trial,) = (one for one in TRIALS if (one.model, one.on) == (floor["model"], floor["on"]))
    figure = measure(trial, data_dir)
    assert figure.right >= floor.get("right", 0)
    assert figure.merged >= floor.get("merged", 0)


def test_every_model_has_a_floor_with_a_date():
    assert {floor["model"] for floor in FLOORS} >= {trial.model for trial in TRIALS}
    assert all(isinstance(floor["reviewed"], datetime.date) for floor in FLOORS)
    assert all(0.5 < share <= 1 for floor in FLOORS for share in floor.values() if isinstance(share, float))


def test_digits_are_read_as_well_from_pictures(data_dir, digits):
    """Whoever hands EMNIST's own images to the library gets nearly the network's accuracy."""
    part = nist_part(data_dir, "emnist_mnist_test")
    read = digits.characters(part["images"][:2000])
    assert sum(c.label == t for c, t in zip(read, part["labels"][:2000], strict=True)) >= 0.985 * 2000


def test_the_cards_hold_what_is_measured(data_dir):
    """A figure of a card is the figure of the weights beside it, not of older ones."""
    for test in (test for test in TRIALS if test.on == PHOTO and test.model in VIEWS):
        noted = read_card(test.model)["metrics"][test.on]
        measured = measure(test, data_dir)
        assert noted["characters"] == measured.characters
        assert noted["case_merged"] == pytest.approx(measured.merged, abs=2e-3)
