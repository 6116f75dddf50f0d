"""Measure how whole pictures are read: pages, amounts on cheques, names on forms.

    python -m training.evaluate pages [--data-dir DIR]

writes the figures into docs/measured.md.
"""

import argparse
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits

from recognizer import Reading, Recognizer
from training.data.datasets import DATA
from training.evaluation.characters import MEASURED, put

PRINTED = ("prenom", "nom")  # labels of fields on the forms of names, no handwriting
LIKE = 0.4  # of a printed label's letters may be read wrongly, be missing or stand before it


@dataclass(frozen=True)
class PageFigure:
    """One line of the table."""

    on: str
    what: str
    reached: float  # share
    asked: float
    count: int  # characters, or pictures


def edit_distance(one: str, other: str) -> int:
    """The least number of characters to insert, delete or change (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def labels(reading: Reading) -> list[str]:
    """For each line its characters, spaces and case left out."""
    return ["".join(one.label for one in line.characters).lower() for line in reading.lines]


def from_name(lines: list[str], name: str) -> int:
    """Edit distance from what was read to a name, where printed labels may be left out.

    A line may lose a beginning that looks like a label; of all ways to do so the best counts, so that a
    NORA is no NOM.
    """
    readings = {""}
    for line in lines:
        ways = {line} | {
            line[end:]
            for label in PRINTED
            for end in range(1, min(len(label) + 2, len(line)) + 1)
            if edit_distance(line[:end], label) <= LIKE * len(label)
        }
        readings = {before + way for before in readings for way in ways}
    return min(edit_distance(reading, name) for reading in readings)


def pictures(data_dir: Path, name: str) -> Iterator[tuple[bytes, str]]:
    """The pictures of a zip file of `wild/` and their labels."""
    with zipfile.ZipFile(data_dir / "wild" / f"{name}.zip") as archive:
        for row in csv.DictReader(io.StringIO(archive.read("labels.csv").decode())):
            yield archive.read(row["file"]), row["label"]


def cheque_amounts(data_dir: Path) -> PageFigure:
    """The share of amounts of which every digit is right."""
    reader = Recognizer.load("digits")
    right = [
        "".join(labels(reader.read(file))) == label for file, label in pictures(data_dir, "cheque_amounts")
    ]
    return PageFigure(
        "wild/cheque_amounts", "`digits`, whole amounts", sum(right) / len(right), 0.8, len(right)
    )


def form_names(data_dir: Path) -> PageFigure:
    """1 - edit distance / length over all names, printed labels left out."""
    reader, away, count = Recognizer.load("letters"), 0, 0
    for file, label in pictures(data_dir, "form_names"):
        name = "".join(sign for sign in label.lower() if sign.isalpha())
        away += min(len(name), from_name(labels(reader.read(file)), name))
        count += len(name)
    return PageFigure("wild/form_names", "`letters`, characters", 1 - away / count, 0.9, count)


def transcript(data_dir: Path) -> PageFigure:
    """1 - edit distance / length on pages with a transcript; of `alphanumeric` capitals and digits."""
    reader, away, count = Recognizer.load("alphanumeric"), 0, 0
    for path, truth in _pages(data_dir):
        if isinstance(truth, list):
            text = "".join(truth).replace(" ", "").lower()
            away += edit_distance("".join(labels(reader.read(path, charset=digits + ascii_uppercase))), text)
            count += len(text)
    return PageFigure(
        "wild/pages, with transcript", "`alphanumeric`, characters", 1 - away / count, 0.97, count
    )


def repeated(data_dir: Path) -> list[PageFigure]:
    """On pages of one character: the share that is read as it, and the pages with as many as were counted."""
    right, count, near, pages = 0, 0, 0, 0
    for path, truth in _pages(data_dir):
        if isinstance(truth, list):
            continue
        rows = truth.get("rows") or truth["only"] * truth["lines"]
        name = "alphanumeric" if "rows" in truth else "digits" if rows.isdigit() else "letters"
        charset = digits + ascii_uppercase if name == "alphanumeric" else None
        read = "".join(labels(Recognizer.load(name).read(path, charset=charset)))
        there = "".join(sign * truth["per_line"] for sign in rows.lower())
        mine = read.count(rows[0].lower()) if "only" in truth else len(read) - edit_distance(read, there)
        print(f"{path.name}: {rows}, about {len(there)}, found {len(read)}, right {mine}")
        right, count = right + mine, count + len(read)
        near, pages = near + (abs(len(read) - len(there)) <= 0.1 * len(there)), pages + 1
    on = "wild/pages, one character"
    return [
        PageFigure(on, "`digits`, `letters` or both, characters", right / count, 0.95, count),
        PageFigure(on, "as many as there are, to 10 %", near / pages, 1.0, pages),
    ]


def single(data_dir: Path, every: int = 1) -> list[PageFigure]:
    """The share of photos of one character that are read as that and no more, with case merged.

    Args:
        data_dir: where `wild/` is.
        every: so manieth photo is read.
    """
    figures = []
    for name, what, is_its, asked in (
        ("digits", "digits", str.isdigit, 0.985),
        ("letters", "letters", str.isalpha, 0.945),
    ):
        reader = Recognizer.load(name)
        rows = [row for row in pictures(data_dir, "photo_characters") if is_its(row[1])][::every]
        right = sum("".join(labels(reader.read(file))) == label.lower() for file, label in rows)
        what = f"`{name}`, {what} that are alone on their picture"
        figures.append(PageFigure("wild/photo_characters", what, right / len(rows), asked, len(rows)))
    return figures


def _pages(data_dir: Path) -> Iterator[tuple[Path, list | dict]]:
    folder = data_dir / "wild" / "pages"
    for name, truth in json.loads((folder / "truth.json").read_text()).items():
        yield folder / name, truth


def table(figures: list[PageFigure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| on | what | number | right | asked |", "|---|---|---|---|---|"]
    for one in figures:
        lines.append(f"| {one.on} | {one.what} | {one.count:,} | {one.reached:.1%} | {100 * one.asked:g}% |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate pages", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    data_dir = parser.parse_args(arguments).data_dir
    figures = [
        transcript(data_dir),
        *repeated(data_dir),
        *single(data_dir),
        cheque_amounts(data_dir),
        form_names(data_dir),
    ]
    print(table(figures))
    MEASURED.write_text(put(MEASURED.read_text(), "pages", table(figures)))
