"""Measure whether probabilities are right, and whether non-characters are rejected.

    python -m training.evaluate calibration

The figures go into docs/measured.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer import Recognizer
from recognizer.decoding.risk_control import threshold_for_error
from recognizer.models.store import load_model, read_card
from recognizer.models.views import NETWORK, VIEWS
from recognizer.numerics import softmax
from training.data import character_rows, test_sets, wild
from training.data.test_sets import (
    BYCLASS,
    CAPITALS,
    CUT,
    LETTERS_PART,
    LOWER,
    MNIST,
    PEN_DIGITS_DRAWN,
    PHOTO,
    STROKES62_AS_STROKES,
    STROKES62_DRAWN,
    Trial,
)
from training.engine.calibrate import held_out_for
from training.evaluation.characters import Readings, read_trial
from training.evaluation.measured import write_section
from training.evaluation.out_of_distribution import non_characters
from training.options import add_data_dir, command_parser

BINS = 15  # of equal width, for the calibration error
NON_CHARACTERS = 1000  # drawings
MAX_ERROR = 0.001  # promised for accepted answers
FIRST = 3  # alternatives that a person sees at a glance
MOST_CONFIDENT = 0.95  # share of the answers


@dataclass(frozen=True)
class CalibrationFigure:
    """One row of the table."""

    quantity: str
    measured: float
    target: float
    at_least: bool = False  # the target is a lower bound; else an upper bound


def calibration_error(probability: np.ndarray, right: np.ndarray, counts: np.ndarray | None = None) -> float:
    """Expected calibration error: the mean distance between probability and accuracy, over BINS bins.

    Guo et al. 2017, arXiv 1706.04599.

    Args:
        probability: (N,), of the labels that were answered.
        right: bool (N,), whether they are correct.
        counts: (N,), how much each answer counts; by default all count the same.
    """
    counts = np.ones(len(right)) if counts is None else counts
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    gaps = np.bincount(bins, counts * (probability - right), BINS)
    return float(np.abs(gaps).sum() / max(counts.sum(), 1))


def error_of_most_confident(probability: np.ndarray, right: np.ndarray, share: float) -> float:
    """The error rate of the most probable answers, which are a share of all."""
    kept = np.argsort(-probability, kind="stable")[: round(share * len(right))]
    return float((~right[kept]).mean())


def is_right(model: str, readings: Readings) -> np.ndarray:
    """Which answers are correct, for letters with case merged: bool (N,)."""
    if model == "letters":
        return np.char.lower(readings.answers) == np.char.lower(readings.true)
    return readings.answers == readings.true


def on_held_out_rows(data_dir: Path) -> list[CalibrationFigure]:
    """The calibration error of each view on held-out rows, with labels as frequent as the view expects."""
    network = load_model(NETWORK)
    rows = character_rows.held_out_rows(data_dir)
    logits, allowed = network.logits(rows.images.astype(np.float32) / 255), rows.allowed()
    figures = []
    for name, view in VIEWS.items():
        logits_of_view, right, counts = held_out_for(view, logits, allowed, np.array(network.card["prior"]))
        probabilities = softmax(logits_of_view, read_card(name)["temperature"])[:, :-1]
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        best = probabilities.argmax(axis=1)
        error = calibration_error(probabilities.max(axis=1), right[np.arange(len(best)), best], counts)
        figures.append(CalibrationFigure(f"`{name}`, calibration error, held-out rows", error, 0.01))
    return figures


def on_test_sets(data_dir: Path) -> list[CalibrationFigure]:
    """Calibration errors on official and wild test sets; error rates of accepted and of confident digits."""
    figures = []
    for model, sets, target in (
        ("digits", (MNIST,), 0.003), ("letters", (LETTERS_PART,), 0.01), ("alphanumeric", (BYCLASS,), 0.02),
        ("digits", (STROKES62_DRAWN, PHOTO), 0.015), ("letters", (STROKES62_DRAWN, PHOTO), 0.04),
    ):  # fmt: skip
        by_set = [read_trial(Trial(model, on), data_dir) for on in sets]
        probability = np.concatenate([readings.probability for readings in by_set])
        right = np.concatenate([is_right(model, readings) for readings in by_set])
        error = calibration_error(probability, right)
        quantity = f"`{model}`, calibration error, {' and '.join(sets)}"
        figures.append(CalibrationFigure(quantity, error, target))
        if sets == (MNIST,):
            figures += _with_max_error(probability, right)
        if model == "digits" and STROKES62_DRAWN in sets:
            drawn = by_set[0]
            error = error_of_most_confident(drawn.probability, is_right(model, drawn), MOST_CONFIDENT)
            quantity = f"`digits`, errors among the most confident 95 %, {STROKES62_DRAWN}"
            figures.append(CalibrationFigure(quantity, error, 0.001))
    return figures


def _with_max_error(probability: np.ndarray, right: np.ndarray) -> list[CalibrationFigure]:
    """How many answers `digits` accepts with max_error=0.001 on the MNIST test, and their error rate."""
    threshold = threshold_for_error(read_card("digits")["risk"], MAX_ERROR)
    if threshold is None:  # too few or too hard held-out rows for this promise: nothing is accepted
        threshold = np.inf
    accepted = probability >= threshold
    error = float((~right[accepted]).mean()) if accepted.any() else 0.0
    quantity = "`digits`, max_error=0.001"
    return [
        CalibrationFigure(f"{quantity}: errors, MNIST test", error, 0.001),
        CalibrationFigure(f"{quantity}: accepted, MNIST test", float(accepted.mean()), 0.96, True),
    ]


def of_anything(data_dir: Path) -> list[CalibrationFigure]:
    """How `anything` reads single characters that are drawn as strokes, with case merged."""
    drawings, labels = test_sets.pictures(data_dir, STROKES62_AS_STROKES)
    characters = Recognizer.load("anything").characters(drawings)
    right = np.array(
        [character.label.lower() == true.lower() for character, true in zip(characters, labels, strict=True)]
    )
    among_first = [
        true.lower() in {label.lower() for label, _ in character.alternatives[:FIRST]}
        for character, true in zip(characters, labels, strict=True)
    ]
    digits = np.char.isdigit(labels)
    reader = f"`anything`, {STROKES62_AS_STROKES}"
    return [
        CalibrationFigure(f"{reader}: digits", right[digits].mean(), 0.93, True),
        CalibrationFigure(f"{reader}: letters, case merged", right[~digits].mean(), 0.92, True),
        CalibrationFigure(f"{reader}: the label is among the first three", np.mean(among_first), 0.995, True),
    ]


def accepted_non_characters(data_dir: Path) -> list[CalibrationFigure]:
    """The share of non-characters that each reader accepts; prints it for every kind."""
    digits = [row for row in wild.strokes62(data_dir) if row["label"].isdigit()]
    kinds, pictures = zip(*non_characters(NON_CHARACTERS, digits), strict=True)
    figures = []
    for model in VIEWS:
        answers = Recognizer.load(model).characters(pictures)
        accepted = np.array([answer.accepted for answer in answers])
        for kind in dict.fromkeys(kinds):
            of_kind = np.array(kinds) == kind
            print(f"{model}: {kind}: {accepted[of_kind].mean():.1%} accepted")
        quantity = f"`{model}`, accepted non-characters (1,000 drawings)"
        figures.append(CalibrationFigure(quantity, float(accepted.mean()), 0.015))
    return figures


def rejected_characters(data_dir: Path) -> list[CalibrationFigure]:
    """The share of characters that are rejected as "not a character"; prints it for every set."""
    figures = []
    for model, sets in (
        ("digits", (STROKES62_DRAWN, PHOTO, PEN_DIGITS_DRAWN)),
        ("letters", (STROKES62_DRAWN, PHOTO, CUT, CAPITALS, LOWER)),
        ("alphanumeric", (STROKES62_DRAWN, PHOTO, CUT)),
    ):
        reader = Recognizer.load(model)
        of_model = test_sets.label_filter(load_model(model).classes)
        reasons = []
        for on in sets:
            images, labels = test_sets.pictures(data_dir, on)
            rows = np.flatnonzero(of_model(labels))
            on_set = [answer.reason for answer in reader.characters(images[row] for row in rows)]
            reasons += on_set
            share = on_set.count("not a character") / len(on_set)
            print(f"{model} on {on}: {share:.2%} rejected as not a character")
        share = reasons.count("not a character") / len(reasons)
        figures.append(CalibrationFigure(f"`{model}`, rejected characters of the wild sets", share, 0.003))
    return figures


def table(figures: list[CalibrationFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| quantity | measured | target |", "|---|---|---|"]
    for figure in figures:
        bound = "at least" if figure.at_least else "at most"
        lines.append(f"| {figure.quantity} | {figure.measured:.2%} | {bound} {100 * figure.target:g} % |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate calibration", __doc__)
    add_data_dir(parser)
    data_dir = parser.parse_args(arguments).data_dir
    figures = [
        *on_held_out_rows(data_dir),
        *on_test_sets(data_dir),
        *accepted_non_characters(data_dir),
        *rejected_characters(data_dir),
        *of_anything(data_dir),
    ]
    print(table(figures))
    write_section("calibration", table(figures))
