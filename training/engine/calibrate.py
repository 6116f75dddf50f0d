"""What a card says of a network's probabilities, fitted on held-out samples: training writes it.

A view of the network of characters has its own temperature, promises and threshold of refusal.
"""

from typing import Any

import numpy as np

from recognizer.decoding.calibration import LEAST, fit_temperature, is_label
from recognizer.decoding.risk_control import coverage_table, risk_table
from recognizer.models.views import VIEWS, View, seen_by, weights
from recognizer.numerics import softmax
from training.labels import OR_NOTHING

# Share of the held-out characters of a view that may be refused as "not a character". Other hands look
# stranger than NIST's, of which these are: about three times as many of theirs are refused.
REFUSED = 0.001
LEAST_REFUSAL, MOST_REFUSAL = 0.9, 0.99  # whoever is told that this is no character should be told so surely


def promises(
    logits: np.ndarray, allowed: np.ndarray, classes: tuple[str, ...], temperature: float
) -> dict[str, Any]:
    """The card's entries "risk" and "coverage", as the reader will see these samples.

    Args:
        logits: (N, classes) on held-out samples.
        allowed: bool (N, classes), the classes that each label allows.
        classes: labels; what is no character, "", is never an answer.
        temperature: the card's.
    """
    named = is_label(classes)
    characters = (allowed & named).any(axis=1)  # what is none has no right label
    logits, allowed = logits[characters], allowed[characters]
    known = softmax(logits, temperature) * named
    probabilities = known / known.sum(axis=1, keepdims=True)  # if this is a character, which all are
    best = probabilities.argmax(axis=1)
    right = allowed[np.arange(len(best)), best]
    answered = known.max(axis=1) > LEAST  # else it is refused, however sure a label would be
    return {
        "risk": risk_table(np.where(answered, probabilities.max(axis=1), 0.0), right),
        "coverage": coverage_table((probabilities * allowed).max(axis=1)),
    }


def views_fitted(logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray) -> dict[str, dict[str, Any]]:
    """The card's entry "views".

    Args:
        logits: (N, 63) of the network on held-out characters.
        allowed: bool (N, 63), the classes that each label allows.
        prior: (63,), how often each class was taken in training.
    """
    return {name: _fitted(view, logits, allowed, prior) for name, view in VIEWS.items()}


def _fitted(view: View, logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray) -> dict[str, Any]:
    seen, right, counts = held_out_of(view, logits, allowed, prior)
    classes = tuple(view.classes)
    temperature = round(fit_temperature(seen, right, counts), 4)
    nothing = softmax(seen, temperature)[:, -1]
    refuse = np.clip(np.quantile(nothing, 1 - REFUSED), LEAST_REFUSAL, MOST_REFUSAL)
    return {
        "temperature": temperature,
        "refuse": round(float(refuse), 4),
        **promises(seen, right, classes, temperature),
    }


def held_out_of(
    view: View, logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The held-out characters that a view can say, as it sees them.

    Returns:
        Its logits (N, view's classes); bool (N, view's classes), the labels that each may have; and how much
        each counts, (N,), so that classes are as frequent as the view expects.
    """
    matrix = weights(view, list(OR_NOTHING), prior)
    right = (allowed[:, :-1].astype(float) @ (matrix[:-1, :-1] > 0)) > 0
    rows = right.any(axis=1)
    right = np.column_stack([right[rows], np.zeros(rows.sum(), bool)])
    shares = right[:, :-1] / right[:, :-1].sum(axis=1, keepdims=True)
    expected = np.array(list(view.expected().values()))
    counts = shares @ (expected / np.maximum(shares.sum(axis=0), 1))
    return seen_by(matrix, logits[rows]), right, counts / counts.mean()
