"""Training and held-out rows of the `characters` network from MNIST, EMNIST and SD19, without test images.

Rows that are near-duplicates of an official MNIST or EMNIST test image or of a held-out row are left out
(training.data.near_duplicates). The most similar remaining row of the same label then counts for them too:
otherwise single strokes such as 1, l and I, which all look alike, would become rare.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from recognizer.preprocessing.normalize import glyph
from training.data import datasets
from training.data.near_duplicates import has_near_duplicate, whitened
from training.data.official import DataError, mnist
from training.labels import ALPHANUMERIC_AND_NEGATIVE

CLASSES = ALPHANUMERIC_AND_NEGATIVE
HOLD_OUT = 19  # every 19th row is held out; odd, so that both groups of MNIST's writers are held out
TEST_PARTS = ("emnist_mnist_test", "emnist_byclass_test", "emnist_letters_test_part")


@dataclass(frozen=True)
class Rows:
    """Characters as written on NIST's forms."""

    images: np.ndarray  # uint8 (N, 28, 28), 255 = ink
    labels: np.ndarray  # str (N,): the characters each may be: "7", "a", or "Cc" if the case is unknown
    counts: np.ndarray  # float32 (N,): how many written characters each row stands for, itself included

    def __len__(self) -> int:
        return len(self.images)

    def allowed(self) -> np.ndarray:
        """Bool (N, CLASSES): the classes that each label allows; never the negative class."""
        return datasets.allowed_classes(self.labels.tolist(), CLASSES)


@dataclass(frozen=True)
class CharacterData:
    """The data of one training run."""

    training: Rows
    held_out: Rows
    frequency: np.ndarray  # (CLASSES,): how often each class is written on the forms; 0 for negatives
    sources: dict[str, str]  # file name -> SHA-256, for the card
    left_out: dict[str, int]  # number of near-duplicates that were left out, by source


def character_data(data_dir: Path) -> CharacterData:
    """Read, label and split the rows; test images are used only to leave out their near-duplicates.

    Raises:
        DataError: a file is missing or damaged.
    """
    images, labels, source = _all_rows(data_dir)
    held_out = held_out_rows(data_dir)
    rest = np.arange(len(images)) % HOLD_OUT != 0
    images, labels, source = images[rest], labels[rest], source[rest]
    keep, counts = without_near_duplicates(images, labels, [*_test_images(data_dir), held_out.images])
    form_classes = datasets.allowed_classes(datasets.form_rows(data_dir)[1], CLASSES)[:, :-1]
    sources = datasets.nist_hashes(data_dir) | datasets.hashes(data_dir / "mnist", "train-*")
    return CharacterData(
        Rows(images[keep], labels[keep], counts[keep]),
        held_out,
        np.append(datasets.class_frequency(form_classes), 0.0),
        sources,
        {str(name): int((~keep & (source == name)).sum()) for name in dict.fromkeys(source.tolist())},
    )


def held_out_rows(data_dir: Path) -> Rows:
    """The held-out rows: every HOLD_OUT-th row, and SD19's own validation part.

    Raises:
        DataError: a file is missing or damaged.
    """
    images, labels, _ = _all_rows(data_dir)
    val_images, val_labels = datasets.sd19(data_dir, "val")
    images = np.concatenate([images[::HOLD_OUT], val_images])
    labels = np.concatenate([labels[::HOLD_OUT], val_labels])
    return Rows(images, labels, np.ones(len(images), np.float32))


@lru_cache(maxsize=1)  # normalizing 270,000 rows takes long
def _all_rows(data_dir: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images uint8 (N, 28, 28), the labels that each may have, and the source of each: str (N,)."""
    parts = {"MNIST": _mnist_rows(data_dir), "EMNIST": datasets.emnist_train(data_dir)}
    parts["SD19"] = datasets.sd19(data_dir, "train")
    images = np.concatenate([part_images for part_images, _ in parts.values()])
    labels = np.array([str(label) for _, part_labels in parts.values() for label in part_labels])
    return images, labels, np.repeat(list(parts), [len(part_labels) for _, part_labels in parts.values()])


def _mnist_rows(data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's training file; every second digit is normalized as the reader does."""
    images, labels = mnist(data_dir, "train")
    labels, images = datasets.corrected_labels(images, labels), images.copy()
    for row in range(0, len(images), 2):
        images[row] = np.rint(255 * glyph(images[row].astype(np.float32) / 255, "emnist"))
    return images, labels


def _test_images(data_dir: Path) -> list[np.ndarray]:
    return [
        mnist(data_dir, "test")[0],
        *(datasets.nist_part(data_dir, name)["images"] for name in TEST_PARTS),
    ]


def without_near_duplicates(
    images: np.ndarray, labels: np.ndarray, others: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the rows that are no near-duplicate of any of the others.

    Args:
        images: uint8 (N, 28, 28).
        labels: str (N,).
        others: sets of images, uint8 (M, 28, 28) each.

    Returns:
        bool (N,), which rows stay; float32 (N,), how many rows each stands for, itself included.

    Raises:
        DataError: no row of a label stays.
    """
    mine, theirs = whitened(images, np.concatenate(others))
    keep = ~has_near_duplicate(mine, theirs)
    counts = np.ones(len(mine), np.float32)
    for label in np.unique(labels):
        removed, kept = (np.flatnonzero((labels == label) & selection) for selection in (~keep, keep))
        if not len(kept):
            raise DataError(
                f"every row of {str(label)!r} looks like a test image: check that the data folder is complete"
            )
        if len(removed):
            nearest = kept[(mine[removed] @ mine[kept].T).argmax(axis=1)]
            np.add.at(counts, nearest, 1)
    return keep, counts
