"""Probabilities from logits, and the guard that keeps divisions and logarithms finite."""

import numpy as np
from numpy.typing import ArrayLike

TINY = 1e-12  # a probability or a length below this counts as zero


def softmax(logits: np.ndarray, temperature: float, prior: ArrayLike = 1.0) -> np.ndarray:
    """Calibrated probabilities (N, classes): softmax of the logits over the temperature (Guo et al. 2017).

    Args:
        logits: (N, classes).
        temperature: above 1 makes a network that is too sure of itself less sure.
        prior: (classes,), how frequent each class was where the network learnt. Its probabilities are
            divided by it: on a form an O is rarer than a 0, to a canvas both are equally likely to come
            (Menon et al. 2021, arXiv 2007.07314).
    """
    scaled = np.asarray(logits, np.float64) / temperature - np.log(prior)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
