"""Training and test sets: official MNIST and EMNIST files, and parts of EMNIST and NIST SD19 in npz files.

A data folder holds `mnist/` (four gzip idx files), `emnist/` (the official gzip idx files) and `nist/` (parts
of EMNIST and NIST SD19, used if the full EMNIST is not available). Missing MNIST and EMNIST files are
downloaded. Images are upright, uint8 (N, 28, 28), 255 = ink.
"""

import dataclasses
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from recognizer.preprocessing.normalize import GLYPH, emnist_glyph
from training.data.official import DataError, emnist, mnist
from training.labels import NEGATIVE
from training.recipes import TrainingRecipe
from training.synthesis.scribbles import scribbles_and_fragments

DATA = Path(os.environ.get("SCRAWL_DATA", Path(__file__).resolve().parents[2] / "data"))
LETTER_NEGATIVES = 18_000  # samples of the negative class, for networks that have it
# Plainly mislabelled digits, by the MD5 of their pixels: found by looking at every held-out digit that an
# earlier network misread. Three wrong labels in five thousand would hide an error of 0.1 %.
CORRECTED_LABELS = {
    "11d646baf1ed7c5503d70a30d143b766": "1",  # MNIST says 4
    "b57cccca4b498abd118e8e03ed5f10f1": "8",  # EMNIST says 3
    "78c76aabc0c851223e390e662e34d9bf": "2",  # EMNIST says 8
}


@dataclass(frozen=True)
class Samples:
    """Glyphs and the classes that their labels allow."""

    images: np.ndarray  # uint8 (N, 28, 28)
    allowed: np.ndarray  # bool (N, classes); a single True if the class is known
    labels: np.ndarray  # str (N,): the character in its true case; "" if that is not known
    sources: dict[str, str]  # file name -> SHA-256, for the card
    frequency: np.ndarray  # (classes,), summing to 1: how often each class is written on NIST's forms

    def __len__(self) -> int:
        return len(self.images)

    def rows(self, selection: np.ndarray) -> "Samples":
        """The samples of an index array or mask."""
        columns = (self.images, self.allowed, self.labels)
        images, allowed, labels = (column[selection] for column in columns)
        return dataclasses.replace(self, images=images, allowed=allowed, labels=labels)

    def followed_by(self, more: "Samples") -> "Samples":
        """These samples and then more; sources and frequency stay those of the first."""
        pairs = ((getattr(self, key), getattr(more, key)) for key in ("images", "allowed", "labels"))
        images, allowed, labels = (np.concatenate(pair) for pair in pairs)
        return dataclasses.replace(self, images=images, allowed=allowed, labels=labels)


