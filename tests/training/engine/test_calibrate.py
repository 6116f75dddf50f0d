import numpy as np
import pytest

from recognizer.models.store import load_model
from recognizer.models.views import VIEWS
from training.engine.calibrate import fit_views, held_out_for, risk_and_coverage
from training.labels import ALPHANUMERIC_AND_NEGATIVE

CLASSES = ("0", "1", "")
LABELS = [0, 0, 1, 1]  # classes of the four samples


def tables(logits: list) -> dict:
    """The card entries for four samples that are labelled LABELS."""
    return risk_and_coverage(np.array(logits, float), np.eye(3, dtype=bool)[LABELS], CLASSES, 1.0)


def test_confident_correct_answers_are_all_accepted():
    table = tables([[9, 0, 0], [9, 0, 0], [0, 9, 0], [0, 9, 0]])["risk"]
    assert table[0] == [0.0, 4, 0]
    assert table[-1][1:] == [0, 0]


def test_a_wrong_answer_counts_below_its_probability_only():
    table = tables([[9, 0, 0], [9, 0, 0], [0, 9, 0], [3, 0, 0]])["risk"]
    assert table[0] == [0.0, 4, 1]
    wrong_probability = np.exp(3) / (np.exp(3) + 1)  # given that it is a character
    for threshold, accepted, wrong in table:
        assert wrong == (wrong_probability >= threshold)
        assert accepted >= wrong


def test_a_sample_read_as_no_character_is_not_answered():
    table = tables([[9, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]])["risk"]
    assert table[0][1] == 4
    assert table[1][1:] == [3, 0]


def test_a_higher_coverage_includes_less_probable_labels():
    rows = tables([[9, 0, 0], [1, 0, 0], [0, 9, 0], [3, 0, 0]])["coverage"]
    thresholds = [threshold for _, threshold in rows]
    assert thresholds == sorted(thresholds, reverse=True)


def test_the_risk_table_counts_what_a_network_reads(samples):
    model = load_model("digits-mlp")
    logits = model.logits(samples.images.astype(np.float32) / 255)
    risk = risk_and_coverage(logits, samples.allowed[:, :10], model.classes, model.card["temperature"])[
        "risk"
    ]
    wrong = (logits.argmax(axis=1) != [int(label) for label in samples.labels]).sum()
    assert risk[0][1] == len(samples)
    _, accepted, accepted_wrong = risk[1]
    assert len(samples) / 2 < accepted <= len(samples)
    assert accepted_wrong <= wrong


def test_a_view_weighs_held_out_characters_by_its_expected_frequencies():
    classes = list(ALPHANUMERIC_AND_NEGATIVE)
    labels = ["0"] * 90 + ["7"] * 10 + ["A"] * 30 + ["a"] * 10
    allowed = np.array([[name == label for name in classes] for label in labels])
    logits = np.where(allowed, 5.0, 0.0)
    seen, possible, counts = held_out_for(VIEWS["digits"], logits, allowed, np.append(np.ones(62) / 62, 0))
    assert seen.shape == possible.shape == (100, 11)
    assert counts[:90].sum() == pytest.approx(counts[90:].sum())
    seen, possible, counts = held_out_for(VIEWS["letters"], logits, allowed, np.append(np.ones(62) / 62, 0))
    assert possible[:, 0].all()  # an A in either case is an a
    assert len(seen) == 40


def test_every_view_is_fitted():
    classes = list(ALPHANUMERIC_AND_NEGATIVE)
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(0, 1, (3000, 63))
    powers = np.exp(logits[:, :-1])
    shares = powers / powers.sum(axis=1, keepdims=True)
    allowed = np.eye(63, dtype=bool)[[rng.choice(62, p=row) for row in shares]]
    overconfident = 2 * logits  # at a temperature of 2 they are calibrated
    views = fit_views(overconfident, allowed, np.append(np.ones(62) / 62, 0))
    assert set(views) == set(VIEWS)
    for name, card in views.items():
        assert 1.2 < card["temperature"] < 3
        assert 0.5 <= card["refuse"] <= 0.99
        view_labels = set(VIEWS[name].labels)
        classes_in_view = sum(bool({label, label.lower()} & view_labels) for label in classes[:-1])
        assert card["risk"][0][1] == pytest.approx(3000 * classes_in_view / 62, rel=0.1)


def test_a_letter_of_unknown_case_counts_only_where_case_is_merged():
    classes, labels = ALPHANUMERIC_AND_NEGATIVE, ("A", "a", "Cc")
    allowed = np.array([[bool(name) and name in label for name in classes] for label in labels])
    logits, prior = np.where(allowed, 5.0, 0.0), np.append(np.ones(62) / 62, 0)
    assert len(held_out_for(VIEWS["alphanumeric"], logits, allowed, prior)[0]) == 2
    assert len(held_out_for(VIEWS["letters"], logits, allowed, prior)[0]) == 3
