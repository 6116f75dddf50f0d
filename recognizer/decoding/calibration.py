"""From logits to an answer with an honest probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from recognizer.numerics import TINY, softmax
from recognizer.preprocessing.normalize import GLYPH
from recognizer.results import Box, Character

ALTERNATIVES = 5  # as many as a person looks at
NOTHING = 0.95  # refused as "not a character" above this probability, where a card says nothing else
LEAST = 0.5  # a calibrated probability above one half is right more often than wrong


@dataclass(frozen=True)
class AcceptancePolicy:
    """What an answer must have to be accepted, and a label to be an alternative."""

    least: float = LEAST  # probability
    in_set: float = 0.0  # probability of a label, where the alternatives are a set at a coverage
    refuse: float = NOTHING  # probability of "not a character" from which on that is the answer


USUAL = AcceptancePolicy()


def answer(
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    box: Box | None,
    glyph: np.ndarray,
    demands: AcceptancePolicy = USUAL,
) -> Character:
    """The character that calibrated probabilities (classes,) speak for.

    Where a model has a class "" ("this is none of mine"), that is never a label or an alternative: labels
    have the probability that they have if this is a character. Where "" is almost sure, the answer is "not
    a character"; where the likeliest label is not likelier than everything else together, "" included, or
    not as likely as demanded, it is "uncertain".
    """
    nothing = float(probabilities[classes.index("")]) if "" in classes else 0.0
    named = probabilities * is_label(classes)
    given = named / max(float(named.sum()), TINY) if nothing else named
    best = [index for index in np.argsort(-given, kind="stable") if classes[index]]
    if demands.in_set:
        best = [index for index in best if given[index] >= demands.in_set] or best[:1]
    else:
        best = best[:ALTERNATIVES]
    alternatives = tuple((classes[index], float(given[index])) for index in best)
    label, probability = alternatives[0]
    doubtful = named[best[0]] <= LEAST or probability < demands.least
    reason = "not a character" if nothing >= demands.refuse else "uncertain" if doubtful else ""
    return Character(label, probability, alternatives, not reason, reason, box, glyph)


def is_label(classes: tuple[str, ...]) -> np.ndarray:
    """Which classes are labels: all but "", what is no character; bool (classes,)."""
    return np.array(classes) != ""


def blank() -> Character:
    """The answer to a picture without ink."""
    return Character("", 0.0, (), False, "blank", None, np.zeros((GLYPH, GLYPH), np.float32))


def fit_temperature(logits: np.ndarray, allowed: np.ndarray, counts: ArrayLike = 1.0) -> float:
    """The temperature under which the allowed classes are most probable, to 0.5 %.

    Args:
        logits: (N, classes) on data that the network was not trained on.
        allowed: bool (N, classes), the classes that each label allows.
        counts: (N,), how much each sample counts.

    Returns:
        A number above 1 where the network is too sure of itself, below 1 where too shy.
    """

    def loss(temperature: float) -> float:
        right = (softmax(logits, temperature) * allowed).sum(axis=1)
        return -float((np.log(np.maximum(right, TINY)) * counts).mean())

    return float(min(np.exp(np.arange(np.log(0.3), np.log(4), 0.005)), key=loss))
