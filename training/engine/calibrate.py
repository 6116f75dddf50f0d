"""Fit what a model card says about its probabilities, on held-out samples.

Each view of the `characters` network has its own temperature, risk and coverage tables, and threshold for
rejecting a glyph as "not a character".
"""

from typing import Any

import numpy as np

from recognizer.decoding.calibration import MIN_PROBABILITY, fit_temperature, label_mask
from recognizer.decoding.risk_control import coverage_table, risk_table
from recognizer.models.views import VIEWS, View, view_logits, view_matrix
from recognizer.numerics import softmax
from training.labels import ALPHANUMERIC_AND_NEGATIVE

# Share of a view's held-out characters that may be rejected as "not a character". These are written by NIST's
# writers; of other people's characters, which look less familiar, about three times as many are rejected.
REJECTED_SHARE = 0.001
MIN_THRESHOLD, MAX_THRESHOLD = 0.9, 0.99  # of "not a character": reject only when the network is nearly sure


def risk_and_coverage(
    logits: np.ndarray, allowed: np.ndarray, classes: tuple[str, ...], temperature: float
) -> dict[str, Any]:
    """The card's entries "risk" and "coverage".

    Args:
        logits: (N, classes) on held-out samples.
        allowed: bool (N, classes), the classes that each label allows.
        classes: labels in output order; "" (not a character) is never an answer.
        temperature: the card's temperature.
    """
    named = label_mask(classes)
    characters = (allowed & named).any(axis=1)  # negatives have no correct label
    logits, allowed = logits[characters], allowed[characters]
    known = softmax(logits, temperature) * named
    probabilities = known / known.sum(axis=1, keepdims=True)  # given that it is a character
    best = probabilities.argmax(axis=1)
    right = allowed[np.arange(len(best)), best]
    # the reader accepts no label below MIN_PROBABILITY, whatever threshold was promised
    answered = known.max(axis=1) > MIN_PROBABILITY
    return {
        "risk": risk_table(np.where(answered, probabilities.max(axis=1), 0.0), right),
        "coverage": coverage_table((probabilities * allowed).max(axis=1)),
    }


def fit_views(logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray) -> dict[str, dict[str, Any]]:
    """The card's entry "views".

    Args:
        logits: (N, 63) of the network on held-out characters.
        allowed: bool (N, 63), the classes that each label allows.
        prior: (63,), how often each class was drawn in training.
    """
    return {name: _fit_view(view, logits, allowed, prior) for name, view in VIEWS.items()}


def _fit_view(view: View, logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray) -> dict[str, Any]:
    logits, allowed, counts = held_out_for(view, logits, allowed, prior)
    temperature = round(fit_temperature(logits, allowed, counts), 4)
    not_a_character = softmax(logits, temperature)[:, -1]
    threshold = np.clip(np.quantile(not_a_character, 1 - REJECTED_SHARE), MIN_THRESHOLD, MAX_THRESHOLD)
    return {
        "temperature": temperature,
        "refuse": round(float(threshold), 4),
        **risk_and_coverage(logits, allowed, tuple(view.classes), temperature),
    }


def held_out_for(
    view: View, logits: np.ndarray, allowed: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The held-out characters with exactly one label in a view, as that view sees them.

    A letter of unknown case has two labels in a view with both cases. The reader names one, and whether that
    one is right cannot be told: such rows would make honest probabilities look too low.

    Args:
        view: one of VIEWS.
        logits, allowed, prior: as `fit_views` takes them.

    Returns:
        The view's logits (N, view's classes); bool (N, view's classes), the label of each character; and (N,)
        how much each character counts, so that labels are as frequent as the view expects.
    """
    matrix = view_matrix(view, list(ALPHANUMERIC_AND_NEGATIVE), prior)
    view_allowed = (allowed[:, :-1].astype(float) @ (matrix[:-1, :-1] > 0)) > 0
    rows = view_allowed.sum(axis=1) == 1
    labels = np.column_stack([view_allowed[rows], np.zeros(rows.sum(), bool)])
    expected = np.array(list(view.label_prior().values()))
    counts = labels[:, :-1] @ (expected / np.maximum(labels[:, :-1].sum(axis=0), 1))
    return view_logits(matrix, logits[rows]), labels, counts / counts.mean()
