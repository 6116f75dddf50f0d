"""Measure how much better a person is read after a few corrections; the figures go into docs/measured.md.

    python -m training.evaluate writers [--data-dir DIR]

Nothing is chosen on these people: how much corrections count was chosen on hands made of held-out rows
(docs/lab-notebook.md).
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer import Recognizer
from training.data import wild
from training.data.datasets import DATA
from training.evaluation.calibration import calibration_error
from training.evaluation.characters import MEASURED, put

SLIPS = 0.05  # share of corrections that name another label
DRAWS = 4  # times that it is drawn which characters teach
FIVE = 5
CALLS = 200  # pictures, of which the median time counts
MOST = 10.0  # ms more an answer
Teaching = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # of one writer's rows those that teach


@dataclass(frozen=True)
class People:
    """Pictures of several people's characters."""

    pictures: list[np.ndarray]
    labels: np.ndarray  # (N,)
    writers: np.ndarray  # (N,)


@dataclass(frozen=True)
class Outcome:
    """Every character that was read, by the plain and by the adapted reader."""

    writers: np.ndarray  # (N,)
    draws: np.ndarray  # int (N,)
    right: np.ndarray  # bool (N, 2)
    probability: np.ndarray  # (N, 2)

    @property
    def errors(self) -> np.ndarray:
        """Share of each that is wrong: (2,)."""
        return 1 - self.right.mean(axis=0)

    @property
    def worst(self) -> int:
        """How many characters more are wrong than before, of the writer and draw that lose most."""
        more = self.right[:, 0].astype(int) - self.right[:, 1]
        pairs = {*zip(self.writers, self.draws, strict=True)}
        return max(int(more[(self.writers == one) & (self.draws == draw)].sum()) for one, draw in pairs)

    @property
    def calibration(self) -> tuple[float, float]:
        """The calibration errors."""
        before, after = (calibration_error(self.probability[:, one], self.right[:, one]) for one in (0, 1))
        return before, after


def capitals(data_dir: Path) -> People:
    """18 writers, ten of each capital."""
    pictures, labels = wild.character_set(data_dir, "capitals_by_writer")
    with np.load(data_dir / "wild" / "capitals_by_writer.npz", allow_pickle=False) as arrays:
        return People(pictures, labels, arrays["writer"])


def drawn(data_dir: Path) -> People:
    """28 writers, each of 62 characters once, drawn freely."""
    rows = wild.strokes62(data_dir)
    return People(*wild.drawn_freely(rows, seed=0), np.array([row["writer"] for row in rows]))


