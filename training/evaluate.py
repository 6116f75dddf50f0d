"""Measure models on the official tests and on other people's hands; the figures go into their cards.

    python -m training.evaluate                 all of digits, letters and alphanumeric
    python -m training.evaluate digits --data-dir ~/data

Prints the table of the README, and puts it there. Test sets are read once a run; nothing is
chosen by them (that is done on the validation split, see the cards).
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from recognizer import Recognizer
from recognizer.models import WEIGHTS, load_model, read_card, write_card
from training import wild
from training.datasets import mnist, nist_part
from training.train import DATA, ROOT

MODELS = ("digits", "letters", "alphanumeric")
DRAWINGS = 5  # each character of strokes62 is drawn freely this often, by seeds 0, 1, ...
README = ROOT / "README.md"
MARKS = ("<!-- figures -->\n", "<!-- end of figures -->")


@dataclass(frozen=True)
class Figure:
    """One measured accuracy."""

    model: str
    on: str  # which data
    right: float  # share of characters whose label is right
    merged: float  # the same where a letter's case does not count
    characters: int


@dataclass(frozen=True)
class Test:
    """One line of the table: what a model is measured on, and what it must reach."""

    model: str
    on: str
    read: Callable[
        [Path, str], tuple[np.ndarray, np.ndarray]
    ]  # data folder, model -> labels said, true labels
    least: float | None = None
    least_merged: float | None = None


def of_glyphs(load: Callable[[Path], tuple[np.ndarray, np.ndarray]]) -> Callable:
    """Read a set that is 28x28 already: uint8 (N, 28, 28), straight to the network."""

    def read(data_dir: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
        images, labels = load(data_dir)
        model = load_model(name)
        best = model.logits(images.astype(np.float32) / 255).argmax(axis=1)
        return np.array(model.classes)[best], labels

    return read


def of_pictures(load: Callable[[Path], tuple[list[np.ndarray], np.ndarray]], only: str) -> Callable:
    """Read pictures as a caller gives them, those whose labels are `only` "digits", "letters" or "all"."""

    def read(data_dir: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
        pictures, labels = load(data_dir)
        wanted = {"digits": np.char.isdigit, "letters": np.char.isalpha, "all": np.char.isalnum}[only](labels)
        chosen = [picture for picture, keep in zip(pictures, wanted, strict=True) if keep]
        said = Recognizer.load(name).characters(chosen)
        return np.array([character.label for character in said]), labels[wanted]

    return read


def _part(name: str) -> Callable:
    def load(data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
        part = nist_part(data_dir, name)
        return part["images"], part["labels"]

    return load


def _free_strokes(data_dir: Path) -> tuple[list[np.ndarray], np.ndarray]:
    drawn = [wild.drawn_freely(wild.strokes62(data_dir), seed) for seed in range(DRAWINGS)]
    return [picture for pictures, _ in drawn for picture in pictures], np.concatenate(
        [labels for _, labels in drawn]
    )


def _wild(name: str) -> Callable:
    return lambda data_dir: wild.character_set(data_dir, name)


FREE = "wild/strokes62, drawn freely"
PHOTO = "wild/photo_characters"
TESTS = (
    Test("digits", "MNIST test", of_glyphs(lambda data_dir: mnist(data_dir, "test")), 0.995),
    Test("digits", "EMNIST MNIST test", of_glyphs(_part("emnist_mnist_test"))),
    Test("digits", FREE, of_pictures(_free_strokes, "digits"), 0.99),
    Test("digits", PHOTO, of_pictures(wild.photo_characters, "digits"), 0.97),
    Test("letters", "EMNIST Letters test part", of_glyphs(_part("emnist_letters_test_part")), None, 0.93),
    Test("letters", FREE, of_pictures(_free_strokes, "letters"), None, 0.93),
    Test("letters", PHOTO, of_pictures(wild.photo_characters, "letters"), None, 0.90),
    Test("letters", "wild/cut_characters", of_pictures(_wild("cut_characters"), "letters")),
    Test("letters", "wild/capitals_by_writer", of_pictures(_wild("capitals_by_writer"), "letters")),
    Test("letters", "wild/drawn_lower", of_pictures(_wild("drawn_lower"), "letters")),
    Test("alphanumeric", "EMNIST ByClass test", of_glyphs(_part("emnist_byclass_test")), 0.845, 0.895),
    Test("alphanumeric", FREE, of_pictures(_free_strokes, "all")),
    Test("alphanumeric", PHOTO, of_pictures(wild.photo_characters, "all")),
)


def measure(test: Test, data_dir: Path) -> Figure:
    """Run one test."""
    said, true = test.read(data_dir, test.model)
    return Figure(
        test.model,
        test.on,
        float((said == true).mean()),
        float((np.char.lower(said) == np.char.lower(true)).mean()),
        len(true),
    )


def table(tests: list[Test], figures: list[Figure]) -> str:
    """The figures as a Markdown table; letters have no figure by case, digits none by merged case."""
    lines = ["| model | on | characters | right | case merged | asked |", "|---|---|---|---|---|---|"]
    for test, figure in zip(tests, figures, strict=True):
        right = "" if figure.model == "letters" else f"{figure.right:.2%}"
        merged = "" if figure.model == "digits" else f"{figure.merged:.2%}"
        asked = "; ".join(f"{least:.1%}" for least in (test.least, test.least_merged) if least is not None)
        lines.append(
            f"| `{figure.model}` | {figure.on} | {figure.characters:,} | {right} | {merged} | {asked} |"
        )
    return "\n".join(lines) + "\n"


def keep(name: str, figures: list[Figure]) -> None:
    """Write a model's figures into its card."""
    card = read_card(name)
    card["metrics"] = {
        figure.on: {"right": round(figure.right, 5), "case_merged": round(figure.merged, 5),
                    "characters": figure.characters}
        for figure in figures
        if figure.model == name
    }  # fmt: skip
    write_card(WEIGHTS / f"{name}.keras", card)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", default=MODELS, metavar="NAME", help=f"default: {' '.join(MODELS)}"
    )
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args()
    tests = [test for test in TESTS if test.model in arguments.names]
    figures = []
    for test in tests:
        figures.append(measure(test, arguments.data_dir))
        print(
            f"{test.model} on {test.on}: {figures[-1].right:.4f}, case merged {figures[-1].merged:.4f}",
            flush=True,
        )
    for name in arguments.names:
        keep(name, figures)
    print(f"\n{table(tests, figures)}")
    if set(arguments.names) == set(MODELS):
        text = README.read_text()
        before, rest = text.split(MARKS[0])
        _, after = rest.split(MARKS[1])
        README.write_text(before + MARKS[0] + table(tests, figures) + MARKS[1] + after)


if __name__ == "__main__":
    main()
