import numpy as np
import pytest

from recognizer.models.store import load_model
from recognizer.models.views import VIEWS
from training.engine.calibrate import held_out_of, promises, views_fitted
from training.labels import OR_NOTHING

CLASSES = ("0", "1", "")
LABELS = [0, 0, 1, 1]


def promised(logits: list) -> dict:
    return promises(np.array(logits, float), np.eye(3, dtype=bool)[LABELS], CLASSES, 1.0)


def test_sure_and_right_answers_are_all_accepted():
    table = promised([[9, 0, 0], [9, 0, 0], [0, 9, 0], [0, 9, 0]])["risk"]
    assert table[0] == [0.0, 4, 0]
    assert table[-1][1:] == [0, 0]


def test_a_wrong_answer_is_counted_until_the_threshold_leaves_it_out():
    table = promised([[9, 0, 0], [9, 0, 0], [0, 9, 0], [3, 0, 0]])["risk"]
    assert table[0] == [0.0, 4, 1]
    wrong_probability = np.exp(3) / (np.exp(3) + 1)  # if it is a character
    for threshold, accepted, wrong in table:
        assert wrong == (wrong_probability >= threshold)
        assert accepted >= wrong


def test_what_is_no_character_is_no_answer():
    table = promised([[9, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]])["risk"]
    assert table[0][1] == 4
    assert table[1][1:] == [3, 0]


def test_a_set_that_must_hold_the_truth_more_often_takes_less_probable_labels():
    rows = promised([[9, 0, 0], [1, 0, 0], [0, 9, 0], [3, 0, 0]])["coverage"]
    leasts = [least for _, least in rows]
    assert leasts == sorted(leasts, reverse=True)


def test_what_a_network_reads_on_samples_is_counted(samples):
    model = load_model("digits-mlp")
    logits = model.logits(samples.images.astype(np.float32) / 255)
    found = promises(logits, samples.allowed[:, :10], model.classes, model.card["temperature"])
    wrong = (logits.argmax(axis=1) != [int(label) for label in samples.labels]).sum()
    assert found["risk"][0][1] == len(samples)
    _, accepted, of_these = found["risk"][1]
    assert len(samples) / 2 < accepted <= len(samples)
    assert of_these <= wrong


def test_a_view_s_held_out_characters_count_so_that_labels_are_as_frequent_as_it_expects():
    classes = list(OR_NOTHING)
    labels = ["0"] * 90 + ["7"] * 10 + ["A"] * 30 + ["a"] * 10
    allowed = np.array([[one == label for one in classes] for label in labels])
    logits = np.where(allowed, 5.0, 0.0)
    seen, right, counts = held_out_of(VIEWS["digits"], logits, allowed, np.append(np.ones(62) / 62, 0))
    assert seen.shape == right.shape == (100, 11)
    assert counts[:90].sum() == pytest.approx(counts[90:].sum())
    seen, right, counts = held_out_of(VIEWS["letters"], logits, allowed, np.append(np.ones(62) / 62, 0))
    assert right[:, 0].all()  # either case
    assert len(seen) == 40


def test_every_view_is_fitted():
    classes = list(OR_NOTHING)
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(0, 1, (3000, 63))
    powers = np.exp(logits[:, :-1])
    shares = powers / powers.sum(axis=1, keepdims=True)
    allowed = np.eye(63, dtype=bool)[[rng.choice(62, p=row) for row in shares]]
    found = views_fitted(2 * logits, allowed, np.append(np.ones(62) / 62, 0))  # twice too sure
    assert set(found) == set(VIEWS)
    for name, card in found.items():
        assert 1.2 < card["temperature"] < 3
        assert 0.5 <= card["refuse"] <= 0.99
        sayable = set(VIEWS[name].labels)
        many = sum(bool({label, label.lower()} & sayable) for label in classes[:-1])
        assert card["risk"][0][1] == pytest.approx(3000 * many / 62, rel=0.1)
