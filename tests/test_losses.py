import numpy as np
import pytest
import tensorflow as tf

from training.losses import TaughtLoss, accuracy, set_loss


def test_the_loss_over_a_set_is_that_of_its_summed_probability():
    logits = np.array([[2.0, 1.0, -1.0]], np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    for allowed in ([1, 0, 0], [1, 1, 0], [1, 1, 1]):
        wanted = -np.log((probabilities * allowed).sum())
        assert float(set_loss(np.array([allowed], np.float32), logits)[0]) == pytest.approx(wanted, abs=1e-5)


def test_the_loss_is_the_labels_where_nobody_was_asked_else_in_part_the_teachers():
    logits = tf.constant([[2.0, 0.5, -1.0]])
    allowed = tf.constant([[1.0, 0.0, 0.0]])
    by_label = float(set_loss(allowed, logits)[0])
    loss = TaughtLoss(reduction=None)
    alone = float(loss(tf.stack([allowed, tf.zeros_like(allowed)], axis=1), logits)[0])
    assert alone == pytest.approx(by_label)
    teacher = np.array([[0.7, 0.2, 0.1]], np.float32)
    both = float(loss(tf.stack([allowed, 0.6 * teacher], axis=1), logits)[0])
    cross_entropy = -(teacher * tf.nn.log_softmax(logits).numpy()).sum()
    assert both == pytest.approx(0.4 * by_label + 0.6 * cross_entropy, abs=1e-5)
    assert float(accuracy(tf.stack([allowed, 0.6 * teacher], axis=1), logits)[0]) == 1
