"""Measure how lines on the canvas are read: numbers, words, and how much the line helps each character.

    python -m training.evaluate lines

The lines are composed of single characters as pen strokes, set side by side. The figures go into
docs/measured.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

from recognizer import Drawing, Reading, Recognizer
from training.data import wild
from training.evaluation.measured import write_section
from training.evaluation.pages import edit_distance
from training.options import add_data_dir, command_parser

LINES = 400  # of each kind
CAPITAL_HEIGHT = 80  # pixels of a capital or a digit on the canvas
CAPITAL_UNITS = 270  # usual height of a capital in the coordinates of strokes62
PEN = 8  # pixels
GAPS = (0.08, 0.35)  # range of the gap between characters, in capital heights
WORD_GAP = 0.7  # additional gap between words, in capital heights
MARGIN = 40  # pixels around the line

Strokes = list  # of lists of points [x, y], y down


@dataclass(frozen=True)
class LineFigure:
    """One row of the table."""

    quantity: str
    accuracy: float
    target: float  # 0: none
    count: int  # numbers or characters


def compose(words: Sequence[Sequence[Strokes]], rng: np.random.Generator) -> Drawing:
    """Set the characters of words side by side on a canvas.

    Args:
        words: for each word its characters, in pixels; their vertical positions are kept.
        rng: for the gaps.
    """
    x, strokes = float(MARGIN), []
    for word in words:
        for character in word:
            points = [np.asarray(stroke, float) for stroke in character]
            xs = np.concatenate(points)[:, 0]
            strokes += [stroke + np.array([x - xs.min(), 0]) for stroke in points]
            x += np.ptp(xs) + PEN + CAPITAL_HEIGHT * rng.uniform(*GAPS)
        x += WORD_GAP * CAPITAL_HEIGHT
    ys = np.concatenate(strokes)[:, 1]
    placed = tuple(stroke + np.array([0, MARGIN - ys.min()]) for stroke in strokes)
    return Drawing(placed, PEN, (int(x) + MARGIN, int(np.ptp(ys)) + 2 * MARGIN))


def numbers(data_dir: Path) -> LineFigure:
    """Share of numbers of 2 to 6 digits that are read without an error; digits have similar heights."""
    reader, rows, rng = Recognizer.load("digits"), wild.pen_digits(data_dir), np.random.default_rng(0)
    correct = 0
    for _ in range(LINES):
        chosen = [rows[row] for row in rng.choice(len(rows), rng.integers(2, 7))]
        number = [_scaled(row["strokes"], CAPITAL_HEIGHT * rng.uniform(0.85, 1.15)) for row in chosen]
        drawing = compose([number], rng)
        correct += _text(reader.read(drawing)) == "".join(row["label"] for row in chosen)
    return LineFigure("numbers of 2 to 6 digits, `digits`, whole numbers", correct / LINES, 0.96, LINES)


def _scaled(strokes: Strokes, height: float) -> Strokes:
    """A character scaled to a height in pixels, or to twice that width if it is wider."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    corner, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = height / max(extent[1], extent[0] / 2, 1e-6)
    return [(np.asarray(stroke, float) - corner) * scale for stroke in strokes]


def words_of_capitals(data_dir: Path) -> LineFigure:
    """1 - edit distance / length of words of 3 to 8 capitals, each word by one writer."""
    reader, all_writers, rng = Recognizer.load("alphanumeric"), writers(data_dir), np.random.default_rng(0)
    errors = count = 0
    for _ in range(LINES):
        writer = all_writers[rng.integers(len(all_writers))]
        word = "".join(rng.choice(list(ascii_uppercase), rng.integers(3, 9)))
        errors += edit_distance(_text(reader.read(compose([[writer[label] for label in word]], rng))), word)
        count += len(word)
    return LineFigure("words of 3 to 8 capitals, `alphanumeric`, characters", 1 - errors / count, 0.95, count)


def alone_and_in_line(data_dir: Path) -> list[LineFigure]:
    """Accuracy on words and numbers whose characters are read one by one, and as a line.

    Characters keep the sizes and heights of their writer. The target is 35 % fewer errors in lines.
    """
    reader, all_writers, rng = Recognizer.load("alphanumeric"), writers(data_dir), np.random.default_rng(0)
    alone_errors = line_errors = count = 0
    for _ in range(LINES):
        writer = all_writers[rng.integers(len(all_writers))]
        words = [_word(rng) for _ in range(rng.integers(1, 4))]
        text = "".join(words)
        characters = reader.characters([compose([[writer[label]]], rng) for label in text])
        alone_errors += sum(
            character.label != label for character, label in zip(characters, text, strict=True)
        )
        line = compose([[writer[label] for label in word] for word in words], rng)
        line_errors += edit_distance(_text(reader.read(line)), text)
        count += len(text)
    return [
        LineFigure("62 classes, `alphanumeric`, each character alone", 1 - alone_errors / count, 0.0, count),
        LineFigure(
            "the same in their lines", 1 - line_errors / count, 1 - 0.65 * alone_errors / count, count
        ),
    ]


def _word(rng: np.random.Generator) -> str:
    """A random number, or random letters: small ones, capitals, or a capital and small ones."""
    length, kind = rng.integers(2, 8), rng.choice(["number", "small", "Name", "CAPITALS"])
    if kind == "number":
        return "".join(rng.choice(list(digits), length))
    word = "".join(rng.choice(list(ascii_lowercase), length))
    return {"small": word, "Name": word.capitalize(), "CAPITALS": word.upper()}[kind]


def writers(data_dir: Path) -> list[dict[str, Strokes]]:
    """Each writer's characters of strokes62 by label, in pixels, with their relative sizes and heights."""
    by_writer: dict[int, dict[str, Strokes]] = {}
    for row in wild.strokes62(data_dir):
        strokes = [CAPITAL_HEIGHT / CAPITAL_UNITS * np.asarray(stroke, float) for stroke in row["strokes"]]
        by_writer.setdefault(row["writer"], {})[row["label"]] = strokes
    return list(by_writer.values())


def _text(reading: Reading) -> str:
    """The characters of all lines, without spaces."""
    return "".join(character.label for line in reading.lines for character in line.characters)


def table(figures: list[LineFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| lines composed of other people's strokes | right | target | number |", "|---|---|---|---|"]
    for figure in figures:
        target = f"{figure.target:.1%}" if figure.target else ""
        lines.append(f"| {figure.quantity} | {figure.accuracy:.1%} | {target} | {figure.count:,} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate lines", __doc__)
    add_data_dir(parser)
    data_dir = parser.parse_args(arguments).data_dir
    figures = [numbers(data_dir), words_of_capitals(data_dir), *alone_and_in_line(data_dir)]
    print(table(figures))
    write_section("lines", table(figures))
