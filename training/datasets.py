"""The training and test sets: official MNIST and EMNIST files, and the parts of NIST in npz files.

A data folder holds `mnist/` (four gzip idx files), `emnist/` (the official gzip idx files) and
`nist/` (parts of EMNIST and NIST SD19, for where the full EMNIST cannot be had). What is missing
of MNIST and EMNIST is downloaded. Images come upright, uint8 (N, 28, 28), 255 = ink.
"""

import gzip
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase

import numpy as np

from recognizer.glyphs import GLYPH, emnist_glyph
from training.negatives import no_letters
from training.official import EMNIST_ARCHIVE, EMNIST_SHA256, MNIST_MD5, MNIST_URL
from training.recipes import ALPHANUMERIC, DIGITS, TrainingRecipe

DATA = Path(os.environ.get("SCRAWL_DATA", Path(__file__).resolve().parent.parent / "data"))
VALIDATION_EVERY = 20  # every 20th row of a training file is held out: 5 %
NO_LETTERS = 18_000  # samples of the class "", where a model has it


class DataError(Exception):
    """A data file is missing, damaged or not what its name says; the message says what to do."""


@dataclass(frozen=True)
class Samples:
    """Glyphs and, for each, the set of classes that its label allows."""

    images: np.ndarray  # uint8 (N, 28, 28)
    allowed: np.ndarray  # bool (N, classes); one True where the class is known
    labels: np.ndarray  # str (N,): the character in its true case; "" where that is not known
    sources: dict[str, str]  # file name -> SHA-256, for the card

    def __len__(self) -> int:
        return len(self.images)

    def rows(self, selection: np.ndarray) -> "Samples":
        return Samples(self.images[selection], self.allowed[selection], self.labels[selection], self.sources)


def read_idx(path: Path) -> np.ndarray:
    """Read a gzip idx file (LeCun's format: two zero bytes, type 8 = uint8, rank, big-endian sizes).

    Raises:
        DataError: not a gzip idx file of uint8, or its length is not what its header says.
    """
    try:
        raw = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise DataError(f"{path.name} is not a whole gzip file ({error}): delete it and run again") from None
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise DataError(f"{path.name} is not an idx file of bytes: delete it and run again")
    rank = raw[3]
    shape = tuple(np.frombuffer(raw, ">u4", rank, offset=4).tolist())
    body = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    if body.size != int(np.prod(shape)):
        raise DataError(f"{path.name} holds {body.size} bytes where its header says {shape}")
    return body.reshape(shape)


