import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.scribbles import scribbles_and_fragments


def letter_glyphs(side: int) -> np.ndarray:
    letters = [glyph(1 - picture(label).astype(np.float32) / 255, "emnist", side) for label in STROKES]
    return np.rint(255 * np.stack(letters)).astype(np.uint8)


def test_no_letters_give_no_negatives():
    assert scribbles_and_fragments(np.zeros((0, 28, 28), np.uint8), np.random.default_rng(1)).shape == (
        0,
        28,
        28,
    )


@pytest.mark.parametrize("side", [28, 56])
def test_scribbles_and_fragments_fill_their_frame_like_letters(side):
    letters = letter_glyphs(side)
    negatives = scribbles_and_fragments(letters, np.random.default_rng(1))
    assert negatives.shape == (2 * len(letters), side, side)
    assert negatives.dtype == np.uint8
    assert (negatives.max(axis=(1, 2)) == 255).all()
    for image in negatives:
        rows, columns = np.nonzero(image > 76)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.7 * side


def test_same_seed_gives_the_same_negatives():
    first, second = (scribbles_and_fragments(letter_glyphs(28), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
