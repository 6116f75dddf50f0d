import numpy as np
import pytest

from training.evaluation.characters import MEASURED
from training.evaluation.writers import (
    FIVE,
    Outcome,
    People,
    capitals,
    first_of_each,
    half_of_the_labels,
    outcome,
    table,
)


def people() -> People:
    labels = np.array(list("ABC") * 8)
    return People([np.zeros((2, 2))] * 24, labels, np.repeat([1, 2], 12))


def test_so_many_of_each_label_teach():
    rows = np.arange(12)
    taught = first_of_each(people(), rows, 2, np.random.default_rng(0))
    assert sorted(people().labels[taught]) == list("AABBCC")
    assert len(set(taught)) == 6


def test_half_of_the_labels_teach_with_all_they_have():
    taught = half_of_the_labels(people(), np.arange(12, 24), np.random.default_rng(0))
    assert len(set(people().labels[taught])) == 1
    assert len(taught) == 4
    assert taught.min() >= 12


def test_the_worst_writer_is_found():
    right = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]], bool)
    one = Outcome(np.array([1, 1, 1, 2, 2]), np.zeros(5, int), right, np.ones((5, 2)))
    assert one.worst == 1
    assert one.errors == pytest.approx([0.4, 0.4])
    assert one.calibration == pytest.approx((0.4, 0.4))


def test_no_figures_give_an_empty_table():
    assert table([]).count("\n") == 2
    assert "| a | b | c |\n" in table([("a", "b", "c")])


def test_the_readme_shows_what_is_measured():
    text = MEASURED.read_text()
    shown = text[text.index("<!-- personal -->") : text.index("<!-- end of personal -->")]
    assert shown.count("\n|") >= 10


@pytest.mark.parametrize(("number", "slips", "most"), [(FIVE, 0.0, 0.75), (1, 0.0, 0.85), (FIVE, 0.05, 1.0)])
def test_people_are_read_better_after_a_few_corrections(data_dir, letters, number, slips, most):
    """What was measured of 18 writers, less a margin: one draw tells less than four."""
    writers = capitals(data_dir)
    found = outcome(
        letters, writers, lambda rows, rng: first_of_each(writers, rows, number, rng), slips=slips, draws=1
    )
    before, after = found.errors
    assert after <= most * before
    assert found.worst <= 1
    old, new = found.calibration
    assert new <= old + 0.005
