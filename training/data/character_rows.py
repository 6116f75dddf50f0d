"""The rows that `characters` learns from and is chosen on: MNIST, EMNIST and SD19, no row like one of a test.

One rule leaves out what looks like an image of an official test of MNIST or EMNIST, or like a held-out row
(training.data.near_duplicates). The share of a row that is left out goes to the most similar row that stays
and bears the same label: else bare strokes, which all look alike, would become rare.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from recognizer.preprocessing.normalize import glyph
from training.data import datasets
from training.data.near_duplicates import like_any, whitened
from training.data.official import DataError, mnist
from training.labels import OR_NOTHING

CLASSES = OR_NOTHING
HOLD_OUT = 19  # every 19th row is held out; an odd number sees both groups of MNIST's writers
TESTS = ("emnist_mnist_test", "emnist_byclass_test", "emnist_letters_test_part")


@dataclass(frozen=True)
class Rows:
    """Characters as they were written on forms."""

    images: np.ndarray  # uint8 (N, 28, 28), 255 = ink
    labels: np.ndarray  # str (N,): the labels that each may have: "7", "a", or "Cc" where the case is unknown
    shares: np.ndarray  # float32 (N,): how many written characters each stands for, itself included

    def __len__(self) -> int:
        return len(self.images)

    def allowed(self) -> np.ndarray:
        """Bool (N, CLASSES): the classes that each label allows; never "not a character"."""
        return datasets.allowed_classes(self.labels.tolist(), CLASSES)


@dataclass(frozen=True)
class CharacterData:
    """What one training run needs."""

    training: Rows
    held_out: Rows
    frequency: np.ndarray  # (CLASSES,): how often each class is written on the forms; 0 for no character
    sources: dict[str, str]  # file name -> SHA-256, for the card
    left_out: dict[str, int]  # how many rows look like a test or a held-out row, by source


def character_data(data_dir: Path) -> CharacterData:
    """Read, label and split the rows; no test image is used but to leave out what looks like it.

    Raises:
        DataError: a file is missing or damaged.
    """
    images, labels, source = _all_rows(data_dir)
    chosen = held_out_rows(data_dir)
    rest = np.arange(len(images)) % HOLD_OUT != 0
    images, labels, source = images[rest], labels[rest], source[rest]
    keep, shares = _apart_from(images, labels, [*_test_images(data_dir), chosen.images])
    natural = datasets.allowed_classes(datasets.on_forms(data_dir)[1], CLASSES)[:, :-1]
    sources = datasets.nist_hashes(data_dir) | datasets.hashes(data_dir / "mnist", "train-*")
    return CharacterData(
        Rows(images[keep], labels[keep], shares[keep]),
        chosen,
        np.append(datasets.frequency_of(natural), 0.0),
        sources,
        {str(name): int((~keep & (source == name)).sum()) for name in dict.fromkeys(source.tolist())},
    )


def held_out_rows(data_dir: Path) -> Rows:
    """Rows that nothing is trained on: every HOLD_OUT-th of all, and SD19's own validation part.

    Raises:
        DataError: a file is missing or damaged.
    """
    images, labels, _ = _all_rows(data_dir)
    val_images, val_labels = datasets.sd19(data_dir, "val")
    images = np.concatenate([images[::HOLD_OUT], val_images])
    labels = np.concatenate([labels[::HOLD_OUT], val_labels])
    return Rows(images, labels, np.ones(len(images), np.float32))


@lru_cache(maxsize=1)  # 270,000 rows are brought to glyphs once
def _all_rows(data_dir: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images uint8 (N, 28, 28), the labels that each may have, and where each comes from."""
    parts = {"MNIST": _mnist_rows(data_dir), "EMNIST": datasets.emnist_train(data_dir)}
    parts["SD19"] = datasets.sd19(data_dir, "train")
    images = np.concatenate([some for some, _ in parts.values()])
    labels = np.array([str(label) for _, some in parts.values() for label in some])
    return images, labels, np.repeat(list(parts), [len(some) for _, some in parts.values()])


def _mnist_rows(data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's training file; every other digit as the reader brings a picture of it to a glyph."""
    images, labels = mnist(data_dir, "train")
    labels, images = datasets.relabelled(images, labels), images.copy()
    for row in range(0, len(images), 2):
        images[row] = np.rint(255 * glyph(images[row].astype(np.float32) / 255, "emnist"))
    return images, labels


def _test_images(data_dir: Path) -> list[np.ndarray]:
    return [mnist(data_dir, "test")[0], *(datasets.nist_part(data_dir, name)["images"] for name in TESTS)]


def _apart_from(
    images: np.ndarray, labels: np.ndarray, others: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows look like none of the others, bool (N,), and the shares of all, (N,)."""
    mine, theirs = whitened(images, np.concatenate(others))
    keep = ~like_any(mine, theirs)
    shares = np.ones(len(mine), np.float32)
    for label in np.unique(labels):
        gone, stays = (np.flatnonzero((labels == label) & one) for one in (~keep, keep))
        if not len(stays):
            raise DataError(
                f"every row of {str(label)!r} looks like a test image: the data folder is not whole"
            )
        if len(gone):
            nearest = stays[(mine[gone] @ mine[stays].T).argmax(axis=1)]
            np.add.at(shares, nearest, 1)
    return keep, shares
