import gzip
import hashlib
import struct

import numpy as np
import pytest

from recognizer import Recognizer
from recognizer.preprocessing.normalize import glyph
from training.data import official
from training.data.datasets import (
    NO_LETTERS,
    RELABELLED,
    allowed_classes,
    nist_part,
    relabelled,
    sd19,
    training_data,
)
from training.data.official import DataError, emnist, mnist, read_idx
from training.labels import ALPHANUMERIC, DIGITS, LETTERS, OR_NO_LETTER
from training.recipes import RECIPES

BYCLASS_ROWS = 697_932  # of the official training file


def written() -> list[np.ndarray]:
    """Ink of 62 characters: a bar and a dot, at another place for each."""
    inks = []
    for row in range(62):
        ink = np.zeros((64, 64), np.float32)
        ink[8 + row % 8 : 14 + row % 8, 4:60] = 1
        ink[24 + 4 * (row // 8) : 30 + 4 * (row // 8), 10 + 5 * (row % 8) : 18 + 5 * (row % 8)] = 1
        inks.append(ink)
    return inks


def write_idx(path, array: np.ndarray) -> str:
    """Write a gzip idx file; gives its SHA-256."""
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("shape", [(0, 28, 28), (3,), (2, 28, 28)])
def test_idx_files(tmp_path, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    write_idx(tmp_path / "x.gz", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "x.gz"), array)


def packed(content: bytes) -> bytes:
    """Gzip without the time, so that every process names the tests alike."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize("raw", [
    b"", b"no gzip", packed(b""), packed(b"\0\0\x0d\x01\0\0\0\0"),
    packed(b"\0\0\x08\x01\0\0\0\x05abc"), packed(b"\0\0\x08\x01\0\0\0\x01abc")[:-9],
])  # fmt: skip
def test_damaged_idx_files_are_refused_by_name(tmp_path, raw):
    (tmp_path / "x.gz").write_bytes(raw)
    with pytest.raises(DataError, match=r"x\.gz"):
        read_idx(tmp_path / "x.gz")


def test_emnist_comes_upright_and_with_its_labels(tmp_path, monkeypatch):
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


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path):
    write_idx(tmp_path / "mnist" / "t10k-images-idx3-ubyte.gz", np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is not the published file.*md5"):
        mnist(tmp_path, "test")


def test_without_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(official, "MNIST_URL", "http://127.0.0.1:9/")  # nobody answers there
    with pytest.raises(DataError, match=r"Put the file into .*mnist by hand"):
        mnist(tmp_path, "train")


def test_the_official_checksums_are_whole():
    assert len(official.EMNIST_SHA256) == 24
    assert all(len(sum_) == 64 for sum_ in official.EMNIST_SHA256.values())
    assert all(len(sum_) == 32 for sum_ in official.MNIST_MD5.values())


@pytest.mark.parametrize(("label", "classes", "wanted"), [
    ("7", DIGITS, "7"), ("C", LETTERS, "c"), ("Cc", LETTERS, "c"), ("Cc", ALPHANUMERIC, "Cc"),
    ("c", ALPHANUMERIC, "c"), ("7", LETTERS, ""), ("7", ALPHANUMERIC, "7"), ("C", OR_NO_LETTER, "c"),
])  # fmt: skip
def test_the_classes_that_a_label_allows(label, classes, wanted):
    row = allowed_classes([label], classes)[0]
    assert "".join(np.array(classes)[row]) == wanted


def test_a_digit_is_no_letter_where_a_model_can_say_so():
    assert allowed_classes(["7", "a"], OR_NO_LETTER)[:, 0].tolist() == [True, False]


def test_what_is_no_letter_is_a_third_digits_and_never_of_a_letter(data_dir):
    training, validation = training_data(RECIPES["letters-27-56"], data_dir)
    assert training.images.shape[1:] == (56, 56)
    none = training.allowed[:, 0]
    assert 0.9 * NO_LETTERS < none.sum() < NO_LETTERS
    assert np.char.isdigit(training.labels[none]).mean() == pytest.approx(1 / 3, abs=0.01)
    assert (training.allowed.sum(axis=1) == 1).all()
    assert validation.allowed.any(axis=0).all()


@pytest.fixture(scope="module")
def full_emnist(tmp_path_factory):
    """The official ByClass training files as they would be: as many rows, transposed, but made up.

    Gives a data folder, and the SHA-256 that its files have.
    """
    folder = tmp_path_factory.mktemp("full")
    upright = np.stack([np.rint(255 * glyph(ink, "emnist")).astype(np.uint8) for ink in written()])
    labels = np.resize(np.repeat(np.arange(62, dtype=np.uint8), 30), BYCLASS_ROWS)
    files = {
        "images-idx3-ubyte": upright.transpose(0, 2, 1)[labels],
        "labels-idx1-ubyte": labels,
    }
    names = {kind: f"emnist-byclass-train-{kind}.gz" for kind in files}
    sums = {name: write_idx(folder / "emnist" / name, files[kind]) for kind, name in names.items()}
    return folder, sums


@pytest.mark.parametrize("name", ["alphanumeric-62", "letters-27"])
def test_the_full_emnist_is_trained_on_where_it_is(name, full_emnist, monkeypatch):
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


def test_no_labels_allow_nothing():
    assert allowed_classes([], DIGITS).shape == (0, 10)


def test_mnist_files(data_dir):
    images, labels = mnist(data_dir, "test")
    assert images.shape == (10_000, 28, 28)
    assert labels[:5].tolist() == ["7", "2", "1", "0", "4"]


def test_sevens_are_upright_in_every_set(data_dir, digits: Recognizer):
    """A reader of upright digits reads each set's; transposed, it would read few."""
    for images, labels in (
        mnist(data_dir, "train"),
        (lambda part: (part["images"], part["label62"]))(nist_part(data_dir, "emnist_train")),
        sd19(data_dir, "val"),
    ):
        sevens = images[labels == "7"][:100]
        read = [character.label for character in digits.characters(sevens)]
        assert len(read) > 50
        assert read.count("7") >= 0.95 * len(read)


def test_validation_is_left_out_of_training(data_dir):
    recipe = RECIPES["digits-mlp"]
    training, validation = training_data(recipe, data_dir)
    assert (len(training), len(validation)) == (57_000, 3_000)
    seen = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in seen for image in validation.images)
    assert (training.allowed.sum(axis=1) == 1).all()
    assert set(training.sources) == {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}


def test_plainly_wrong_labels_are_set_right(data_dir):
    images, labels = mnist(data_dir, "train")
    hashes = {hashlib.md5(image.tobytes()).hexdigest(): row for row, image in enumerate(images)}
    (row,) = (hashes[wrong] for wrong in RELABELLED if wrong in hashes)
    assert labels[row] == "4"
    assert relabelled(images[row : row + 1], labels[row : row + 1]).tolist() == ["1"]


def test_case_is_learnt_only_where_it_is_known(data_dir):
    training, _ = training_data(RECIPES["alphanumeric-62"], data_dir)
    sets = training.allowed.sum(axis=1)
    assert set(sets.tolist()) == {1, 2}
    ambiguous = {
        "".join(np.array(RECIPES["alphanumeric-62"].classes)[row])
        for row in np.unique(training.allowed[sets == 2], axis=0)
    }
    assert {"Cc", "Oo", "Ss"} <= ambiguous
    assert all(pair[0].lower() == pair[1] for pair in ambiguous)
