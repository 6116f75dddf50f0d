import gzip
import hashlib
import struct

import numpy as np
import pytest

from recognizer import Recognizer
from training import datasets, official
from training.datasets import (
    NO_LETTERS,
    DataError,
    allowed_classes,
    emnist,
    mnist,
    read_idx,
    sd19,
    training_data,
)
from training.recipes import ALPHANUMERIC, DIGITS, LETTERS, OR_NO_LETTER, RECIPES


def write_idx(path, array: np.ndarray) -> str:
    """Write a gzip idx file; gives its SHA-256."""
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(header + array.tobytes()))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("shape", [(0, 28, 28), (3,), (2, 28, 28)])
def test_idx_files(tmp_path, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    write_idx(tmp_path / "x.gz", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "x.gz"), array)


@pytest.mark.parametrize("raw", [
    b"", b"no gzip", gzip.compress(b""), gzip.compress(b"\0\0\x0d\x01\0\0\0\0"),
    gzip.compress(b"\0\0\x08\x01\0\0\0\x05abc"), gzip.compress(b"\0\0\x08\x01\0\0\0\x01abc")[:-9],
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
    monkeypatch.setattr(datasets, "EMNIST_SHA256", official.EMNIST_SHA256 | sums)
    images, labels = emnist(tmp_path, "letters", "test")
    np.testing.assert_array_equal(images[0], seven)
    assert labels.tolist() == ["a", "z"]


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path):
    write_idx(tmp_path / "mnist" / "t10k-images-idx3-ubyte.gz", np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is not the published file.*md5"):
        mnist(tmp_path, "test")


def test_without_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "MNIST_URL", "http://127.0.0.1:9/")  # nobody answers there
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
        (lambda part: (part["images"], part["label62"]))(datasets.nist_part(data_dir, "emnist_train")),
        sd19(data_dir, "val"),
    ):
        sevens = images[labels == "7"][:100]
        read = [character.label for character in digits.characters(sevens)]
        assert len(read) > 50
        assert read.count("7") >= 0.95 * len(read)


def test_training_data_of_every_recipe_leaves_validation_out(data_dir):
    training, validation = training_data(RECIPES["digits"], data_dir)
    assert len(training) == 57_000
    assert len(validation) == 3_000
    seen = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in seen for image in validation.images)
    assert (training.allowed.sum(axis=1) == 1).all()
    assert set(training.sources) == {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}


def test_case_is_learnt_only_where_it_is_known(data_dir):
    training, _ = training_data(RECIPES["alphanumeric"], data_dir)
    sets = training.allowed.sum(axis=1)
    assert set(sets.tolist()) == {1, 2}
    ambiguous = {
        "".join(np.array(ALPHANUMERIC)[row]) for row in np.unique(training.allowed[sets == 2], axis=0)
    }
    assert {"Cc", "Oo", "Ss"} <= ambiguous
    assert all(pair[0].lower() == pair[1] for pair in ambiguous)
