"""The training and test sets: official MNIST and EMNIST files, and the parts of NIST in npz files.

A data folder holds `mnist/` (four gzip idx files), `emnist/` (the official gzip idx files) and
`nist/` (parts of EMNIST and NIST SD19, for where the full EMNIST cannot be had). What is missing
of MNIST and EMNIST is downloaded. Images come upright, uint8 (N, 28, 28), 255 = ink.
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
from training.labels import NOTHING
from training.recipes import TrainingRecipe
from training.synthesis.scribbles import no_letters

DATA = Path(os.environ.get("SCRAWL_DATA", Path(__file__).resolve().parents[2] / "data"))
NO_LETTERS = 18_000  # samples of the class "", where a model has it
# What plainly is another digit than its file says, by the MD5 of its pixels: found by looking at every
# held-out digit that an earlier network read wrongly. Three labels in five thousand hide an error of 0.1 %.
RELABELLED = {
    "11d646baf1ed7c5503d70a30d143b766": "1",  # MNIST says 4
    "b57cccca4b498abd118e8e03ed5f10f1": "8",  # EMNIST says 3
    "78c76aabc0c851223e390e662e34d9bf": "2",  # EMNIST says 8
}


@dataclass(frozen=True)
class Samples:
    """Glyphs and, for each, the set of classes that its label allows."""

    images: np.ndarray  # uint8 (N, 28, 28)
    allowed: np.ndarray  # bool (N, classes); one True where the class is known
    labels: np.ndarray  # str (N,): the character in its true case; "" where that is not known
    sources: dict[str, str]  # file name -> SHA-256, for the card
    frequency: np.ndarray  # (classes,), summing to 1: how often each class is written on the sets' forms

    def __len__(self) -> int:
        return len(self.images)

    def rows(self, selection: np.ndarray) -> "Samples":
        images, allowed, labels = (one[selection] for one in (self.images, self.allowed, self.labels))
        return dataclasses.replace(self, images=images, allowed=allowed, labels=labels)

    def followed_by(self, more: "Samples") -> "Samples":
        """These rows, then those; sources and frequency stay these."""
        pairs = ((getattr(self, key), getattr(more, key)) for key in ("images", "allowed", "labels"))
        images, allowed, labels = (np.concatenate(pair) for pair in pairs)
        return dataclasses.replace(self, images=images, allowed=allowed, labels=labels)


def nist_part(data_dir: Path, name: str) -> dict[str, np.ndarray]:
    """One npz file of `nist/` as a dictionary of arrays (its images are upright)."""
    path = data_dir / "nist" / f"{name}.npz"
    if not path.exists():
        raise DataError(f"{path} is missing: point --data-dir at a folder with nist/{name}.npz")
    with np.load(path, allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def sd19(data_dir: Path, split: str, side: int = GLYPH, twins: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """NIST SD19 characters, 128x128 binary, brought to glyphs by the EMNIST recipe at their true size.

    Args:
        data_dir: folder that holds `nist/`.
        split: "train", "val" or "test".
        side: pixels a side of the glyphs.
        twins: with the rows that stand in `emnist_train` too. Where both are used these are left out:
            they would be counted twice, and a held-out row could be learnt from its twin.
    """
    part = nist_part(data_dir, f"sd19_128_{split}")
    wanted = ~part["also_in_emnist_train"] | twins
    inks = np.unpackbits(part["ink_packed"][wanted], axis=-1)
    glyphs = np.stack([emnist_glyph(ink.astype(np.float32), size=side) for ink in inks])
    return np.rint(glyphs * 255).astype(np.uint8), part["labels"][wanted]


def allowed_classes(labels: list[str], classes: tuple[str, ...]) -> np.ndarray:
    """Bool (N, classes): the classes that each label allows.

    A label is a string of the characters it may be: "7", or "Cc" where the case is unknown. A class
    is allowed if it is one of them; where `classes` has no capitals, case is ignored. A label of which
    no class is allowed is of the class "", where `classes` has that.
    """
    merged = "A" not in classes
    column = {label: index for index, label in enumerate(classes)}
    table = {}
    for text in set(labels):
        row = np.zeros(len(classes), bool)
        for character in text.lower() if merged else text:
            if character in column:
                row[column[character]] = True
        if "" in column and not row.any():
            row[column[""]] = True
        table[text] = row
    return np.stack([table[text] for text in labels]) if len(labels) else np.zeros((0, len(classes)), bool)


def training_data(recipe: TrainingRecipe, data_dir: Path) -> tuple[Samples, Samples]:
    """The training and validation samples of a recipe that learns from rows; no test file is opened."""
    if recipe.data == "mnist":
        samples = _samples([mnist(data_dir, "train")], recipe, hashes(data_dir / "mnist", "train-*"))
        extra = samples.rows(np.arange(0))
    elif recipe.data == "sd19":
        train, val = (sd19(data_dir, split, recipe.side, twins=True) for split in ("train", "val"))
        samples = _samples([train], recipe, hashes(data_dir / "nist", "sd19_128_train.npz"))
        extra = _samples([val], recipe, {})
    elif (data_dir / "nist" / "emnist_train.npz").exists():
        natural = _samples([on_forms(data_dir)], recipe, {})
        samples = _samples([emnist_train(data_dir), sd19(data_dir, "train")], recipe, nist_hashes(data_dir))
        samples = dataclasses.replace(samples, frequency=natural.frequency)
        extra = _samples([sd19(data_dir, "val")], recipe, {})
    else:
        parts = [emnist(data_dir, "byclass", "train")]
        samples = _samples(parts, recipe, hashes(data_dir / "emnist", "emnist-byclass-train-*"))
        extra = samples.rows(np.arange(0))
    if NOTHING in recipe.classes:
        samples = _with_no_letters(samples, recipe)
    held_out = np.arange(len(samples)) % recipe.hold_out == 0
    return samples.rows(~held_out), samples.rows(held_out).followed_by(extra)


def relabelled(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The labels (N,) of images (N, 28, 28), with those that are plainly wrong set right."""
    labels = labels.copy()
    for row, image in enumerate(images):
        if right := RELABELLED.get(hashlib.md5(image.tobytes(), usedforsecurity=False).hexdigest()):
            labels[row] = right
    return labels


