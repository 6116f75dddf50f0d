"""Views of the network of characters: which classes may come, which count as one, how frequent each is.

`digits`, `letters`, `alphanumeric` and `anything` are one network. A view restricts what it says to the
labels that may come, merges the cases of letters where it has no capitals, and expects its own frequencies.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

NETWORK = "characters"  # the weights file
# Share of the probability of classes outside of a view that counts as "not a character". Where no label of
# the view fits at all, as of a K read by `digits`, that is no answer; a q, which may be a 9, is one. Chosen
# on held-out rows: it costs 0.06 % of the digits; of letters like no digit 8 % pass instead of 53 %.
OUTSIDE = 0.001
TINY = 1e-30  # of a probability


@dataclass(frozen=True)
class View:
    """What a reader of characters may say.

    Attributes:
        labels: in the order of its outputs; without capitals, case is merged.
        digits: how much of all characters that come are digits, in [0, 1]; None: as many as there are labels.
    """

    labels: tuple[str, ...]
    digits: float | None = None

    @property
    def classes(self) -> list[str]:
        """The labels, and "", what is no character."""
        return [*self.labels, ""]

    def expected(self) -> dict[str, float]:
        """How frequent each label is, summing to 1."""
        if self.digits is None:
            return dict.fromkeys(self.labels, 1 / len(self.labels))
        count = sum(label.isdigit() for label in self.labels)
        others = (1 - self.digits) / (len(self.labels) - count)
        return {label: self.digits / count if label.isdigit() else others for label in self.labels}


VIEWS = {
    "digits": View(tuple(digits)),
    "letters": View(tuple(ascii_lowercase)),
    "alphanumeric": View(tuple(digits + ascii_uppercase + ascii_lowercase)),
    # what somebody draws without saying what: a digit is as likely as a letter
    "anything": View(tuple(digits + ascii_uppercase + ascii_lowercase), digits=0.5),
}


def card_of(view: str, card: dict[str, Any]) -> dict[str, Any]:
    """The card of a view: that of the network, with what was fitted for the view."""
    own = card.get("views", {})
    shared = {key: value for key, value in card.items() if key not in ("views", "prior", "temperature")}
    fitted = own.get(view) if isinstance(own, dict) else None
    return shared | {"classes": VIEWS[view].classes} | (fitted if isinstance(fitted, dict) else {})


def weights(view: View, classes: list[str], prior: ArrayLike) -> np.ndarray:
    """How much each class of the network counts for each class of a view: (classes, view's classes).

    Args:
        view: which.
        classes: of the network; the last is "", what is no character.
        prior: (classes,), how frequent each was in training; that of "" does not count.
    """
    expected = view.expected()
    folded = {name: name if name in expected else name.lower() for name in classes if name}
    members = {label: [name for name in folded if folded[name] == label] for label in expected}
    frequency = np.asarray(prior, float)[:-1] / np.sum(np.asarray(prior, float)[:-1])
    matrix = np.zeros((len(classes), len(expected) + 1))
    usual = 1 / len(expected)
    for row, (name, share) in enumerate(zip(classes[:-1], frequency, strict=True)):
        label = folded[name]
        if label in expected:
            matrix[row, list(expected).index(label)] = expected[label] / len(members[label]) / share
        else:
            matrix[row, -1] = OUTSIDE * usual / share
    matrix[-1, -1] = 1
    return matrix


def seen_by(matrix: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The logits of a view: (N, view's classes), of logits (N, classes) of the network."""
    if not len(logits):
        return np.zeros((0, matrix.shape[1]), np.float32)
    most = logits.max(axis=1, keepdims=True)
    powers = np.exp(np.asarray(logits, np.float64) - most) @ matrix
    return (np.log(np.maximum(powers, TINY)) + most).astype(np.float32)
