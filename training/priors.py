"""How frequent each class is, where a network learns and where it reads.

Training draws rare classes more often than they are written on NIST's forms, so that it sees enough of them.
The shipped network answers as the forms would have it, which is what EMNIST's tests are; the reader takes
the forms' frequencies out again, since to a canvas every character is equally likely to come.
"""

import keras
import numpy as np


def expect_forms(model: keras.Model, temperature: float, frequency: np.ndarray, balance: float) -> None:
    """Let a network expect classes as frequent as on the forms, by its last biases.

    Args:
        model: has a layer "forms" with a bias a class.
        temperature: that its logits are divided by.
        frequency: (classes,) on the forms; 0 for what is no character, which stays as it is.
        balance: it was trained with frequencies to the power of 1 - balance.
    """
    known = frequency > 0
    drawn = frequency[known] ** (1 - balance)
    rarer = np.ones(len(frequency))
    rarer[known] = frequency[known] / (drawn / drawn.sum())
    last = model.get_layer("forms")
    kernel, bias = last.get_weights()
    last.set_weights([kernel, bias + temperature * np.log(rarer)])


def noted(frequency: np.ndarray) -> list[float]:
    """The prior that a card has the reader divide by: what is no character counts as an average class."""
    average = frequency.sum() / np.count_nonzero(frequency)
    return np.where(frequency, frequency, average).round(5).tolist()
