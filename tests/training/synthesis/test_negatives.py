import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.negatives import MAKERS, negative


def characters() -> list[np.ndarray]:
    drawn = (1 - picture(label).astype(np.float32) / 255 for label in "5HR")
    return [np.rint(255 * glyph(ink, "emnist")).astype(np.uint8) for ink in drawn]


@pytest.mark.parametrize("recipe", ["mnist", "emnist"])
def test_negative_has_the_shape_and_range_of_a_glyph(recipe):
    rng = np.random.default_rng(1)
    for _ in range(60):
        result = negative(characters(), recipe, 28, rng)
        assert result.shape == (28, 28)
        assert result.dtype == np.float32
        assert result.max() == pytest.approx(1, abs=1e-3)
        assert result.min() >= 0


@pytest.mark.parametrize(("maker", "_"), MAKERS, ids=lambda maker: getattr(maker, "__name__", ""))
def test_maker_is_reproducible_and_varies(maker, _):
    def inks() -> list[bytes]:
        rng = np.random.default_rng(3)
        return [maker(characters(), rng).tobytes() for _ in range(8)]

    assert inks() == inks()
    assert len(set(inks())) == 8


def test_several_characters_are_wider_than_a_single_one():
    several, _ = MAKERS[0]
    rng = np.random.default_rng(2)
    for _ in range(20):
        ink = several([np.rot90(characters()[0])] * 3, rng)  # a 5 on its side
        columns = np.nonzero(ink.max(axis=0) > 0.5)[0]
        rows = np.nonzero(ink.max(axis=1) > 0.5)[0]
        assert np.ptp(columns) > 1.3 * np.ptp(rows)


def test_negative_is_no_copy_of_a_character():
    result = negative(characters(), "emnist", 28, np.random.default_rng(0))
    for label in STROKES:
        whole = glyph(1 - picture(label).astype(np.float32) / 255, "emnist")
        assert np.abs(result - whole).mean() > 0.02