def mnist(data_dir: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Official MNIST: images uint8 (N, 28, 28) and labels (N,) of one-character strings.

    Args:
        data_dir: folder that holds `mnist/`; missing files are downloaded into it.
        split: "train" (60,000) or "test" (10,000).
    """
    prefix = {"train": "train", "test": "t10k"}[split]
    names = [f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"]
    images, labels = (read_idx(_mnist_file(data_dir / "mnist", name)) for name in names)
    return images, np.array(DIGITS)[labels]


def emnist(data_dir: Path, edition: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Official EMNIST (Cohen et al. 2017): images made upright, labels as one-character strings.

    The files store images transposed; in the Letters edition labels run from 1 to 26.

    Args:
        data_dir: folder that holds `emnist/`; the archive (560 MB) is downloaded where it is missing.
        edition: "byclass" (62 classes), "letters" (26, case merged), "digits" or "mnist" (10).
        split: "train" or "test".
    """
    classes = {"byclass": ALPHANUMERIC, "letters": ("", *ascii_lowercase)}.get(edition, DIGITS)
    stem = f"emnist-{edition}-{split}"
    names = [f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"]
    images, labels = (read_idx(_emnist_file(data_dir / "emnist", name)) for name in names)
    return np.ascontiguousarray(images.transpose(0, 2, 1)), np.array(classes)[labels].astype("<U1")


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
    """The recipe's training and validation samples; the test files are never opened here."""
    if recipe.data == "mnist":
        samples = _samples([mnist(data_dir, "train")], recipe, _hashes(data_dir / "mnist", "train-*"))
        extra = samples.rows(np.arange(0))
    elif recipe.data == "sd19":
        train, val = (sd19(data_dir, split, recipe.side, twins=True) for split in ("train", "val"))
        samples = _samples([train], recipe, _hashes(data_dir / "nist", "sd19_128_train.npz"))
        extra = _samples([val], recipe, {})
    elif (data_dir / "nist" / "emnist_train.npz").exists():
        samples = _samples([_emnist_train(data_dir), sd19(data_dir, "train")], recipe, _nist_hashes(data_dir))
        extra = _samples([sd19(data_dir, "val")], recipe, {})
    else:
        parts = [emnist(data_dir, "byclass", "train")]
        samples = _samples(parts, recipe, _hashes(data_dir / "emnist", "emnist-byclass-train-*"))
        extra = samples.rows(np.arange(0))
    if "" in recipe.classes:
        samples = _with_no_letters(samples, recipe)
    held_out = np.arange(len(samples)) % VALIDATION_EVERY == 0
    validation = samples.rows(held_out)
    return samples.rows(~held_out), Samples(
        np.concatenate([validation.images, extra.images]),
        np.concatenate([validation.allowed, extra.allowed]),
        np.concatenate([validation.labels, extra.labels]),
        samples.sources,
    )


def _emnist_train(data_dir: Path) -> tuple[np.ndarray, list[str]]:
    """`emnist_train`, each row labelled with every character that it may be."""
    part = nist_part(data_dir, "emnist_train")
    rows = zip(part["label62"].tolist(), part["label47"].tolist(), part["label26"].tolist(), strict=True)
    return part["images"], [_known(*row) for row in rows]


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
    samples = Samples(images, allowed, known, sources)
    return samples.rows(allowed.any(axis=1))  # a digit is no sample for a model of letters


def _with_no_letters(samples: Samples, recipe: TrainingRecipe) -> Samples:
    """For the class "": as many digits, scribbles and fragments of letters, NO_LETTERS in all."""
    rng = np.random.default_rng(recipe.seed)
    digits = samples.allowed[:, recipe.classes.index("")]
    kept = rng.permutation(np.nonzero(digits)[0])[: NO_LETTERS // 3]
    letters = np.nonzero(~digits)[0]
    parents = samples.images[rng.choice(letters, NO_LETTERS // 3)]
    made = no_letters(parents, rng)
    rows = samples.rows(np.sort(np.concatenate([letters, kept])))
    return Samples(
        np.concatenate([rows.images, made]),
        np.concatenate([rows.allowed, np.repeat(samples.allowed[kept[:1]], len(made), axis=0)]),
        np.concatenate([rows.labels, np.full(len(made), "", rows.labels.dtype)]),
        rows.sources,
    )


def _nist_hashes(data_dir: Path) -> dict[str, str]:
    return _hashes(data_dir / "nist", "emnist_train.npz") | _hashes(data_dir / "nist", "sd19_128_train.npz")


def _hashes(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(pattern))}


def _mnist_file(folder: Path, name: str) -> Path:
    return _fetch(folder, name, f"{MNIST_URL}{name}", f"md5:{MNIST_MD5[name]}", processor=None)


def _emnist_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        import pooch

        unzip = pooch.Unzip(
            members=[f"gzip/{file}" for file in EMNIST_SHA256], extract_dir=folder / "unpacked"
        )
        _fetch(folder, "gzip.zip", EMNIST_ARCHIVE, None, processor=unzip)
        for file in EMNIST_SHA256:
            (folder / "unpacked" / "gzip" / file).rename(folder / file)
    _check(path, f"sha256:{EMNIST_SHA256[name]}")
    return path


def _fetch(folder: Path, name: str, url: str, known_hash: str | None, processor) -> Path:
    """A file of the folder, downloaded with a progress bar where it is missing, its checksum verified."""
    path = folder / name
    if not path.exists():
        import pooch

        try:
            pooch.retrieve(url, known_hash, fname=name, path=folder, processor=processor, progressbar=True)
        except (OSError, ValueError) as error:  # no network, or not the bytes that were published
            raise DataError(
                f"{name} could not be had from {url} ({error}). Put the file into {folder} by hand, "
                "or give --data-dir a folder that has it."
            ) from None
    if known_hash:
        _check(path, known_hash)
    return path


def _check(path: Path, known_hash: str) -> None:
    algorithm, expected = known_hash.split(":")
    found = hashlib.new(algorithm, path.read_bytes()).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} is not the published file: its {algorithm} is {found}, not {expected}. "
            "Delete it and run again."
        )
