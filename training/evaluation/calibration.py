"""Measure whether probabilities mean what they say, and whether what is no character is refused.

    python -m training.evaluate calibration [--data-dir DIR]

writes the figures into docs/measured.md.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer import Recognizer
from recognizer.decoding.risk_control import least_probability
from recognizer.models.store import load_model, read_card
from recognizer.models.views import NETWORK, VIEWS
from recognizer.numerics import softmax
from training.data import character_rows, test_sets, wild
from training.data.datasets import DATA
from training.data.test_sets import (
    BYCLASS,
    CAPITALS,
    CUT,
    FREE,
    LETTERS_PART,
    LOWER,
    MNIST,
    PEN,
    PHOTO,
    STROKES,
    Trial,
)
from training.engine.calibrate import held_out_of
from training.evaluation.characters import MEASURED, Readings, put, read
from training.evaluation.out_of_distribution import doodles

BINS = 15  # of equal width
MADE = 1000  # pictures of what is no character
MAX_ERROR = 0.001
FIRST = 3  # alternatives that a person sees at a glance
MOST_CERTAIN = 0.95  # of the answers


@dataclass(frozen=True)
class CertaintyFigure:
    """One line of the table."""

    what: str
    reached: float  # share
    asked: float
    least: bool = False  # at least as asked; else at most


def calibration_error(probability: np.ndarray, right: np.ndarray, counts: np.ndarray | None = None) -> float:
    """The mean distance between how sure answers were and how often they were right.

    Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv 1706.04599).

    Args:
        probability: (N,), of the labels that were given.
        right: bool (N,).
        counts: how much each counts, (N,); all alike where it is left out.
    """
    counts = np.ones(len(right)) if counts is None else counts
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    apart = np.bincount(bins, counts * (probability - right), BINS)
    return float(np.abs(apart).sum() / max(counts.sum(), 1))


def errors_of_most_certain(probability: np.ndarray, right: np.ndarray, share: float) -> float:
    """The share of wrong answers among the most certain ones."""
    kept = np.argsort(-probability, kind="stable")[: round(share * len(right))]
    return float((~right[kept]).mean())


def right_of(model: str, readings: Readings) -> np.ndarray:
    """Which answers are right, case merged for letters: bool (N,)."""
    if model == "letters":
        return np.char.lower(readings.said) == np.char.lower(readings.true)
    return readings.said == readings.true


def held_out(data_dir: Path) -> list[CertaintyFigure]:
    """The calibration error of each view on the held-out rows, labels as frequent as the view expects."""
    network = load_model(NETWORK)
    rows = character_rows.held_out_rows(data_dir)
    logits, allowed = network.logits(rows.images.astype(np.float32) / 255), rows.allowed()
    figures = []
    for name, view in VIEWS.items():
        seen, right, counts = held_out_of(view, logits, allowed, np.array(network.card["prior"]))
        known = softmax(seen, read_card(name)["temperature"])[:, :-1]
        known /= known.sum(axis=1, keepdims=True)
        best = known.argmax(axis=1)
        error = calibration_error(known.max(axis=1), right[np.arange(len(best)), best], counts)
        figures.append(CertaintyFigure(f"`{name}`, calibration error, held-out rows", error, 0.01))
    return figures


def calibration(data_dir: Path) -> list[CertaintyFigure]:
    figures = []
    for model, sets, asked in (
        ("digits", (MNIST,), 0.003), ("letters", (LETTERS_PART,), 0.01), ("alphanumeric", (BYCLASS,), 0.02),
        ("digits", (FREE, PHOTO), 0.015), ("letters", (FREE, PHOTO), 0.04),
    ):  # fmt: skip
        found = [read(Trial(model, on), data_dir) for on in sets]
        probability = np.concatenate([one.probability for one in found])
        right = np.concatenate([right_of(model, one) for one in found])
        error = calibration_error(probability, right)
        figures.append(CertaintyFigure(f"`{model}`, calibration error, {' and '.join(sets)}", error, asked))
        if sets == (MNIST,):
            figures += _promised(probability, right)
        if model == "digits" and FREE in sets:
            drawn = errors_of_most_certain(found[0].probability, right_of(model, found[0]), MOST_CERTAIN)
            what = f"`digits`, errors among the 95 % most certain, {FREE}"
            figures.append(CertaintyFigure(what, drawn, 0.001))
    return figures


def _promised(probability: np.ndarray, right: np.ndarray) -> list[CertaintyFigure]:
    """What `digits` with max_error=0.001 accepts of MNIST's test, and how much of that is wrong."""
    least = least_probability(read_card("digits")["risk"], MAX_ERROR)
    if least is None:  # the held-out rows are too few or too hard for that promise: nothing is accepted
        least = np.inf
    accepted = probability >= least
    errors = float((~right[accepted]).mean()) if accepted.any() else 0.0
    what = "`digits`, max_error=0.001"
    return [
        CertaintyFigure(f"{what}: errors, MNIST test", errors, 0.001),
        CertaintyFigure(f"{what}: accepted, MNIST test", float(accepted.mean()), 0.96, True),
    ]


