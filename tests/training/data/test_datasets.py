import gzip
import hashlib
import struct

import numpy as np
import pytest

from recognizer import Recognizer
from recognizer.preprocessing.normalize import glyph
from training.data import official
from training.data.datasets import (
    CORRECTED_LABELS,
    LETTER_NEGATIVES,
    allowed_classes,
    corrected_labels,
    nist_part,
    sd19,
    training_data,
)
from training.data.official import DataError, emnist, mnist, read_idx
from training.labels import ALPHANUMERIC, DIGITS, LETTERS, NEGATIVE_AND_LETTERS
from training.recipes import RECIPES

BYCLASS_ROWS = 697_932  # of the official training file


def made_up_inks() -> list[np.ndarray]:
    """Ink of 62 made-up characters: a bar and a dot, each at its own position."""
    inks = []
    for row in range(62):
        ink = np.zeros((64, 64), np.float32)
        ink[8 + row % 8 : 14 + row % 8, 4:60] = 1
        ink[24 + 4 * (row // 8) : 30 + 4 * (row // 8), 10 + 5 * (row % 8) : 18 + 5 * (row % 8)] = 1
        inks.append(ink)
    return inks


def write_idx(path, array: np.ndarray) -> str:
    """Write a gzip idx file and return its SHA-256."""
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("shape", [(0, 28, 28), (3,), (2, 28, 28)])
def test_idx_file_is_read(tmp_path, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    write_idx(tmp_path / "x.gz", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "x.gz"), array)


def packed(content: bytes) -> bytes:
    """Gzip without a time stamp, since the bytes name the test and pytest's processes must agree on names."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize("raw", [
    b"", b"no gzip", packed(b""), packed(b"\0\0\x0d\x01\0\0\0\0"),
    packed(b"\0\0\x08\x01\0\0\0\x05abc"), packed(b"\0\0\x08\x01\0\0\0\x01abc")[:-9],
])  # fmt: skip
def test_damaged_idx_file_raises_data_error_with_its_name(tmp_path, raw):
    (tmp_path / "x.gz").write_bytes(raw)
    with pytest.raises(DataError, match=r"x\.gz"):
        read_idx(tmp_path / "x.gz")


def test_emnist_is_upright_with_its_labels(tmp_path, monkeypatch):
    seven = np.zeros((28, 28), np.uint8)
    seven[4, 5:20] = 255  # the bar of an upright 7 runs along a row
    folder = tmp_path / "emnist"
    sums = {
        f"emnist-letters-test-{kind}.gz": write_idx(folder / f"emnist-letters-test-{kind}.gz", array)
        for kind, array in (
            ("images-idx3-ubyte", np.stack([seven.T, seven.T])),  # the files are transposed
            ("labels-idx1-ubyte", np.array([1, 26], np.uint8)),  # and Letters counts from 1
        )
    }
    monkeypatch.setattr(official, "EMNIST_SHA256", official.EMNIST_SHA256 | sums)
    images, labels = emnist(tmp_path, "letters", "test")
    np.testing.assert_array_equal(images[0], seven)
    assert labels.tolist() == ["a", "z"]


def test_file_with_a_wrong_checksum_raises_data_error(tmp_path):
    write_idx(tmp_path / "mnist" / "t10k-images-idx3-ubyte.gz", np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is not the published file.*md5"):
        mnist(tmp_path, "test")


def test_failed_download_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(official, "MNIST_URL", "http://127.0.0.1:9/")  # no server there
    with pytest.raises(DataError, match=r"Put the file into .*mnist by hand"):
        mnist(tmp_path, "train")


def test_official_checksums_are_complete():
    assert len(official.EMNIST_SHA256) == 24
    assert all(len(checksum) == 64 for checksum in official.EMNIST_SHA256.values())
    assert all(len(checksum) == 32 for checksum in official.MNIST_MD5.values())


@pytest.mark.parametrize(("label", "classes", "expected"), [
    ("7", DIGITS, "7"), ("C", LETTERS, "c"), ("Cc", LETTERS, "c"), ("Cc", ALPHANUMERIC, "Cc"),
    ("c", ALPHANUMERIC, "c"), ("7", LETTERS, ""), ("7", ALPHANUMERIC, "7"), ("C", NEGATIVE_AND_LETTERS, "c"),
])  # fmt: skip
def test_label_allows_its_classes(label, classes, expected):
    row = allowed_classes([label], classes)[0]
    assert "".join(np.array(classes)[row]) == expected


def test_digit_is_a_negative_for_letter_classes():
    assert allowed_classes(["7", "a"], NEGATIVE_AND_LETTERS)[:, 0].tolist() == [True, False]


def test_a_third_of_the_letter_negatives_are_digits_and_none_are_letters(data_dir):
    training, validation = training_data(RECIPES["letters-27-56"], data_dir)
    assert training.images.shape[1:] == (56, 56)
    negatives = training.allowed[:, 0]
    assert 0.9 * LETTER_NEGATIVES < negatives.sum() < LETTER_NEGATIVES
    assert np.char.isdigit(training.labels[negatives]).mean() == pytest.approx(1 / 3, abs=0.01)
    assert (training.allowed.sum(axis=1) == 1).all()
    assert validation.allowed.any(axis=0).all()


@pytest.fixture(scope="module")
def full_emnist(tmp_path_factory):
    """A data folder with made-up ByClass training files of the official size and layout.

    Returns:
        The folder, and the SHA-256 of its files by name.
    """
    folder = tmp_path_factory.mktemp("full")
    upright = np.stack([np.rint(255 * glyph(ink, "emnist")).astype(np.uint8) for ink in made_up_inks()])
    labels = np.resize(np.repeat(np.arange(62, dtype=np.uint8), 30), BYCLASS_ROWS)
    files = {
        "images-idx3-ubyte": upright.transpose(0, 2, 1)[labels],
        "labels-idx1-ubyte": labels,
    }
    names = {kind: f"emnist-byclass-train-{kind}.gz" for kind in files}
    sums = {name: write_idx(folder / "emnist" / name, files[kind]) for kind, name in names.items()}
    return folder, sums


@pytest.mark.parametrize("name", ["alphanumeric-62", "letters-27"])
def test_full_emnist_is_used_if_available(name, full_emnist, monkeypatch):
    folder, sums = full_emnist
    monkeypatch.setattr(official, "EMNIST_SHA256", official.EMNIST_SHA256 | sums)
    recipe = RECIPES[name]
    training, validation = training_data(recipe, folder)
    assert set(training.sources) == set(sums)
    count = len(training) + len(validation)
    if name == "letters-27":  # digits, scribbles and fragments are no letters, 18,000 in all
        assert count == pytest.approx(52 / 62 * BYCLASS_ROWS + 18_000, abs=62 * 30)
        assert training.allowed[:, 0].mean() == pytest.approx(18_000 / count, abs=0.01)
    else:
        assert count == pytest.approx(BYCLASS_ROWS, abs=62 * 30)
        assert set(training.labels) == set(ALPHANUMERIC)
        np.testing.assert_allclose(training.frequency, 1 / 62, atol=1e-3)


def test_no_labels_give_no_rows():
    assert allowed_classes([], DIGITS).shape == (0, 10)


def test_mnist_test_set_is_read(data_dir):
    images, labels = mnist(data_dir, "test")
    assert images.shape == (10_000, 28, 28)
    assert labels[:5].tolist() == ["7", "2", "1", "0", "4"]


def test_sevens_are_upright_in_every_set(data_dir, digits: Recognizer):
    """The model reads upright sevens; it would misread transposed ones."""
    for images, labels in (
        mnist(data_dir, "train"),
        (lambda part: (part["images"], part["label62"]))(nist_part(data_dir, "emnist_train")),
        sd19(data_dir, "val"),
    ):
        sevens = images[labels == "7"][:100]
        read = [character.label for character in digits.characters(sevens)]
        assert len(read) > 50
        assert read.count("7") >= 0.95 * len(read)


def test_held_out_rows_are_not_in_training(data_dir):
    recipe = RECIPES["digits-mlp"]
    training, validation = training_data(recipe, data_dir)
    assert (len(training), len(validation)) == (57_000, 3_000)
    known = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in known for image in validation.images)
    assert (training.allowed.sum(axis=1) == 1).all()
    assert set(training.sources) == {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}


def test_wrong_labels_are_corrected(data_dir):
    images, labels = mnist(data_dir, "train")
    hashes = {hashlib.md5(image.tobytes()).hexdigest(): row for row, image in enumerate(images)}
    (row,) = (hashes[wrong] for wrong in CORRECTED_LABELS if wrong in hashes)
    assert labels[row] == "4"
    assert corrected_labels(images[row : row + 1], labels[row : row + 1]).tolist() == ["1"]


def test_label_of_unknown_case_allows_both_cases(data_dir):
    training, _ = training_data(RECIPES["alphanumeric-62"], data_dir)
    counts = training.allowed.sum(axis=1)
    assert set(counts.tolist()) == {1, 2}
    ambiguous = {
        "".join(np.array(RECIPES["alphanumeric-62"].classes)[row])
        for row in np.unique(training.allowed[counts == 2], axis=0)
    }
    assert {"Cc", "Oo", "Ss"} <= ambiguous
    assert all(pair[0].lower() == pair[1] for pair in ambiguous)