def nist_part(data_dir: Path, name: str) -> dict[str, np.ndarray]:
    """Read `nist/NAME.npz` into a dictionary of arrays; its images are upright.

    Raises:
        DataError: the file is missing.
    """
    path = data_dir / "nist" / f"{name}.npz"
    if not path.exists():
        raise DataError(f"{path} is missing: point --data-dir at a folder with nist/{name}.npz")
    with np.load(path, allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def sd19(
    data_dir: Path, split: str, side: int = GLYPH, with_duplicates: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """NIST SD19 characters, 128x128 binary, as glyphs by the EMNIST recipe, and their labels (N,).

    Args:
        data_dir: folder that holds `nist/`.
        split: "train", "val" or "test".
        side: pixels a side of the glyphs.
        with_duplicates: keep the rows that are in `emnist_train` too. Leave them out if both sets are used:
            they would count twice, and a held-out row could have its duplicate in the training rows.
    """
    part = nist_part(data_dir, f"sd19_128_{split}")
    kept = ~part["also_in_emnist_train"] | with_duplicates
    inks = np.unpackbits(part["ink_packed"][kept], axis=-1)
    glyphs = np.stack([emnist_glyph(ink.astype(np.float32), side=side) for ink in inks])
    return np.rint(glyphs * 255).astype(np.uint8), part["labels"][kept]


def allowed_classes(labels: list[str], classes: tuple[str, ...]) -> np.ndarray:
    """Bool (N, classes): the classes that each label allows.

    A label is a string of the characters it may be: "7", or "Cc" if the case is unknown. It allows the
    classes among them. If `classes` has no capitals, case is ignored. If `classes` has the negative class "",
    a label that allows no other class allows that one.
    """
    merged = "A" not in classes
    columns = {name: index for index, name in enumerate(classes)}
    rows = {}
    for label in set(labels):
        row = np.zeros(len(classes), bool)
        for character in label.lower() if merged else label:
            if character in columns:
                row[columns[character]] = True
        if "" in columns and not row.any():
            row[columns[""]] = True
        rows[label] = row
    return np.stack([rows[label] for label in labels]) if len(labels) else np.zeros((0, len(classes)), bool)


def training_data(recipe: TrainingRecipe, data_dir: Path) -> tuple[Samples, Samples]:
    """The training and held-out samples of a recipe that learns from rows; opens no test file."""
    if recipe.data == "mnist":
        samples = _samples([mnist(data_dir, "train")], recipe, hashes(data_dir / "mnist", "train-*"))
        extra = samples.rows(np.arange(0))
    elif recipe.data == "sd19":
        train, val = (sd19(data_dir, split, recipe.side, with_duplicates=True) for split in ("train", "val"))
        samples = _samples([train], recipe, hashes(data_dir / "nist", "sd19_128_train.npz"))
        extra = _samples([val], recipe, {})
    elif (data_dir / "nist" / "emnist_train.npz").exists():
        forms = _samples([form_rows(data_dir)], recipe, {})
        samples = _samples([emnist_train(data_dir), sd19(data_dir, "train")], recipe, nist_hashes(data_dir))
        samples = dataclasses.replace(samples, frequency=forms.frequency)
        extra = _samples([sd19(data_dir, "val")], recipe, {})
    else:
        parts = [emnist(data_dir, "byclass", "train")]
        samples = _samples(parts, recipe, hashes(data_dir / "emnist", "emnist-byclass-train-*"))
        extra = samples.rows(np.arange(0))
    if NEGATIVE in recipe.classes:
        samples = _with_negatives(samples, recipe)
    held_out = np.arange(len(samples)) % recipe.hold_out == 0
    return samples.rows(~held_out), samples.rows(held_out).followed_by(extra)


def corrected_labels(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The labels (N,) of images (N, 28, 28) after the corrections of CORRECTED_LABELS."""
    labels = labels.copy()
    for row, image in enumerate(images):
        if label := CORRECTED_LABELS.get(hashlib.md5(image.tobytes(), usedforsecurity=False).hexdigest()):
            labels[row] = label
    return labels


def emnist_train(data_dir: Path) -> tuple[np.ndarray, list[str]]:
    """The images of `emnist_train`, each labelled with every character that it may be."""
    part = nist_part(data_dir, "emnist_train")
    rows = zip(part["label62"].tolist(), part["label47"].tolist(), part["label26"].tolist(), strict=True)
    return part["images"], [_possible_labels(*row) for row in rows]


def form_rows(data_dir: Path) -> tuple[np.ndarray, list[str]]:
    """The rows of `emnist_train` whose classes are as frequent as on NIST's forms.

    Rows of EMNIST Letters are left out: there all letters are equally frequent. A case that was inferred from
    a duplicate in SD19, which has as many capitals as small letters, counts as unknown.
    """
    part = nist_part(data_dir, "emnist_train")
    images, labels = emnist_train(data_dir)
    on_forms = part["label47"] != ""
    rows = zip(labels, part["case_inferred"].tolist(), on_forms.tolist(), strict=True)
    possible = [
        label.upper() + label.lower() if inferred else label for label, inferred, kept in rows if kept
    ]
    return images[on_forms], possible


@cache
def _possible_labels(true_case: str, by_merge: str, letter: str) -> str:
    """Every character that a row may be, from its labels in EMNIST ByClass, ByMerge and Letters."""
    if true_case:
        return true_case
    if by_merge and by_merge not in "CIJKLMOPSUVWXYZ":  # the 15 letters whose cases ByMerge merges
        return by_merge
    return letter if letter.isdigit() else letter.upper() + letter


def _samples(parts: list, recipe: TrainingRecipe, sources: dict[str, str]) -> Samples:
    images = np.concatenate([images for images, _ in parts])
    possible = [label for _, labels in parts for label in list(labels)]
    allowed = allowed_classes(possible, recipe.classes)
    known = np.array([label if len(label) == 1 else "" for label in possible], "<U1")
    samples = Samples(images, allowed, known, sources, class_frequency(allowed))
    return samples.rows(allowed.any(axis=1))  # a network for letters gets no digits


def class_frequency(allowed: np.ndarray) -> np.ndarray:
    """The frequency of each class, (classes,), summing to 1.

    A row of unknown case is divided between its classes in proportion to the rows of known case.

    Args:
        allowed: bool (N, classes).
    """
    known = allowed[allowed.sum(axis=1) == 1].sum(axis=0) + 1.0
    shares = allowed * known
    total = (shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)).sum(axis=0)
    return total / total.sum()


def _with_negatives(samples: Samples, recipe: TrainingRecipe) -> Samples:
    """The letters, and LETTER_NEGATIVES negatives: a third each of digits, scribbles and fragments."""
    rng = np.random.default_rng(recipe.seed)
    digits = samples.allowed[:, recipe.classes.index("")]
    kept = rng.permutation(np.nonzero(digits)[0])[: LETTER_NEGATIVES // 3]
    letters = np.nonzero(~digits)[0]
    sources = samples.images[rng.choice(letters, LETTER_NEGATIVES // 3)]
    images = scribbles_and_fragments(sources, rng)
    rows = samples.rows(np.sort(np.concatenate([letters, kept])))
    allowed = np.repeat(samples.allowed[kept[:1]], len(images), axis=0)
    labels = np.full(len(images), "", rows.labels.dtype)
    return rows.followed_by(Samples(images, allowed, labels, {}, rows.frequency))


def nist_hashes(data_dir: Path) -> dict[str, str]:
    """The SHA-256 of the training files in `nist/`, by file name."""
    return hashes(data_dir / "nist", "emnist_train.npz") | hashes(data_dir / "nist", "sd19_128_train.npz")


def hashes(folder: Path, pattern: str) -> dict[str, str]:
    """The SHA-256 of the files of a folder that match a glob pattern, by file name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(pattern))}
