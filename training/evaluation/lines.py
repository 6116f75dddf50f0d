"""Measure how lines written on the canvas are read: numbers, words, and what their line tells of characters.

    python -m training.evaluate lines [--data-dir DIR]

sets single characters of one writer side by side, as pen strokes; the figures go into docs/measured.md.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

from recognizer import Drawing, Reading, Recognizer
from training.data import wild
from training.data.datasets import DATA
from training.evaluation.characters import MEASURED, put
from training.evaluation.pages import edit_distance

LINES = 400  # of each kind
TALL = 80  # pixels: a capital or a digit
CAPITAL = 270  # units of strokes62: its usual height there
PEN = 8  # pixels
GAPS = (0.08, 0.35)  # of a capital's height, between neighbours
SPACE = 0.7  # of a capital's height, more between words
MARGIN = 40  # pixels

Strokes = list  # of lists of points [x, y], y down


@dataclass(frozen=True)
class LineFigure:
    """One line of the table."""

    what: str
    reached: float  # share
    asked: float
    count: int  # numbers, or characters


def written(words: Sequence[Sequence[Strokes]], rng: np.random.Generator) -> Drawing:
    """Words of characters side by side on a canvas.

    Args:
        words: of each its characters in pixels; from above to below they stay where they are.
        rng: source of the gaps.
    """
    x, strokes = float(MARGIN), []
    for word in words:
        for character in word:
            points = [np.asarray(stroke, float) for stroke in character]
            every = np.concatenate(points)
            strokes += [stroke + np.array([x - every[:, 0].min(), 0]) for stroke in points]
            x += np.ptp(every[:, 0]) + PEN + TALL * rng.uniform(*GAPS)
        x += SPACE * TALL
    every = np.concatenate(strokes)[:, 1]
    placed = tuple(stroke + np.array([0, MARGIN - every.min()]) for stroke in strokes)
    return Drawing(placed, PEN, (int(x) + MARGIN, int(np.ptp(every)) + 2 * MARGIN))


def numbers(data_dir: Path) -> LineFigure:
    """The share of numbers of 2 to 6 digits that are read right as a whole; digits are of like height."""
    reader, rows, rng = Recognizer.load("digits"), wild.pen_digits(data_dir), np.random.default_rng(0)
    right = 0
    for _ in range(LINES):
        chosen = [rows[row] for row in rng.choice(len(rows), rng.integers(2, 7))]
        drawing = written([[_high(row["strokes"], TALL * rng.uniform(0.85, 1.15)) for row in chosen]], rng)
        right += _read(reader.read(drawing)) == "".join(row["label"] for row in chosen)
    return LineFigure("numbers of 2 to 6 digits, `digits`, whole numbers", right / LINES, 0.96, LINES)


def _high(strokes: Strokes, height: float) -> Strokes:
    every = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    scale = height / max(extent[1], extent[0] / 2, 1e-6)
    return [(np.asarray(stroke, float) - low) * scale for stroke in strokes]


def words_of_capitals(data_dir: Path) -> LineFigure:
    """1 - edit distance / length of words of 3 to 8 capitals, each of one writer."""
    reader, people, rng = Recognizer.load("alphanumeric"), hands(data_dir), np.random.default_rng(0)
    away = count = 0
    for _ in range(LINES):
        hand = people[rng.integers(len(people))]
        word = "".join(rng.choice(list(ascii_uppercase), rng.integers(3, 9)))
        away += edit_distance(_read(reader.read(written([[hand[label] for label in word]], rng))), word)
        count += len(word)
    return LineFigure("words of 3 to 8 capitals, `alphanumeric`, characters", 1 - away / count, 0.95, count)


def alone_and_in_line(data_dir: Path) -> list[LineFigure]:
    """Of words, names and numbers with their true relative sizes: read one by one, and as a line."""
    reader, people, rng = Recognizer.load("alphanumeric"), hands(data_dir), np.random.default_rng(0)
    alone = away = count = 0
    for _ in range(LINES):
        hand = people[rng.integers(len(people))]
        words = [_word(rng) for _ in range(rng.integers(1, 4))]
        text = "".join(words)
        single = reader.characters([written([[hand[label]]], rng) for label in text])
        alone += sum(one.label != label for one, label in zip(single, text, strict=True))
        line = written([[hand[label] for label in word] for word in words], rng)
        away += edit_distance(_read(reader.read(line)), text)
        count += len(text)
    return [
        LineFigure("62 classes, `alphanumeric`, each character alone", 1 - alone / count, 0.0, count),
        LineFigure("the same in their lines", 1 - away / count, 1 - 0.65 * alone / count, count),
    ]


def _word(rng: np.random.Generator) -> str:
    """A number, or letters: small, capital, or one capital first."""
    length, kind = rng.integers(2, 8), rng.choice(["number", "small", "Name", "CAPITALS"])
    if kind == "number":
        return "".join(rng.choice(list(digits), length))
    word = "".join(rng.choice(list(ascii_lowercase), length))
    return {"small": word, "Name": word.capitalize(), "CAPITALS": word.upper()}[kind]


def hands(data_dir: Path) -> list[dict[str, Strokes]]:
    """Each writer's characters of strokes62, in pixels, at their true relative sizes and heights."""
    found: dict[int, dict[str, Strokes]] = {}
    for row in wild.strokes62(data_dir):
        strokes = [TALL / CAPITAL * np.asarray(stroke, float) for stroke in row["strokes"]]
        found.setdefault(row["writer"], {})[row["label"]] = strokes
    return list(found.values())


def _read(reading: Reading) -> str:
    return "".join(one.label for line in reading.lines for one in line.characters)


def table(figures: list[LineFigure]) -> str:
    lines = ["| lines composed of other people's strokes | right | asked | of |", "|---|---|---|---|"]
    for one in figures:
        asked = f"{one.asked:.1%}" if one.asked else ""
        lines.append(f"| {one.what} | {one.reached:.1%} | {asked} | {one.count:,} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate lines", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args(arguments)
    figures = [numbers(arguments.data_dir), words_of_capitals(arguments.data_dir)]
    figures += alone_and_in_line(arguments.data_dir)
    made = table(figures)
    MEASURED.write_text(put(MEASURED.read_text(), "composed", made + "\n"))
    print(made)
