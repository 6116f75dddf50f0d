import numpy as np
import pytest

from training.data import character_rows
from training.data.character_rows import CLASSES, HOLD_OUT, Rows, _apart_from
from training.data.datasets import nist_part
from training.data.official import DataError, mnist
from training.data.sample_pools import _drawn


def drawn(labels: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([np.rint(255 * _drawn(label, rng)).astype(np.uint8) for label in labels])


def test_labels_allow_what_they_may_be():
    rows = Rows(drawn("7aC", 1), np.array(["7", "a", "Cc"]), np.ones(3, np.float32))
    found = [{CLASSES[column] for column in np.flatnonzero(row)} for row in rows.allowed()]
    assert found == [{"7"}, {"a"}, {"C", "c"}]


def test_what_looks_like_a_test_is_left_out_and_its_share_goes_to_the_most_similar_row_of_its_label():
    text = "0235689ABDEGHKMNQRSWaeghkmq" * 8
    images, labels = drawn(text, 1), np.array(list(text))
    keep, shares = _apart_from(images, labels, [images[5:7], images[40:41]])
    assert not keep[[5, 6, 40]].any()
    assert keep.mean() > 0.9
    for label in set(text):
        mine = labels == label
        assert shares[mine & keep].sum() == pytest.approx(mine.sum())


def test_a_label_without_any_row_left_says_that_the_data_are_not_whole():
    images = drawn("235689ABDEGHKMNQRSW", 1)
    labels = np.array(list("235689ABDEGHKMNQRSW"))
    with pytest.raises(DataError, match=r"every row of 'A' looks like a test image"):
        _apart_from(images, labels, [images[6:7]])


def test_a_missing_folder_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(character_rows, "_mnist_rows", lambda data_dir: (np.zeros((0, 28, 28)), []))
    character_rows._all_rows.cache_clear()
    with pytest.raises(DataError, match=r"emnist_train\.npz is missing: point --data-dir"):
        character_rows.character_data(tmp_path)


def test_no_row_that_is_kept_looks_like_an_image_of_mnists_test(data_dir):
    """Of EMNIST's digits, as many as take a second; the rule is the same for all."""
    part = nist_part(data_dir, "emnist_train")
    digits = np.char.isdigit(part["label26"])
    images, labels = part["images"][digits][:3000], part["label26"][digits][:3000]
    tests = mnist(data_dir, "test")[0]
    keep, shares = _apart_from(images, labels, [tests])
    assert 0.75 < keep.mean() < 0.97
    assert shares[keep].sum() == pytest.approx(len(images))


def test_held_out_rows_are_every_so_many_of_all(data_dir):
    rows = character_rows.held_out_rows(data_dir)
    images, _, source = character_rows._all_rows(data_dir)
    count = -(-len(images) // HOLD_OUT)
    np.testing.assert_array_equal(rows.images[:count], images[::HOLD_OUT])
    assert len(rows) > count
    assert set(source) == {"MNIST", "EMNIST", "SD19"}
