import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.allographs import AllographRates
from training.synthesis.augment import Augmentation, augment


def character_glyph(label: str, recipe: str, side: int = 28) -> np.ndarray:
    return np.rint(255 * glyph(1 - picture(label).astype(np.float32) / 255, recipe, side)).astype(np.uint8)


def test_blank_glyph_stays_blank():
    blank = np.zeros((28, 28), np.uint8)
    assert not augment(blank, "", "mnist", Augmentation(), np.random.default_rng(1)).any()


@pytest.mark.parametrize(
    "how", [Augmentation(), Augmentation(as_read=1), Augmentation(habits=AllographRates(joined=1))]
)
@pytest.mark.parametrize(("recipe", "side"), [("mnist", 28), ("emnist", 28), ("emnist", 56)])
def test_augmented_character_stays_in_range_in_size_and_in_place(recipe, side, how):
    rng = np.random.default_rng(1)
    unit = side / 28
    for label in STROKES:
        for _ in range(20):
            image = augment(character_glyph(label, recipe, side), label, recipe, how, rng)
            assert image.shape == (side, side)
            assert image.dtype == np.float32
            assert image.min() >= 0
            assert image.max() <= 1
            rows, columns = np.nonzero(image > 0.5)
            assert len(rows) > 10 * unit
            assert 6 < rows.mean() / unit < 22
            assert 6 < columns.mean() / unit < 22


def test_heavy_pen_closes_loops(monkeypatch):
    monkeypatch.setattr("training.synthesis.augment.OTHER_PENS", (0.3, 0.32))
    how = Augmentation(as_read=1, serif=0, loss=0, slant=0, rotation=0, wobble=0, thinner=0, thicker=0)
    plain, rng = character_glyph("A", "emnist"), np.random.default_rng(2)
    heavy = np.mean([augment(plain, "", "emnist", how, rng) for _ in range(30)], axis=0)
    inner = slice(9, 11), slice(13, 15)  # under the tip of the A
    assert plain[inner].mean() / 255 < 0.4
    assert heavy[inner].mean() > 0.7


def test_same_seed_gives_the_same_glyph():
    glyphs = [
        augment(character_glyph("4", "mnist"), "4", "mnist", Augmentation(), np.random.default_rng(7))
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*glyphs)


def test_upstroke_makes_a_one_wider():
    plain = Augmentation(
        habits=AllographRates(upstroke=0, foot=0), serif=0, loss=0, slant=0, rotation=0, wobble=0
    )
    with_upstroke = Augmentation(
        habits=AllographRates(upstroke=1, foot=0), serif=0, loss=0, slant=0, rotation=0, wobble=0
    )

    def width(how: Augmentation) -> float:
        rng = np.random.default_rng(3)
        images = [augment(character_glyph("1", "mnist"), "1", "mnist", how, rng) for _ in range(50)]
        return float(np.mean([np.ptp(np.nonzero(image > 0.5)[1]) for image in images]))

    assert width(with_upstroke) > width(plain) + 3
