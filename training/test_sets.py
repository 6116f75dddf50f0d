"""What each model is measured on, and the accuracy that is asked of it there.

Sets of glyphs go straight to the network, as their publishers mean them; sets of pictures go the whole
way through `Recognizer`, as a caller's picture does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from training import wild
from training.datasets import mnist, nist_part, sd19

DRAWINGS = 5  # each character of strokes62 is drawn freely this often, by seeds 0, 1, ...

MNIST = "MNIST test"
EMNIST_MNIST = "EMNIST MNIST test"
LETTERS_PART = "EMNIST Letters test part"
BYCLASS = "EMNIST ByClass test"
ORIGINALS = "NIST SD19 test, letters"
FREE = "wild/strokes62, drawn freely"
PHOTO = "wild/photo_characters"
WILD = (FREE, PHOTO)


@dataclass(frozen=True)
class Trial:
    """One line of the table: what a model is measured on, and what it must reach."""

    model: str
    on: str
    least: float | None = None  # share of labels that are right
    least_merged: float | None = None  # the same where a letter's case does not count


TRIALS = (
    Trial("digits", MNIST, 0.995),
    Trial("digits", EMNIST_MNIST),
    Trial("digits", FREE, 0.99),
    Trial("digits", PHOTO, 0.97),
    Trial("letters", LETTERS_PART, None, 0.93),
    Trial("letters", FREE, None, 0.93),
    Trial("letters", PHOTO, None, 0.90),
    Trial("letters", "wild/cut_characters"),
    Trial("letters", "wild/capitals_by_writer"),
    Trial("letters", "wild/drawn_lower"),
    Trial("alphanumeric", BYCLASS, 0.845, 0.895),
    Trial("alphanumeric", FREE),
    Trial("alphanumeric", PHOTO),
    *(
        Trial(f"digits-{network}", on, least if on == MNIST else None)
        for network, least in (
            ("mlp", 0.978), ("lenet5", 0.988), ("lenet", 0.99), ("cnn", 0.99), ("compact", 0.992),
            ("resnet", 0.993),
        )
        for on in (MNIST, *WILD)
    ),
    Trial("letters-27", LETTERS_PART, None, 0.93),
    *(Trial("letters-27", on) for on in (ORIGINALS, *WILD)),
    *(Trial(name, on) for name in ("letters-27-28", "letters-27-56") for on in (ORIGINALS, *WILD)),
    Trial("alphanumeric-62", BYCLASS, 0.835),
    *(Trial("alphanumeric-62", on) for on in WILD),
)  # fmt: skip


@cache
def glyphs(data_dir: Path, on: str, side: int) -> tuple[np.ndarray, np.ndarray] | None:
    """A set of glyphs: uint8 (N, side, side) and labels (N,); None where the set is one of pictures."""
    if on == MNIST:
        return mnist(data_dir, "test")
    if on == ORIGINALS:
        images, labels = sd19(data_dir, "test", side, twins=True)
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


@lru_cache(maxsize=2)  # a thousand free drawings take 80 MB
def pictures(data_dir: Path, on: str) -> tuple[list[np.ndarray], np.ndarray]:
    """A set of other people's hands: pictures as a caller has them, and labels (N,)."""
    if on == FREE:
        drawn = [wild.drawn_freely(wild.strokes62(data_dir), seed) for seed in range(DRAWINGS)]
        labels = np.concatenate([labels for _, labels in drawn])
        return [picture for some, _ in drawn for picture in some], labels
    if on == PHOTO:
        return wild.photo_characters(data_dir)
    return wild.character_set(data_dir, on.removeprefix("wild/"))


def wanted(classes: tuple[str, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Which labels (N,) a model of these classes is measured on: bool (N,)."""
    if "0" not in classes:
        return np.char.isalpha
    return np.char.isalnum if "a" in classes else np.char.isdigit
