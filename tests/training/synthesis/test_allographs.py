import dataclasses

import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.allographs import ALLOGRAPHS, AllographRates, with_allographs

ALL = AllographRates(
    upstroke=1, foot=1, short_stem=1, tick=1, crossing=1, bow=1, nose=1, hook=1, curl=1, joined=1, flat=1
)
NONE = AllographRates(upstroke=0, foot=0, short_stem=0, tick=0, crossing=0, bow=0, curl=0, joined=0)


def padded_character(label: str, side: int = 28) -> np.ndarray:
    """A character with a blank margin, float32 in [0, 1]."""
    return np.pad(glyph(1 - picture(label).astype(np.float32) / 255, "emnist", side), side // 3)


@pytest.mark.parametrize("label", STROKES)
def test_unknown_label_or_zero_rates_leave_the_image_unchanged(label):
    image = padded_character(label)
    np.testing.assert_array_equal(with_allographs(image, "", ALL, 1, np.random.default_rng(1)), image)
    np.testing.assert_array_equal(with_allographs(image, label, NONE, 1, np.random.default_rng(1)), image)


@pytest.mark.parametrize("label", sorted(set(ALLOGRAPHS) - {"4", "A"}))
@pytest.mark.parametrize("side", [28, 56])
def test_allograph_adds_ink_and_removes_none_whatever_the_shape(label, side):
    added = []
    for shape in STROKES:  # a wrong label must not give stray strokes either
        image = padded_character(shape, side)
        for seed in range(5):
            result = with_allographs(image, label, ALL, side / 28, np.random.default_rng(seed))
            assert result.shape == image.shape
            assert (result >= image).all()
            added.append((result - image).sum() / image.sum())
    assert 0.02 < np.mean(added) < 1.5


def test_short_stem_four_loses_the_top_of_its_stem_and_nothing_below_its_bar():
    image = padded_character("4")
    ys, xs = np.nonzero(image > 0.5)
    for seed in range(8):
        short = with_allographs(image, "4", ALL, 1, np.random.default_rng(seed))
        assert (short < image - 0.5).any()
        erased_ys, erased_xs = np.nonzero(short < image - 0.5)
        assert erased_ys.max() < ys.min() + 0.62 * np.ptp(ys)
        assert erased_xs.min() > xs.min() + 0.3 * np.ptp(xs)
        for shape in STROKES:
            assert with_allographs(padded_character(shape), "4", ALL, 1, np.random.default_rng(seed)).any()


def test_flat_top_a_is_wide_at_the_top_and_unchanged_below():
    image = padded_character("A")
    ys, _ = np.nonzero(image > 0.5)
    widths = []
    for seed in range(8):
        flat = with_allographs(image, "A", ALL, 1, np.random.default_rng(seed))
        top = np.nonzero(flat > 0.5)[0].min()
        widths.append((flat[top] > 0.5).sum())
        middle = ys.min() + np.ptp(ys) // 2
        np.testing.assert_array_equal(flat[middle:], image[middle:])
        for shape in STROKES:
            assert with_allographs(padded_character(shape), "A", ALL, 1, np.random.default_rng(seed)).any()
    assert np.mean(widths) > 2 * (image[ys.min()] > 0.5).sum()


def test_crossed_seven_gets_ink_across_its_middle():
    image = padded_character("7")
    crossed = with_allographs(image, "7", ALL, 1, np.random.default_rng(0))
    rows, _ = np.nonzero(crossed > image + 0.5)
    top, bottom = np.nonzero(image.max(axis=1) > 0.5)[0][[0, -1]]
    assert top + 5 < rows.mean() < bottom - 5


@pytest.mark.parametrize(("label", "allograph"), [("4", "zigzag"), ("7", "hooked"), ("9", "small_loop")])
def test_allograph_gives_a_character_whatever_the_shape_was(label, allograph):
    rates = dataclasses.replace(NONE, **{allograph: 1})
    for shape in STROKES:
        for seed in range(4):
            result = with_allographs(padded_character(shape), label, rates, 1, np.random.default_rng(seed))
            assert result.shape == padded_character(shape).shape
            assert result.min() >= 0
            assert 0.5 < result.max() <= 1


def test_zigzag_four_stands_on_a_stem_to_the_right_of_its_corner():
    offsets = []
    for seed in range(8):
        four = with_allographs(
            padded_character("4"), "4", dataclasses.replace(NONE, zigzag=1), 1, np.random.default_rng(seed)
        )
        ys, xs = np.nonzero(four > 0.5)
        foot, corner = xs[ys == ys.max()], xs[ys < ys.max() - 2].min()
        assert np.ptp(foot) < 4
        offsets.append((foot.mean() - corner) / np.ptp(ys))
    assert min(offsets) > 0
    assert np.mean(offsets) > 0.2


def test_small_loop_nine_has_less_ink():
    image = padded_character("0")
    nine = np.maximum(np.roll(image, -4, axis=0), 0)
    nine[26:34, 30:32] = 1  # a stem below
    for seed in range(8):
        small = with_allographs(
            nine, "9", dataclasses.replace(NONE, small_loop=1), 1, np.random.default_rng(seed)
        )
        assert (small > 0.5).sum() < (nine > 0.5).sum()