def lone(data_dir: Path) -> list[CertaintyFigure]:
    """What `anything` makes of characters that come one at a time, as strokes; case merged."""
    drawings, labels = test_sets.pictures(data_dir, STROKES)
    read = Recognizer.load("anything").characters(drawings)
    right = np.array([one.label.lower() == true.lower() for one, true in zip(read, labels, strict=True)])
    among = [
        true.lower() in {label.lower() for label, _ in one.alternatives[:FIRST]}
        for one, true in zip(read, labels, strict=True)
    ]
    digits = np.char.isdigit(labels)
    return [
        CertaintyFigure(f"`anything`, {STROKES}: digits read as digits", right[digits].mean(), 0.93, True),
        CertaintyFigure(f"`anything`, {STROKES}: letters, case merged", right[~digits].mean(), 0.92, True),
        CertaintyFigure(f"`anything`, {STROKES}: among the first three", np.mean(among), 0.995, True),
    ]


def made_ones(data_dir: Path) -> list[CertaintyFigure]:
    """What is no character and was accepted as one; kinds are printed."""
    digits = [row for row in wild.strokes62(data_dir) if row["label"].isdigit()]
    kinds, pictures = zip(*doodles(MADE, digits), strict=True)
    figures = []
    for model in VIEWS:
        answers = Recognizer.load(model).characters(pictures)
        accepted = np.array([one.accepted for one in answers])
        for kind in dict.fromkeys(kinds):
            mine = np.array(kinds) == kind
            print(f"{model}: {kind}: {accepted[mine].mean():.1%} accepted")
        what = f"`{model}`, no character, accepted as one (1,000 made)"
        figures.append(CertaintyFigure(what, float(accepted.mean()), 0.015))
    return figures


def refused(data_dir: Path) -> list[CertaintyFigure]:
    """Real characters that were refused as none."""
    figures = []
    for model, sets in (
        ("digits", (FREE, PHOTO, PEN)),
        ("letters", (FREE, PHOTO, CUT, CAPITALS, LOWER)),
        ("alphanumeric", (FREE, PHOTO, CUT)),
    ):
        reader = Recognizer.load(model)
        wanted = test_sets.wanted(load_model(model).classes)
        reasons = []
        for on in sets:
            images, labels = test_sets.pictures(data_dir, on)
            rows = np.flatnonzero(wanted(labels))
            mine = [one.reason for one in reader.characters(images[row] for row in rows)]
            reasons += mine
            print(f"{model} on {on}: {mine.count('not a character') / len(mine):.2%} refused as no character")
        share = reasons.count("not a character") / len(reasons)
        figures.append(
            CertaintyFigure(f"`{model}`, characters of the wild sets refused as none", share, 0.003)
        )
    return figures


def table(figures: list[CertaintyFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | measured | asked |", "|---|---|---|"]
    for one in figures:
        bound = "at least" if one.least else "at most"
        lines.append(f"| {one.what} | {one.reached:.2%} | {bound} {100 * one.asked:g} % |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate calibration", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    data_dir = parser.parse_args(arguments).data_dir
    figures = [
        *held_out(data_dir),
        *calibration(data_dir),
        *made_ones(data_dir),
        *refused(data_dir),
        *lone(data_dir),
    ]
    print(table(figures))
    MEASURED.write_text(put(MEASURED.read_text(), "certainty", table(figures)))
