import numpy as np
import pytest

from training.evaluation.measured import MEASURED
from training.evaluation.writers import (
    FIVE,
    Comparison,
    Handwriting,
    capitals,
    compare,
    half_of_the_labels,
    some_of_each_label,
    table,
)


def handwriting() -> Handwriting:
    """Two writers with four of each of three labels."""
    labels = np.array(list("ABC") * 8)
    return Handwriting([np.zeros((2, 2))] * 24, labels, np.repeat([1, 2], 12))


def test_two_of_each_label_are_corrected():
    rows = np.arange(12)
    corrected = some_of_each_label(handwriting(), rows, 2, np.random.default_rng(0))
    assert sorted(handwriting().labels[corrected]) == list("AABBCC")
    assert len(set(corrected)) == 6


def test_all_rows_of_half_of_the_labels_are_corrected():
    corrected = half_of_the_labels(handwriting(), np.arange(12, 24), np.random.default_rng(0))
    assert len(set(handwriting().labels[corrected])) == 1
    assert len(corrected) == 4
    assert corrected.min() >= 12


def test_a_comparison_has_error_rates_and_the_worst_writer():
    right = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]], bool)
    comparison = Comparison(np.array([1, 1, 1, 2, 2]), np.zeros(5, int), right, np.ones((5, 2)))
    assert comparison.worst_change == 1
    assert comparison.errors == pytest.approx([0.4, 0.4])
    assert comparison.calibration == pytest.approx((0.4, 0.4))


def test_no_rows_give_an_empty_table():
    assert table([]).count("\n") == 2
    assert "| a | b | c |\n" in table([("a", "b", "c")])


def test_the_document_has_all_rows():
    text = MEASURED.read_text()
    section = text[text.index("<!-- writers -->") : text.index("<!-- end of writers -->")]
    assert section.count("\n|") >= 10


@pytest.mark.parametrize(("number", "wrong_share", "max_ratio"), [
    (FIVE, 0.0, 0.75), (1, 0.0, 0.85), (FIVE, 0.05, 1.0),
])  # fmt: skip
def test_writers_are_read_better_after_a_few_corrections(data_dir, letters, number, wrong_share, max_ratio):
    """The figures of docs/measured.md with a margin, because one draw varies more than four."""
    writers = capitals(data_dir)
    comparison = compare(
        letters,
        writers,
        lambda rows, rng: some_of_each_label(writers, rows, number, rng),
        wrong_share=wrong_share,
        draws=1,
    )
    plain, adapted = comparison.errors
    assert adapted <= max_ratio * plain
    assert comparison.worst_change <= 1
    plain_calibration, adapted_calibration = comparison.calibration
    assert adapted_calibration <= plain_calibration + 0.005
