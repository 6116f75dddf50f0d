"""Measure how much better a person is read after a few corrections.

    python -m training.evaluate writers

The figures go into docs/measured.md. Nothing is chosen on these writers: the weight of corrections was chosen
on simulated writers, made of held-out training rows (docs/lab-notebook.md).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer import Recognizer
from training.data import wild
from training.evaluation.calibration import calibration_error
from training.evaluation.measured import write_section
from training.options import add_data_dir, command_parser

FIVE = 5  # corrections of each label
WRONG_SHARE = 0.05  # of corrections that have a wrong label, as people make mistakes
DRAWS = 4  # random choices of the corrections, for each writer
CALLS = 200  # pictures for the median latency
MAX_EXTRA = 10.0  # ms more for an answer
Choice = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # from a writer's rows to those corrected


@dataclass(frozen=True)
class Handwriting:
    """Characters of several writers."""

    pictures: list[np.ndarray]
    labels: np.ndarray  # (N,)
    writers: np.ndarray  # (N,)


@dataclass(frozen=True)
class Comparison:
    """The answers of the plain and of the adapted reader (columns 0 and 1) on characters (rows)."""

    writers: np.ndarray  # (N,)
    draws: np.ndarray  # int (N,)
    right: np.ndarray  # bool (N, 2)
    probability: np.ndarray  # (N, 2)

    @property
    def errors(self) -> np.ndarray:
        """Error rates: (2,)."""
        return 1 - self.right.mean(axis=0)

    @property
    def worst_change(self) -> int:
        """How many errors adapting adds, for the writer and draw where it adds most."""
        added = self.right[:, 0].astype(int) - self.right[:, 1]
        pairs = {*zip(self.writers, self.draws, strict=True)}
        return max(
            int(added[(self.writers == writer) & (self.draws == draw)].sum()) for writer, draw in pairs
        )

    @property
    def calibration(self) -> tuple[float, float]:
        """Calibration errors."""
        plain, adapted = (calibration_error(self.probability[:, i], self.right[:, i]) for i in (0, 1))
        return plain, adapted


def capitals(data_dir: Path) -> Handwriting:
    """18 writers with ten of each capital."""
    pictures, labels = wild.character_set(data_dir, "capitals_by_writer")
    with np.load(data_dir / "wild" / "capitals_by_writer.npz", allow_pickle=False) as arrays:
        return Handwriting(pictures, labels, arrays["writer"])


def strokes(data_dir: Path) -> Handwriting:
    """28 writers with one of each of 62 characters, drawn at random sizes and places."""
    rows = wild.strokes62(data_dir)
    return Handwriting(*wild.drawn_freely(rows, seed=0), np.array([row["writer"] for row in rows]))


def some_of_each_label(
    handwriting: Handwriting, rows: np.ndarray, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Random rows of one writer: `number` of each label."""
    rows = rng.permutation(rows)
    labels = handwriting.labels[rows]
    return np.concatenate([rows[labels == label][:number] for label in np.unique(labels)])


