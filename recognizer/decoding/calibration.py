"""From calibrated probabilities to a character that is accepted or not, and the fit of the temperature."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from recognizer.numerics import TINY, softmax
from recognizer.preprocessing.normalize import GLYPH
from recognizer.results import Box, Character

MAX_ALTERNATIVES = 5  # more than a person looks at are of no use
REJECT_ABOVE = 0.95  # default, for a card without its own threshold of "not a character"
MIN_PROBABILITY = 0.5  # above it a calibrated answer is more often right than wrong


@dataclass(frozen=True)
class AcceptancePolicy:
    """Thresholds on calibrated probabilities: which answers are accepted, which labels are alternatives.

    Attributes:
        min_probability: of the label, for the answer to be accepted.
        min_in_set: of each alternative; 0: the alternatives are the MAX_ALTERNATIVES most probable labels.
        reject_above: the answer is "not a character" if that has at least this probability.
    """

    min_probability: float = MIN_PROBABILITY
    min_in_set: float = 0.0
    reject_above: float = REJECT_ABOVE


DEFAULT_POLICY = AcceptancePolicy()


def to_character(
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    box: Box | None,
    glyph: np.ndarray,
    policy: AcceptancePolicy = DEFAULT_POLICY,
) -> Character:
    """Make a character of calibrated probabilities: its label, its alternatives, and whether it is accepted.

    The class "" (not a character) is never a label or an alternative. The probability of a label is the one
    given that this is a character. The answer is "not a character" if that class is likely enough. It is
    "uncertain" if the best label is not likelier than all other classes together, "" included, or less
    likely than the policy asks for.

    Args:
        probabilities: (classes,), summing to 1.
        classes: labels in output order; "" is not a character.
        box: x, y, width and height in pixels of the picture.
        glyph: float32 (28, 28) in [0, 1], 1 = ink.
        policy: the thresholds.
    """
    not_a_character = float(probabilities[classes.index("")]) if "" in classes else 0.0
    of_labels = probabilities * label_mask(classes)
    if_character = of_labels / max(float(of_labels.sum()), TINY) if not_a_character else of_labels
    ranked = [index for index in np.argsort(-if_character, kind="stable") if classes[index]]
    if policy.min_in_set:
        kept = [index for index in ranked if if_character[index] >= policy.min_in_set] or ranked[:1]
    else:
        kept = ranked[:MAX_ALTERNATIVES]
    alternatives = tuple((classes[index], float(if_character[index])) for index in kept)
    label, probability = alternatives[0]
    reason = ""
    if not_a_character >= policy.reject_above:
        reason = "not a character"
    elif of_labels[kept[0]] <= MIN_PROBABILITY or probability < policy.min_probability:
        reason = "uncertain"
    return Character(label, probability, alternatives, not reason, reason, box, glyph)


def label_mask(classes: tuple[str, ...]) -> np.ndarray:
    """Which classes are labels, bool (classes,): all but "" (not a character)."""
    return np.array(classes) != ""


def blank_character() -> Character:
    """The answer to a picture without ink."""
    return Character("", 0.0, (), False, "blank", None, np.zeros((GLYPH, GLYPH), np.float32))


def fit_temperature(logits: np.ndarray, allowed: np.ndarray, counts: ArrayLike = 1.0) -> float:
    """Find the temperature that maximizes the likelihood of the allowed classes, to 0.5 %.

    Args:
        logits: (N, classes) on data that the network was not trained on.
        allowed: bool (N, classes), the correct classes of each sample.
        counts: (N,), the weight of each sample.

    Returns:
        A number from 0.3 to 4: above 1 if the network is overconfident, below 1 if it is underconfident.
    """

    def loss(temperature: float) -> float:
        correct = (softmax(logits, temperature) * allowed).sum(axis=1)
        return -float((np.log(np.maximum(correct, TINY)) * counts).mean())

    return float(min(np.exp(np.arange(np.log(0.3), np.log(4), 0.005)), key=loss))
