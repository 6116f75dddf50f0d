"""Measure whether probabilities mean what they say, and whether what is no character is refused.

    python -m training.certainty [--data-dir DIR]

writes the figures into the README's table.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer import Recognizer
from recognizer.models import load_model, read_card
from recognizer.selective import least_probability
from training import test_sets, wild
from training.datasets import DATA
from training.doodles import doodles
from training.evaluate import README, Readings, put, read
from training.test_sets import BYCLASS, CAPITALS, CUT, FREE, LETTERS_PART, LOWER, MNIST, PEN, PHOTO, Trial

BINS = 15  # of equal width
MADE = 1000  # pictures of what is no character
MAX_ERROR = 0.001
MOST_CERTAIN = 0.95  # of the answers


@dataclass(frozen=True)
class CertaintyFigure:
    """One line of the table."""

    what: str
    reached: float  # share
    asked: float
    least: bool = False  # at least as asked; else at most


def calibration_error(probability: np.ndarray, right: np.ndarray) -> float:
    """The mean distance between how sure answers were and how often they were right.

    Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv 1706.04599).

    Args:
        probability: (N,), of the labels that were given.
        right: bool (N,).
    """
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    error = 0.0
    for number in range(BINS):
        mine = bins == number
        if mine.any():
            error += mine.mean() * abs(probability[mine].mean() - right[mine].mean())
    return float(error)


def errors_of_most_certain(probability: np.ndarray, right: np.ndarray, share: float) -> float:
    """The share of wrong answers among the most certain ones."""
    kept = np.argsort(-probability, kind="stable")[: round(share * len(right))]
    return float((~right[kept]).mean())


def right_of(model: str, readings: Readings) -> np.ndarray:
    """Which answers are right, case merged for letters: bool (N,)."""
    if model == "letters":
        return np.char.lower(readings.said) == np.char.lower(readings.true)
    return readings.said == readings.true


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
            least = least_probability(read_card(model)["risk"], MAX_ERROR)
            accepted = probability >= least
            errors = float((~right[accepted]).mean())
            figures.append(CertaintyFigure("`digits`, max_error=0.001: errors, MNIST test", errors, 0.001))
            share = float(accepted.mean())
            figures.append(
                CertaintyFigure("`digits`, max_error=0.001: accepted, MNIST test", share, 0.97, True)
            )
        if model == "digits" and FREE in sets:
            drawn = errors_of_most_certain(found[0].probability, right_of(model, found[0]), MOST_CERTAIN)
            figures.append(
                CertaintyFigure(f"`digits`, errors among the 95 % most certain, {FREE}", drawn, 0.001)
            )
    return figures


def made_ones(data_dir: Path) -> list[CertaintyFigure]:
    """What is no character and was accepted as one; kinds are printed."""
    digits = [row for row in wild.strokes62(data_dir) if row["label"].isdigit()]
    kinds, pictures = zip(*doodles(MADE, digits), strict=True)
    figures = []
    for model in ("digits", "letters", "alphanumeric"):
        answers = Recognizer.load(model).characters(pictures)
        accepted = np.array([one.accepted for one in answers])
        for kind in dict.fromkeys(kinds):
            mine = np.array(kinds) == kind
            print(f"{model}: {kind}: {accepted[mine].mean():.1%} accepted")
        what = f"`{model}`, no character, accepted as one (1,000 made)"
        figures.append(CertaintyFigure(what, float(accepted.mean()), 0.03))
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
            CertaintyFigure(f"`{model}`, characters of the wild sets refused as none", share, 0.01)
        )
    return figures


def table(figures: list[CertaintyFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | measured | asked |", "|---|---|---|"]
    for one in figures:
        bound = "at least" if one.least else "at most"
        lines.append(f"| {one.what} | {one.reached:.2%} | {bound} {100 * one.asked:g} % |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.certainty", description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    data_dir = parser.parse_args().data_dir
    figures = [*calibration(data_dir), *made_ones(data_dir), *refused(data_dir)]
    print(table(figures))
    README.write_text(put(README.read_text(), "certainty", table(figures)))


if __name__ == "__main__":
    main()
