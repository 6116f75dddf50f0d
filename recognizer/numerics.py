"""Softmax with temperature and prior, and the constant that keeps divisions and logarithms finite."""

import numpy as np
from numpy.typing import ArrayLike

TINY = 1e-12  # lower bound of a divisor or of a logarithm's argument


def softmax(logits: np.ndarray, temperature: float, prior: ArrayLike = 1.0) -> np.ndarray:
    """Calibrated probabilities, the softmax of logits over a temperature (Guo et al. 2017, arXiv 1706.04599).

    Args:
        logits: (..., classes).
        temperature: above 1 lowers an overconfident network's probabilities.
        prior: (classes,), how frequent each class was in training; the probabilities are divided by it (logit
            adjustment, Menon et al. 2021, arXiv 2007.07314). On a form an O is rarer than a 0; on a canvas
            both are equally likely.

    Returns:
        float64 (..., classes), each row summing to 1.
    """
    scaled = np.asarray(logits, np.float64) / temperature - np.log(prior)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