def first_of_each(people: People, rows: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Of one writer's rows those that teach: so many of each label, drawn by chance."""
    rows = rng.permutation(rows)
    labels = people.labels[rows]
    return np.concatenate([rows[labels == label][:number] for label in np.unique(labels)])


def half_of_the_labels(people: People, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of one writer's rows all of half of the labels."""
    labels = rng.permutation(np.unique(people.labels[rows]))
    return rows[np.isin(people.labels[rows], labels[: len(labels) // 2])]


def outcome(
    reader: Recognizer, people: People, teaching: Teaching, slips: float = 0.0, draws: int = DRAWS
) -> Outcome:
    """Teach a reader each writer, and read the rest with it.

    Args:
        reader: that knows nobody.
        people: who writes.
        teaching: which characters teach.
        slips: share of the teaching characters that have another label than their own.
        draws: how often it is drawn which characters teach.
    """
    plain = reader.characters(people.pictures)
    truth = people.labels if "A" in reader.classes else np.char.lower(people.labels)
    found = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        for writer in np.unique(people.writers):
            rows = np.nonzero(people.writers == writer)[0]
            taught = teaching(rows, rng)
            labels = truth[taught].copy()
            for wrong in rng.choice(len(labels), round(slips * len(labels)), replace=False):
                labels[wrong] = rng.choice(np.unique(truth[rows][truth[rows] != labels[wrong]]))
            adapted = reader.adapted_to_glyphs(np.stack([plain[row].glyph for row in taught]), labels)
            rest = np.setdiff1d(rows, taught)
            for row, now in zip(rest, adapted.characters(people.pictures[row] for row in rest), strict=True):
                both = (plain[row], now)
                right = [one.label == truth[row] for one in both]
                found.append((writer, draw, right, [one.probability for one in both]))
    return Outcome(*(np.array(column) for column in zip(*found, strict=True)))


def milliseconds(reader: Recognizer, people: People) -> tuple[float, float, int]:
    """To adapt to a writer; more for an answer after it than before (median); by how many corrections."""
    rows = np.nonzero(people.writers == people.writers[0])[0]
    taught = first_of_each(people, rows, FIVE, np.random.default_rng(0))
    start = time.perf_counter()
    adapted = reader.adapted([people.pictures[row] for row in taught], people.labels[taught])
    to_adapt = time.perf_counter() - start
    spent = {one: [] for one in (reader, adapted)}
    for picture in people.pictures[:CALLS]:
        for one, times in spent.items():
            start = time.perf_counter()
            one.character(picture)
            times.append(time.perf_counter() - start)
    return 1e3 * to_adapt, 1e3 * float(np.median(np.subtract(spent[adapted], spent[reader]))), len(taught)


def lines(letters: Recognizer, alphanumeric: Recognizer, data_dir: Path) -> list[tuple[str, str, str]]:
    """The table: what, measured, asked."""
    people, others = capitals(data_dir), drawn(data_dir)
    on, found = "wild/capitals_by_writer", []

    def errors(what: str, one: Outcome, asked: str) -> Outcome:
        before, after = one.errors
        found.append((what, f"{before:.2%} to {after:.2%}: {100 * (after / before - 1):+.0f} %", asked))
        return one

    of_each = {
        number: lambda rows, rng, number=number: first_of_each(people, rows, number, rng)
        for number in (1, FIVE)
    }
    five = errors(
        f"`letters`, {on}, five of each letter teach: errors",
        outcome(letters, people, of_each[FIVE]),
        "-40 %",
    )
    one = errors("the same, one of each letter", outcome(letters, people, of_each[1]), "-15 %")
    wrong = outcome(letters, people, of_each[FIVE], SLIPS)
    errors("the same, five of each, 5 % of them named wrongly", wrong, "not more")
    found.append(
        (
            f"the writer who loses most, of 18, {DRAWS} draws each: five; one; 5 % wrong",
            f"{'; '.join(f'{each.worst:+d}' for each in (five, one, wrong))} characters",
            "at most +1",
        )
    )
    before, after = five.calibration
    found.append(("calibration error, plain; five of each", f"{before:.2%}; {after:.2%}", ""))
    errors(f"`alphanumeric`, {on}, five of each", outcome(alphanumeric, people, of_each[FIVE]), "")
    half = outcome(alphanumeric, others, lambda rows, rng: half_of_the_labels(others, rows, rng))
    errors(
        "`alphanumeric`, wild/strokes62, one of each of 31 labels teaches, the other 31 are read",
        half,
        "not more",
    )
    to_adapt, more, number = milliseconds(letters, people)
    found.append((f"to adapt to {number} pictures", f"{to_adapt:.0f} ms", ""))
    found.append(("more time for an answer after it", f"{more:.1f} ms", f"under {MOST:g} ms"))
    return found


def table(found: list[tuple[str, str, str]]) -> str:
    """The figures as a Markdown table."""
    rows = [f"| {what} | {measured} | {asked} |" for what, measured, asked in found]
    return "\n".join(["| what | measured | asked |", "|---|---|---|", *rows]) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate writers", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    data_dir = parser.parse_args(arguments).data_dir
    found = lines(Recognizer.load("letters"), Recognizer.load("alphanumeric"), data_dir)
    print(table(found))
    MEASURED.write_text(put(MEASURED.read_text(), "personal", table(found)))
