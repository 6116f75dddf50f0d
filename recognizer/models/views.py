"""Views of the network of characters: its possible labels, its merged classes, and the labels' frequencies.

`digits`, `letters`, `alphanumeric` and `anything` are one network. A view restricts its classes to the view's
labels, merges the cases of letters if it has no capitals, and expects its own label frequencies.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

NETWORK = "characters"  # the weights file
# Share of the probability of classes outside of a view that counts as "not a character". If no label of the
# view fits at all, as for a K read by `digits`, the answer is refused; a q, which may be a 9, is answered.
# Chosen on held-out rows: it refuses 0.06 % of the digits, and accepts 8 % of the letters unlike any digit
# instead of 53 %.
OUTSIDE_SHARE = 0.001
MIN_POWER = 1e-30  # keeps logarithms finite


@dataclass(frozen=True)
class View:
    """The labels of a recognizer of characters, and how frequent they are.

    Attributes:
        labels: in the order of its outputs; case is merged if there are no capitals.
        digit_share: share of digits among all characters that are read, in [0, 1]; None: all labels are
            equally frequent.
    """

    labels: tuple[str, ...]
    digit_share: float | None = None

    @property
    def classes(self) -> list[str]:
        """The labels, and "" for "not a character"."""
        return [*self.labels, ""]

    def label_prior(self) -> dict[str, float]:
        """The expected frequency of each label, summing to 1."""
        if self.digit_share is None:
            return dict.fromkeys(self.labels, 1 / len(self.labels))
        digit_count = sum(label.isdigit() for label in self.labels)
        per_digit = self.digit_share / digit_count
        per_letter = (1 - self.digit_share) / (len(self.labels) - digit_count)
        return {label: per_digit if label.isdigit() else per_letter for label in self.labels}


VIEWS = {
    "digits": View(tuple(digits)),
    "letters": View(tuple(ascii_lowercase)),
    "alphanumeric": View(tuple(digits + ascii_uppercase + ascii_lowercase)),
    # for a single character of unknown kind: a digit is as likely as a letter
    "anything": View(tuple(digits + ascii_uppercase + ascii_lowercase), digit_share=0.5),
}


def view_card(view: str, card: dict[str, Any]) -> dict[str, Any]:
    """The card of a view: the card of the network with the values fitted for the view."""
    all_fitted = card.get("views", {})
    fitted = all_fitted.get(view) if isinstance(all_fitted, dict) else None
    shared = {key: value for key, value in card.items() if key not in ("views", "prior", "temperature")}
    return shared | {"classes": VIEWS[view].classes} | (fitted if isinstance(fitted, dict) else {})


def view_matrix(view: View, classes: list[str], prior: ArrayLike) -> np.ndarray:
    """How much the probability of each class of the network counts for each class of a view.

    Args:
        view: which.
        classes: of the network; the last is "", "not a character".
        prior: (classes,), how frequent each class was in training; the value of "" is ignored.

    Returns:
        float64 (classes, view's classes).
    """
    expected = view.label_prior()
    label_of = {name: name if name in expected else name.lower() for name in classes if name}
    merged = {label: [name for name in label_of if label_of[name] == label] for label in expected}
    trained = np.asarray(prior, float)[:-1] / np.sum(np.asarray(prior, float)[:-1])
    matrix = np.zeros((len(classes), len(expected) + 1))
    uniform = 1 / len(expected)
    for row, (name, frequency) in enumerate(zip(classes[:-1], trained, strict=True)):
        label = label_of[name]
        if label in expected:
            matrix[row, list(expected).index(label)] = expected[label] / len(merged[label]) / frequency
        else:
            matrix[row, -1] = OUTSIDE_SHARE * uniform / frequency
    matrix[-1, -1] = 1
    return matrix


def view_logits(matrix: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The logits of a view.

    Args:
        matrix: as `view_matrix` gives it.
        logits: (N, classes) of the network.

    Returns:
        float32 (N, view's classes).
    """
    if not len(logits):
        return np.zeros((0, matrix.shape[1]), np.float32)
    highest = logits.max(axis=1, keepdims=True)
    powers = np.exp(np.asarray(logits, np.float64) - highest) @ matrix
    return (np.log(np.maximum(powers, MIN_POWER)) + highest).astype(np.float32)
