import cv2
import numpy as np
import pytest

from recognizer.preprocessing.normalize import emnist_glyph, mnist_glyph
from training.data.near_duplicates import near_duplicates, whitened
from training.data.sample_pools import template_glyph


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """Characters drawn from stroke templates: enough of them for the principal components."""
    rng = np.random.default_rng(1)
    labels = "0235689ABDEGHKMNQRSWaeghkmq" * 12
    return np.stack([np.rint(255 * template_glyph(label, rng)).astype(np.uint8) for label in labels])


def test_empty_sets_have_no_near_duplicates(many):
    assert near_duplicates(many[:0], many).shape == (0,)
    assert not near_duplicates(many, many[:0]).any()


def test_same_character_in_another_recipe_is_found(many):
    inks = many[:40].astype(np.float32) / 255
    again = np.stack([np.rint(255 * mnist_glyph(cv2.resize(ink, (112, 112)))) for ink in inks])
    assert near_duplicates(many, again.astype(np.uint8))[:40].mean() >= 0.95


def test_same_character_a_little_smaller_is_found(many):
    inks = [cv2.resize(ink.astype(np.float32) / 255, (100, 100)) for ink in many[:40]]
    again = np.stack([np.rint(255 * emnist_glyph(ink, 2.0)) for ink in inks]).astype(np.uint8)
    assert near_duplicates(many, again)[:40].mean() >= 0.95


def test_another_character_of_the_same_label_is_no_near_duplicate(many):
    half = len(many) // 2
    assert near_duplicates(many[:half], many[half:]).mean() < 0.1


def test_character_is_most_similar_to_itself(many):
    mine, same = whitened(many, many[:30])
    products = same @ mine.T
    assert products.argmax(axis=1).tolist() == list(range(30))
    np.testing.assert_allclose(np.diag(products), 1, atol=1e-4)