def half_of_the_labels(handwriting: Handwriting, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All rows of one writer with a random half of the labels."""
    labels = rng.permutation(np.unique(handwriting.labels[rows]))
    return rows[np.isin(handwriting.labels[rows], labels[: len(labels) // 2])]


def compare(
    reader: Recognizer,
    handwriting: Handwriting,
    choose: Choice,
    wrong_share: float = 0.0,
    draws: int = DRAWS,
) -> Comparison:
    """Adapt a reader to each writer by some of their characters, and read the others with it.

    Args:
        reader: not adapted to anybody.
        handwriting: of the writers.
        choose: selects the rows that are corrected.
        wrong_share: share of the corrections that get a wrong label.
        draws: number of random choices for each writer.
    """
    plain = reader.characters(handwriting.pictures)
    truth = handwriting.labels if "A" in reader.classes else np.char.lower(handwriting.labels)
    results = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        for writer in np.unique(handwriting.writers):
            rows = np.nonzero(handwriting.writers == writer)[0]
            corrected = choose(rows, rng)
            labels = truth[corrected].copy()
            for index in rng.choice(len(labels), round(wrong_share * len(labels)), replace=False):
                labels[index] = rng.choice(np.unique(truth[rows][truth[rows] != labels[index]]))
            adapted = reader.adapted_to_glyphs(np.stack([plain[row].glyph for row in corrected]), labels)
            others = np.setdiff1d(rows, corrected)
            answers = adapted.characters(handwriting.pictures[row] for row in others)
            for row, answer in zip(others, answers, strict=True):
                both = (plain[row], answer)
                right = [character.label == truth[row] for character in both]
                results.append((writer, draw, right, [character.probability for character in both]))
    return Comparison(*(np.array(column) for column in zip(*results, strict=True)))


def adaptation_times(reader: Recognizer, handwriting: Handwriting) -> tuple[float, float, int]:
    """Milliseconds to adapt to a writer, and median additional milliseconds of an answer after it.

    Returns:
        Both, and the number of corrections.
    """
    rows = np.nonzero(handwriting.writers == handwriting.writers[0])[0]
    corrected = some_of_each_label(handwriting, rows, FIVE, np.random.default_rng(0))
    start = time.perf_counter()
    adapted = reader.adapted([handwriting.pictures[row] for row in corrected], handwriting.labels[corrected])
    to_adapt = time.perf_counter() - start
    times = {either: [] for either in (reader, adapted)}
    for picture in handwriting.pictures[:CALLS]:
        for either, seconds in times.items():
            start = time.perf_counter()
            either.character(picture)
            seconds.append(time.perf_counter() - start)
    extra = float(np.median(np.subtract(times[adapted], times[reader])))
    return 1e3 * to_adapt, 1e3 * extra, len(corrected)


def measure(letters: Recognizer, alphanumeric: Recognizer, data_dir: Path) -> list[tuple[str, str, str]]:
    """The rows of the table: quantity, measured, target."""
    by_capitals, by_strokes = capitals(data_dir), strokes(data_dir)
    table_rows = []

    def add_errors(quantity: str, comparison: Comparison, target: str) -> Comparison:
        plain, adapted = comparison.errors
        change = 100 * (adapted / plain - 1)
        table_rows.append((quantity, f"{plain:.2%} to {adapted:.2%}: {change:+.0f} %", target))
        return comparison

    choices = {
        number: lambda rows, rng, number=number: some_of_each_label(by_capitals, rows, number, rng)
        for number in (1, FIVE)
    }
    five = add_errors(
        "`letters`, wild/capitals_by_writer: errors, five corrections of each letter",
        compare(letters, by_capitals, choices[FIVE]),
        "-40 %",
    )
    one = add_errors(
        "the same, one correction of each letter", compare(letters, by_capitals, choices[1]), "-15 %"
    )
    wrong = add_errors(
        "the same, five of each letter, 5 % of them with a wrong label",
        compare(letters, by_capitals, choices[FIVE], WRONG_SHARE),
        "no more errors",
    )
    worst = "; ".join(f"{comparison.worst_change:+d}" for comparison in (five, one, wrong))
    table_rows.append(
        (
            f"errors added for the worst writer of 18, {DRAWS} draws each: five; one; 5 % wrong labels",
            worst,
            "at most +1",
        )
    )
    plain, adapted = five.calibration
    table_rows.append(("calibration error, plain; five of each letter", f"{plain:.2%}; {adapted:.2%}", ""))
    add_errors(
        "`alphanumeric`, wild/capitals_by_writer: errors, five corrections of each letter",
        compare(alphanumeric, by_capitals, choices[FIVE]),
        "",
    )
    add_errors(
        "`alphanumeric`, wild/strokes62: errors on 31 labels, one correction of each of the other 31",
        compare(alphanumeric, by_strokes, lambda rows, rng: half_of_the_labels(by_strokes, rows, rng)),
        "no more errors",
    )
    to_adapt, extra, number = adaptation_times(letters, by_capitals)
    table_rows.append((f"adapting to {number} pictures", f"{to_adapt:.0f} ms", ""))
    table_rows.append(("additional time of an answer", f"{extra:.1f} ms", f"under {MAX_EXTRA:g} ms"))
    return table_rows


def table(rows: list[tuple[str, str, str]]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {quantity} | {measured} | {target} |" for quantity, measured, target in rows]
    return "\n".join(["| quantity | measured | target |", "|---|---|---|", *lines]) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate writers", __doc__)
    add_data_dir(parser)
    data_dir = parser.parse_args(arguments).data_dir
    rows = measure(Recognizer.load("letters"), Recognizer.load("alphanumeric"), data_dir)
    print(table(rows))
    write_section("writers", table(rows))
