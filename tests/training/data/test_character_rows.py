import numpy as np
import pytest

from training.data import character_rows
from training.data.character_rows import CLASSES, HOLD_OUT, Rows, without_near_duplicates
from training.data.datasets import nist_part
from training.data.official import DataError, mnist
from training.data.sample_pools import template_glyph


def glyphs(labels: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([np.rint(255 * template_glyph(label, rng)).astype(np.uint8) for label in labels])


def test_labels_allow_the_classes_that_they_may_be():
    rows = Rows(glyphs("7aC", 1), np.array(["7", "a", "Cc"]), np.ones(3, np.float32))
    allowed = [{CLASSES[column] for column in np.flatnonzero(row)} for row in rows.allowed()]
    assert allowed == [{"7"}, {"a"}, {"C", "c"}]


def test_near_duplicate_of_a_test_image_is_left_out_and_a_similar_row_counts_for_it():
    text = "0235689ABDEGHKMNQRSWaeghkmq" * 8
    images, labels = glyphs(text, 1), np.array(list(text))
    keep, counts = without_near_duplicates(images, labels, [images[5:7], images[40:41]])
    assert not keep[[5, 6, 40]].any()
    assert keep.mean() > 0.9
    for label in set(text):
        rows = labels == label
        assert counts[rows & keep].sum() == pytest.approx(rows.sum())


def test_label_without_any_row_left_raises_data_error():
    images = glyphs("235689ABDEGHKMNQRSW", 1)
    labels = np.array(list("235689ABDEGHKMNQRSW"))
    with pytest.raises(DataError, match=r"every row of 'A' looks like a test image"):
        without_near_duplicates(images, labels, [images[6:7]])


def test_missing_data_folder_names_the_missing_file(tmp_path, monkeypatch):
    monkeypatch.setattr(character_rows, "_mnist_rows", lambda data_dir: (np.zeros((0, 28, 28)), []))
    character_rows._all_rows.cache_clear()
    with pytest.raises(DataError, match=r"emnist_train\.npz is missing: point --data-dir"):
        character_rows.character_data(tmp_path)


def test_near_duplicates_of_the_mnist_test_are_found_among_emnist_digits(data_dir):
    """On 3,000 digits, which take about a second."""
    part = nist_part(data_dir, "emnist_train")
    digits = np.char.isdigit(part["label26"])
    images, labels = part["images"][digits][:3000], part["label26"][digits][:3000]
    tests = mnist(data_dir, "test")[0]
    keep, counts = without_near_duplicates(images, labels, [tests])
    assert 0.75 < keep.mean() < 0.97
    assert counts[keep].sum() == pytest.approx(len(images))


def test_held_out_rows_are_every_nth_row(data_dir):
    rows = character_rows.held_out_rows(data_dir)
    images, _, source = character_rows._all_rows(data_dir)
    count = -(-len(images) // HOLD_OUT)
    np.testing.assert_array_equal(rows.images[:count], images[::HOLD_OUT])
    assert len(rows) > count
    assert set(source) == {"MNIST", "EMNIST", "SD19"}
