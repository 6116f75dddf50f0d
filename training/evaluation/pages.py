"""Measure how whole pictures are read: photographed pages, amounts on cheques, names on forms.

    python -m training.evaluate pages

The figures go into docs/measured.md.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits

from recognizer import Reading, Recognizer
from training.evaluation.measured import write_section
from training.options import add_data_dir, command_parser

FIELD_LABELS = ("prenom", "nom")  # printed on the forms, in front of the names
MAX_LABEL_ERROR = 0.4  # edit distance, relative to its length, up to which a text counts as a field label


@dataclass(frozen=True)
class PageFigure:
    """One row of the table."""

    on: str  # the test set
    quantity: str
    accuracy: float
    target: float
    count: int  # characters or pictures


def edit_distance(a: str, b: str) -> int:
    """The least number of characters to insert, delete or change (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, sign_a in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, sign_b in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (sign_a != sign_b))
    return row[-1]


def line_texts(reading: Reading) -> list[str]:
    """The text of each line in small letters, without spaces."""
    return ["".join(character.label for character in line.characters).lower() for line in reading.lines]


def distance_to_name(lines: list[str], name: str) -> int:
    """Edit distance from the lines of a form to the name on it, ignoring printed field labels.

    The beginning of a line that looks like a label may be dropped or kept, whichever is nearer to the name:
    the NO of NORA is not cut off as NOM.
    """
    candidates = {""}
    for line in lines:
        variants = {line} | {
            line[end:]
            for label in FIELD_LABELS
            for end in range(1, min(len(label) + 2, len(line)) + 1)
            if edit_distance(line[:end], label) <= MAX_LABEL_ERROR * len(label)
        }
        candidates = {text + variant for text in candidates for variant in variants}
    return min(edit_distance(text, name) for text in candidates)


def pictures(data_dir: Path, name: str) -> Iterator[tuple[bytes, str]]:
    """The pictures in a zip file of `wild/`, as bytes, and their labels."""
    with zipfile.ZipFile(data_dir / "wild" / f"{name}.zip") as archive:
        for row in csv.DictReader(io.StringIO(archive.read("labels.csv").decode())):
            yield archive.read(row["file"]), row["label"]


def cheque_amounts(data_dir: Path) -> PageFigure:
    """Share of amounts that are read without an error."""
    reader = Recognizer.load("digits")
    correct = [
        "".join(line_texts(reader.read(file))) == label
        for file, label in pictures(data_dir, "cheque_amounts")
    ]
    return PageFigure(
        "wild/cheque_amounts", "`digits`, whole amounts", sum(correct) / len(correct), 0.8, len(correct)
    )


def form_names(data_dir: Path) -> PageFigure:
    """1 - edit distance / length over all names, ignoring printed field labels."""
    reader, errors, count = Recognizer.load("letters"), 0, 0
    for file, label in pictures(data_dir, "form_names"):
        name = "".join(sign for sign in label.lower() if sign.isalpha())
        errors += min(len(name), distance_to_name(line_texts(reader.read(file)), name))
        count += len(name)
    return PageFigure("wild/form_names", "`letters`, characters", 1 - errors / count, 0.9, count)


def transcript(data_dir: Path) -> PageFigure:
    """1 - edit distance / length on pages with a transcript, read as capitals and digits."""
    reader, errors, count = Recognizer.load("alphanumeric"), 0, 0
    for path, truth in _pages(data_dir):
        if isinstance(truth, list):
            text = "".join(truth).replace(" ", "").lower()
            reading = reader.read(path, charset=digits + ascii_uppercase)
            errors += edit_distance("".join(line_texts(reading)), text)
            count += len(text)
    return PageFigure(
        "wild/pages, with transcript", "`alphanumeric`, characters", 1 - errors / count, 0.97, count
    )


def repeated(data_dir: Path) -> list[PageFigure]:
    """On pages that repeat characters: accuracy, and the share of pages with the right number, to 10 %."""
    correct, count, near, pages = 0, 0, 0, 0
    for path, truth in _pages(data_dir):
        if isinstance(truth, list):
            continue
        rows = truth.get("rows") or truth["only"] * truth["lines"]
        name = "alphanumeric" if "rows" in truth else "digits" if rows.isdigit() else "letters"
        charset = digits + ascii_uppercase if name == "alphanumeric" else None
        text = "".join(line_texts(Recognizer.load(name).read(path, charset=charset)))
        expected = "".join(sign * truth["per_line"] for sign in rows.lower())
        if "only" in truth:
            page_correct = text.count(rows[0].lower())
        else:
            page_correct = len(text) - edit_distance(text, expected)
        print(f"{path.name}: {rows}, about {len(expected)}, found {len(text)}, right {page_correct}")
        correct, count = correct + page_correct, count + len(text)
        near, pages = near + (abs(len(text) - len(expected)) <= 0.1 * len(expected)), pages + 1
    on = "wild/pages, one character"
    return [
        PageFigure(on, "`digits`, `letters` or both, characters", correct / count, 0.95, count),
        PageFigure(on, "pages with the right number of characters, to 10 %", near / pages, 1.0, pages),
    ]


def single(data_dir: Path, every: int = 1) -> list[PageFigure]:
    """Share of photos of one character that are read as exactly that character, with case merged.

    Args:
        data_dir: folder that holds `wild/`.
        every: read every n-th photo only.
    """
    figures = []
    for name, is_label, target in (
        ("digits", str.isdigit, 0.985),
        ("letters", str.isalpha, 0.945),
    ):
        reader = Recognizer.load(name)
        rows = [row for row in pictures(data_dir, "photo_characters") if is_label(row[1])][::every]
        correct = sum("".join(line_texts(reader.read(file))) == label.lower() for file, label in rows)
        quantity = f"`{name}`, pictures of a single character"
        figures.append(PageFigure("wild/photo_characters", quantity, correct / len(rows), target, len(rows)))
    return figures


def _pages(data_dir: Path) -> Iterator[tuple[Path, list | dict]]:
    """The photographed pages: for each a transcript by lines, or which character is repeated how often."""
    folder = data_dir / "wild" / "pages"
    for name, truth in json.loads((folder / "truth.json").read_text()).items():
        yield folder / name, truth


def table(figures: list[PageFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| set | quantity | number | right | target |", "|---|---|---|---|---|"]
    for figure in figures:
        lines.append(
            f"| {figure.on} | {figure.quantity} | {figure.count:,} | {figure.accuracy:.1%} "
            f"| {100 * figure.target:g}% |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate pages", __doc__)
    add_data_dir(parser)
    data_dir = parser.parse_args(arguments).data_dir
    figures = [
        transcript(data_dir),
        *repeated(data_dir),
        *single(data_dir),
        cheque_amounts(data_dir),
        form_names(data_dir),
    ]
    print(table(figures))
    write_section("pages", table(figures))
