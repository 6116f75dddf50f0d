import keras
import numpy as np
import pytest

from training.engine.losses import accuracy, set_loss


def test_the_loss_of_a_set_is_the_negative_log_of_its_summed_probability():
    logits = np.array([[2.0, 1.0, -1.0]], np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    for allowed in ([1, 0, 0], [1, 1, 0], [1, 1, 1]):
        expected = -np.log((probabilities * allowed).sum())
        assert float(set_loss(np.array([allowed], np.float32), logits)[0]) == pytest.approx(
            expected, abs=1e-5
        )


def test_an_answer_is_correct_if_its_class_is_allowed():
    logits = np.array([[2.0, 0.5, -1.0], [0.0, 0.5, 1.0]], np.float32)
    allowed = np.array([[1, 1, 0], [1, 1, 0]], np.float32)
    assert keras.ops.convert_to_numpy(accuracy(allowed, logits)).tolist() == [1, 0]
