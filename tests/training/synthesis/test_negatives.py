import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.negatives import MAKERS, nothing


def parents() -> list[np.ndarray]:
    drawn = (1 - picture(label).astype(np.float32) / 255 for label in "5HR")
    return [np.rint(255 * glyph(ink, "emnist")).astype(np.uint8) for ink in drawn]


@pytest.mark.parametrize("recipe", ["mnist", "emnist"])
def test_what_is_nothing_looks_like_a_glyph(recipe):
    rng = np.random.default_rng(1)
    for _ in range(60):
        made = nothing(parents(), recipe, 28, rng)
        assert made.shape == (28, 28)
        assert made.dtype == np.float32
        assert made.max() == pytest.approx(1, abs=1e-3)
        assert made.min() >= 0


@pytest.mark.parametrize(("maker", "_"), MAKERS, ids=lambda one: getattr(one, "__name__", ""))
def test_every_maker_makes_many_things_from_one_seed(maker, _):
    def made() -> list[bytes]:
        rng = np.random.default_rng(3)
        return [maker(parents(), rng).tobytes() for _ in range(8)]

    assert made() == made()
    assert len(set(made())) == 8


def test_several_characters_are_wider_than_one():
    several, _ = MAKERS[0]
    rng = np.random.default_rng(2)
    for _ in range(20):
        ink = several([np.rot90(parents()[0])] * 3, rng)  # a 5 on its side
        columns = np.nonzero(ink.max(axis=0) > 0.5)[0]
        rows = np.nonzero(ink.max(axis=1) > 0.5)[0]
        assert np.ptp(columns) > 1.3 * np.ptp(rows)


def test_what_is_nothing_is_no_copy_of_a_sample():
    made = nothing(parents(), "emnist", 28, np.random.default_rng(0))
    for label in STROKES:
        whole = glyph(1 - picture(label).astype(np.float32) / 255, "emnist")
        assert np.abs(made - whole).mean() > 0.02
