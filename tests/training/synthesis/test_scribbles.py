import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.scribbles import no_letters


def drawn(side: int) -> np.ndarray:
    letters = [glyph(1 - picture(label).astype(np.float32) / 255, "emnist", side) for label in STROKES]
    return np.rint(255 * np.stack(letters)).astype(np.uint8)


def test_no_letters_give_nothing():
    assert no_letters(np.zeros((0, 28, 28), np.uint8), np.random.default_rng(1)).shape == (0, 28, 28)


@pytest.mark.parametrize("side", [28, 56])
def test_scribbles_and_fragments_fill_their_frame_as_letters_do(side):
    letters = drawn(side)
    made = no_letters(letters, np.random.default_rng(1))
    assert made.shape == (2 * len(letters), side, side)
    assert made.dtype == np.uint8
    assert (made.max(axis=(1, 2)) == 255).all()
    for image in made:
        rows, columns = np.nonzero(image > 76)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.7 * side


def test_the_seed_decides():
    one, again = (no_letters(drawn(28), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, again)
