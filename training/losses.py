"""What a network learns to make small, from labels that may allow several classes, and from teachers."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("scrawl")
def set_loss(allowed, logits):
    """Minus the log of the probability that the answer is one of the allowed classes."""
    outside = tf.where(allowed > 0, logits, tf.fill(tf.shape(logits), tf.constant(-1e9, logits.dtype)))
    return tf.reduce_logsumexp(logits, axis=-1) - tf.reduce_logsumexp(outside, axis=-1)


@keras.saving.register_keras_serializable("scrawl")
class TaughtLoss(keras.losses.Loss):
    """The loss over a set of classes beside the cross-entropy with what teachers answer (Hinton et al. 2015).

    A target is (2, classes): the allowed classes, and the teachers' probabilities times how much they
    count; zeros where nobody was asked.
    """

    def call(self, targets, logits):
        allowed, taught = targets[:, 0], targets[:, 1]
        by_teacher = tf.reduce_sum(taught * (tf.reduce_logsumexp(logits, -1, keepdims=True) - logits), -1)
        return (1 - tf.reduce_sum(taught, -1)) * set_loss(allowed, logits) + by_teacher


@keras.saving.register_keras_serializable("scrawl")
def accuracy(allowed, logits):
    """Share of samples whose most probable class is an allowed one."""
    if allowed.shape.rank == 3:
        allowed = allowed[:, 0]
    return tf.gather(allowed, tf.argmax(logits, axis=-1), axis=1, batch_dims=1)
