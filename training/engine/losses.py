"""What a network learns to make small, from labels that may allow several classes; on any engine of Keras."""

import keras
from keras import ops

NEVER = -1e9  # the logit of a class that a label does not allow


@keras.saving.register_keras_serializable("scrawl")
def set_loss(allowed, logits):
    """Minus the log of the probability that the answer is one of the allowed classes."""
    inside = ops.where(allowed > 0, logits, NEVER)
    return ops.logsumexp(logits, axis=-1) - ops.logsumexp(inside, axis=-1)


@keras.saving.register_keras_serializable("scrawl")
def accuracy(allowed, logits):
    """Share of samples whose most probable class is an allowed one."""
    best = ops.expand_dims(ops.argmax(logits, axis=-1), axis=-1)
    return ops.take_along_axis(allowed, best, axis=-1)[:, 0]
