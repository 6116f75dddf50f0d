import numpy as np
import pytest

from recognizer.glyphs import glyph
from tests.characters import STROKES, picture
from training.augment import Augmentation, augment
from training.habits import Habits


def drawn(label: str, recipe: str) -> np.ndarray:
    return np.rint(255 * glyph(1 - picture(label).astype(np.float32) / 255, recipe)).astype(np.uint8)


def test_an_empty_glyph_stays_empty():
    nothing = np.zeros((28, 28), np.uint8)
    assert not augment(nothing, "", "mnist", Augmentation(), np.random.default_rng(1)).any()


@pytest.mark.parametrize("recipe", ["mnist", "emnist"])
def test_every_character_stays_in_range_frame_and_place(recipe):
    rng = np.random.default_rng(1)
    for label in STROKES:
        for _ in range(40):
            image = augment(drawn(label, recipe), label, recipe, Augmentation(), rng)
            assert image.shape == (28, 28)
            assert image.dtype == np.float32
            assert image.min() >= 0
            assert image.max() <= 1
            rows, columns = np.nonzero(image > 0.5)
            assert len(rows) > 10
            assert 6 < rows.mean() < 22
            assert 6 < columns.mean() < 22


def test_the_same_seed_draws_the_same_character():
    make = [
        augment(drawn("4", "mnist"), "4", "mnist", Augmentation(), np.random.default_rng(7)) for _ in range(2)
    ]
    np.testing.assert_array_equal(*make)


def test_an_upstroke_makes_a_one_wider():
    plain = Augmentation(habits=Habits(upstroke=0, foot=0), serif=0, loss=0, slant=0, rotation=0, wobble=0)
    with_upstroke = Augmentation(
        habits=Habits(upstroke=1, foot=0), serif=0, loss=0, slant=0, rotation=0, wobble=0
    )

    def width(how: Augmentation) -> float:
        rng = np.random.default_rng(3)
        images = [augment(drawn("1", "mnist"), "1", "mnist", how, rng) for _ in range(50)]
        return float(np.mean([np.ptp(np.nonzero(image > 0.5)[1]) for image in images]))

    assert width(with_upstroke) > width(plain) + 3
