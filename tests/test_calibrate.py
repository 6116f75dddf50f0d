import shutil

import numpy as np

from recognizer.models import WEIGHTS, load_model, read_card
from training.calibrate import calibrate, promises

CLASSES = ("0", "1", "")
LABELS = [0, 0, 1, 1]
PROMISES = ("risk", "coverage")


def promised(logits: list) -> dict:
    return promises(np.array(logits, float), np.eye(3, dtype=bool)[LABELS], CLASSES, 1.0, 1.0)


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
    found = promises(logits, samples.allowed[:, :10], model.classes, model.card["temperature"], 1.0)
    wrong = (logits.argmax(axis=1) != [int(label) for label in samples.labels]).sum()
    assert found["risk"][0][1] == len(samples)
    _, accepted, of_these = found["risk"][1]
    assert len(samples) / 2 < accepted <= len(samples)
    assert of_these <= wrong


def test_a_card_says_what_its_weights_do_on_the_held_out_samples(data_dir, tmp_path):
    for suffix in ("keras", "json"):
        shutil.copy(WEIGHTS / f"digits-mlp.{suffix}", tmp_path)
    card = calibrate("digits-mlp", data_dir, tmp_path)
    assert read_card("digits-mlp", tmp_path) == card
    shipped = read_card("digits-mlp")
    assert {key: card[key] for key in card if key not in PROMISES} == {
        key: shipped[key] for key in shipped if key not in PROMISES
    }
    np.testing.assert_allclose(card["risk"], shipped["risk"], atol=3)  # other machines round otherwise