def emnist_train(data_dir: Path) -> tuple[np.ndarray, list[str]]:
    """`emnist_train`, each row labelled with every character that it may be."""
    part = nist_part(data_dir, "emnist_train")
    rows = zip(part["label62"].tolist(), part["label47"].tolist(), part["label26"].tolist(), strict=True)
    return part["images"], [_known(*row) for row in rows]


def on_forms(data_dir: Path) -> tuple[np.ndarray, list[str]]:
    """The rows of `emnist_train` that tell how frequent the classes are on NIST's forms.

    The rows of EMNIST Letters do not: there all letters are equally frequent. Nor does a case that was found
    by a twin in SD19, which has as many capitals as small letters: these rows count as of unknown case.
    """
    part = nist_part(data_dir, "emnist_train")
    images, labels = emnist_train(data_dir)
    natural = part["label47"] != ""
    rows = zip(labels, part["case_inferred"].tolist(), natural.tolist(), strict=True)
    may_be = [label.upper() + label.lower() if found else label for label, found, kept in rows if kept]
    return images[natural], may_be


@cache
def _known(true_case: str, by_merge: str, letter: str) -> str:
    if true_case:
        return true_case
    if by_merge and by_merge not in "CIJKLMOPSUVWXYZ":  # the 15 letters whose cases ByMerge merges
        return by_merge
    return letter if letter.isdigit() else letter.upper() + letter


def _samples(parts: list, recipe: TrainingRecipe, sources: dict[str, str]) -> Samples:
    images = np.concatenate([images for images, _ in parts])
    may_be = [label for _, labels in parts for label in list(labels)]
    allowed = allowed_classes(may_be, recipe.classes)
    known = np.array([label if len(label) == 1 else "" for label in may_be], "<U1")
    samples = Samples(images, allowed, known, sources, frequency_of(allowed))
    return samples.rows(allowed.any(axis=1))  # a digit is no sample for a model of letters


def frequency_of(allowed: np.ndarray) -> np.ndarray:
    """How frequent each class is, where a row of unknown case counts as rows of known case are."""
    known = allowed[allowed.sum(axis=1) == 1].sum(axis=0) + 1.0
    share = allowed * known
    total = (share / np.maximum(share.sum(axis=1, keepdims=True), 1)).sum(axis=0)
    return total / total.sum()


def _with_no_letters(samples: Samples, recipe: TrainingRecipe) -> Samples:
    """For the class "": as many digits, scribbles and fragments of letters, NO_LETTERS in all."""
    rng = np.random.default_rng(recipe.seed)
    digits = samples.allowed[:, recipe.classes.index("")]
    kept = rng.permutation(np.nonzero(digits)[0])[: NO_LETTERS // 3]
    letters = np.nonzero(~digits)[0]
    parents = samples.images[rng.choice(letters, NO_LETTERS // 3)]
    made = no_letters(parents, rng)
    rows = samples.rows(np.sort(np.concatenate([letters, kept])))
    nothing = np.repeat(samples.allowed[kept[:1]], len(made), axis=0)
    none = np.full(len(made), "", rows.labels.dtype)
    return rows.followed_by(Samples(made, nothing, none, {}, rows.frequency))


def nist_hashes(data_dir: Path) -> dict[str, str]:
    return hashes(data_dir / "nist", "emnist_train.npz") | hashes(data_dir / "nist", "sd19_128_train.npz")


def hashes(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(pattern))}
