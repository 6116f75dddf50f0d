"""Loss and accuracy for labels that may allow several classes, on any Keras backend."""

import keras
from keras import ops

MASKED = -1e9  # the logit of a class that the label does not allow: its probability becomes 0


@keras.saving.register_keras_serializable("scrawl")
def set_loss(allowed, logits):
    """Negative log-probability of the set of allowed classes: (N,)."""
    inside = ops.where(allowed > 0, logits, MASKED)
    return ops.logsumexp(logits, axis=-1) - ops.logsumexp(inside, axis=-1)


@keras.saving.register_keras_serializable("scrawl")
def accuracy(allowed, logits):
    """1 for each sample whose most probable class is allowed, else 0: (N,)."""
    best = ops.expand_dims(ops.argmax(logits, axis=-1), axis=-1)
    return ops.take_along_axis(allowed, best, axis=-1)[:, 0]
