"""The test sets of each model, and the accuracy that it must reach.

Sets of glyphs go straight to the network, as their publishers intend; sets of pictures go through
`Recognizer`, as a caller's picture does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from training.data import wild
from training.data.datasets import nist_part, sd19
from training.data.official import mnist

DRAWINGS = 5  # random drawings of each character of strokes62, with seeds 0, 1, ...

MNIST = "MNIST test"
EMNIST_MNIST = "EMNIST MNIST test"
LETTERS_PART = "EMNIST Letters test part"
BYCLASS = "EMNIST ByClass test"
SD19_LETTERS = "NIST SD19 test, letters"
STROKES62_DRAWN = "wild/strokes62, drawn freely"
STROKES62_AS_STROKES = "wild/strokes62, as strokes"
PEN_DIGITS_DRAWN = "wild/pen_digits, drawn freely"
PEN_DIGITS_AS_STROKES = "wild/pen_digits, as strokes"
PHOTO = "wild/photo_characters"
CUT = "wild/cut_characters"
CAPITALS = "wild/capitals_by_writer"
LOWER = "wild/drawn_lower"
WILD = (STROKES62_DRAWN, PHOTO)


@dataclass(frozen=True)
class Trial:
    """A test set of a model, and the minimum accuracy there; None only measures."""

    model: str
    on: str  # the test set
    min_accuracy: float | None = None
    min_merged_accuracy: float | None = None  # with case merged
    equivalent: str = ""  # labels that also count as equal there, because the set's own labels confuse them


TRIALS = (
    Trial("digits", MNIST, 0.996),
    Trial("digits", EMNIST_MNIST, 0.997),
    Trial("digits", STROKES62_DRAWN, 0.996),
    Trial("digits", STROKES62_AS_STROKES, 0.996),
    Trial("digits", PHOTO, 0.984),
    Trial("digits", PEN_DIGITS_DRAWN, 0.989),
    Trial("digits", PEN_DIGITS_AS_STROKES, 0.994),
    Trial("letters", LETTERS_PART, None, 0.948),
    Trial("letters", STROKES62_DRAWN, None, 0.96),
    Trial("letters", STROKES62_AS_STROKES, None, 0.977),
    Trial("letters", PHOTO, None, 0.953),
    Trial("letters", CUT, None, 0.927),
    Trial("letters", CAPITALS, None, 0.989),
    Trial("letters", LOWER, None, 0.963),
    Trial("alphanumeric", BYCLASS, 0.875, 0.916),
    Trial("alphanumeric", STROKES62_DRAWN, 0.81),
    Trial("alphanumeric", STROKES62_AS_STROKES, 0.835),
    Trial("alphanumeric", PHOTO, 0.73),
    Trial("alphanumeric", CUT, None, 0.89, equivalent="0o"),
    Trial("anything", STROKES62_AS_STROKES),
    Trial("anything", STROKES62_DRAWN),
    Trial("anything", PHOTO),
    *(
        Trial(f"digits-{network}", on, min_accuracy if on == MNIST else None)
        for network, min_accuracy in (
            ("mlp", 0.978), ("lenet5", 0.988), ("lenet", 0.99), ("cnn", 0.99), ("compact", 0.992),
            ("resnet", 0.993),
        )
        for on in (MNIST, *WILD)
    ),
    Trial("letters-27", LETTERS_PART, None, 0.93),
    *(Trial("letters-27", on) for on in (SD19_LETTERS, *WILD)),
    *(Trial(name, on) for name in ("letters-27-28", "letters-27-56") for on in (SD19_LETTERS, *WILD)),
    Trial("alphanumeric-62", BYCLASS, 0.835),
    *(Trial("alphanumeric-62", on) for on in WILD),
)  # fmt: skip


@cache
def glyphs(data_dir: Path, on: str, side: int) -> tuple[np.ndarray, np.ndarray] | None:
    """A set of glyphs: uint8 (N, side, side) and labels (N,); None if it is a set of pictures."""
    if on == MNIST:
        return mnist(data_dir, "test")
    if on == SD19_LETTERS:
        images, labels = sd19(data_dir, "test", side, with_duplicates=True)
        letters = np.char.isalpha(labels)
        return images[letters], labels[letters]
    files = {
        EMNIST_MNIST: "emnist_mnist_test",
        LETTERS_PART: "emnist_letters_test_part",
        BYCLASS: "emnist_byclass_test",
    }
    if on not in files:
        return None
    part = nist_part(data_dir, files[on])
    return part["images"], part["labels"]


@lru_cache(maxsize=1)  # a thousand drawings take 80 MB
def pictures(data_dir: Path, on: str) -> tuple[list[np.ndarray], np.ndarray]:
    """A set of other writers: pictures as a caller of `Recognizer` has them, and labels (N,)."""
    if on in (STROKES62_DRAWN, PEN_DIGITS_DRAWN):
        rows, seeds = (
            (wild.strokes62(data_dir), DRAWINGS) if on == STROKES62_DRAWN else (wild.pen_digits(data_dir), 1)
        )
        drawn = [wild.drawn_freely(rows, seed) for seed in range(seeds)]
        labels = np.concatenate([labels for _, labels in drawn])
        return [picture for drawings, _ in drawn for picture in drawings], labels
    if on in (STROKES62_AS_STROKES, PEN_DIGITS_AS_STROKES):
        return wild.as_strokes(
            (wild.strokes62 if on == STROKES62_AS_STROKES else wild.pen_digits)(data_dir), seed=0
        )
    if on == PHOTO:
        return wild.photo_characters(data_dir)
    return wild.character_set(data_dir, on.removeprefix("wild/"))


def label_filter(classes: tuple[str, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """A function that tells which labels (N,) a model of these classes is tested on: bool (N,)."""
    if "0" not in classes:
        return np.char.isalpha
    return np.char.isalnum if "a" in classes else np.char.isdigit
