import dataclasses

import numpy as np
import pytest

from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from training.synthesis.allographs import HABITS, Habits, with_habits

ALL = Habits(
    upstroke=1, foot=1, short_stem=1, tick=1, crossing=1, bow=1, nose=1, hook=1, curl=1, joined=1, flat=1
)
NONE = Habits(upstroke=0, foot=0, short_stem=0, tick=0, crossing=0, bow=0, curl=0, joined=0)


def written(label: str, side: int = 28) -> np.ndarray:
    """A character with room around it."""
    return np.pad(glyph(1 - picture(label).astype(np.float32) / 255, "emnist", side), side // 3)


@pytest.mark.parametrize("label", STROKES)
def test_what_has_no_habit_or_no_chance_stays(label):
    image = written(label)
    np.testing.assert_array_equal(with_habits(image, "", ALL, 1, np.random.default_rng(1)), image)
    np.testing.assert_array_equal(with_habits(image, label, NONE, 1, np.random.default_rng(1)), image)


@pytest.mark.parametrize("label", sorted(set(HABITS) - {"4", "A"}))
@pytest.mark.parametrize("side", [28, 56])
def test_every_habit_adds_ink_to_any_shape_and_takes_none(label, side):
    added = []
    for shape in STROKES:  # also where a label is wrong, no stroke may run astray
        image = written(shape, side)
        for seed in range(5):
            more = with_habits(image, label, ALL, side / 28, np.random.default_rng(seed))
            assert more.shape == image.shape
            assert (more >= image).all()
            added.append((more - image).sum() / image.sum())
    assert 0.02 < np.mean(added) < 1.5


def test_a_four_in_one_stroke_loses_the_top_of_its_stem_and_nothing_below_its_bar():
    image = written("4")
    ys, xs = np.nonzero(image > 0.5)
    for seed in range(8):
        short = with_habits(image, "4", ALL, 1, np.random.default_rng(seed))
        assert (short < image - 0.5).any()
        gone_ys, gone_xs = np.nonzero(short < image - 0.5)
        assert gone_ys.max() < ys.min() + 0.62 * np.ptp(ys)
        assert gone_xs.min() > xs.min() + 0.3 * np.ptp(xs)
        for shape in STROKES:
            assert with_habits(written(shape), "4", ALL, 1, np.random.default_rng(seed)).any()


def test_an_a_with_a_flat_top_is_wide_there_and_as_it_was_below():
    image = written("A")
    ys, _ = np.nonzero(image > 0.5)
    widths = []
    for seed in range(8):
        flat = with_habits(image, "A", ALL, 1, np.random.default_rng(seed))
        top = np.nonzero(flat > 0.5)[0].min()
        widths.append((flat[top] > 0.5).sum())
        middle = ys.min() + np.ptp(ys) // 2
        np.testing.assert_array_equal(flat[middle:], image[middle:])
        for shape in STROKES:
            assert with_habits(written(shape), "A", ALL, 1, np.random.default_rng(seed)).any()
    assert np.mean(widths) > 2 * (image[ys.min()] > 0.5).sum()


def test_a_crossed_seven_has_ink_where_a_plain_one_has_none():
    image = written("7")
    crossed = with_habits(image, "7", ALL, 1, np.random.default_rng(0))
    rows, _ = np.nonzero(crossed > image + 0.5)
    top, bottom = np.nonzero(image.max(axis=1) > 0.5)[0][[0, -1]]
    assert top + 5 < rows.mean() < bottom - 5


@pytest.mark.parametrize(("label", "habit"), [("4", "zigzag"), ("7", "hooked"), ("9", "small_loop")])
def test_a_habit_gives_a_character_whatever_the_shape_was(label, habit):
    how = dataclasses.replace(NONE, **{habit: 1})
    for shape in STROKES:
        for seed in range(4):
            habitual = with_habits(written(shape), label, how, 1, np.random.default_rng(seed))
            assert habitual.shape == written(shape).shape
            assert habitual.min() >= 0
            assert 0.5 < habitual.max() <= 1


def test_a_four_drawn_anew_stands_on_a_stem_at_the_right_of_its_corner():
    aside = []
    for seed in range(8):
        four = with_habits(
            written("4"), "4", dataclasses.replace(NONE, zigzag=1), 1, np.random.default_rng(seed)
        )
        ys, xs = np.nonzero(four > 0.5)
        foot, corner = xs[ys == ys.max()], xs[ys < ys.max() - 2].min()
        assert np.ptp(foot) < 4
        aside.append((foot.mean() - corner) / np.ptp(ys))
    assert min(aside) > 0
    assert np.mean(aside) > 0.2


def test_the_loop_of_a_nine_shrinks_and_its_stem_stays():
    image = written("0")
    nine = np.maximum(np.roll(image, -4, axis=0), 0)
    nine[26:34, 30:32] = 1  # a stem below
    for seed in range(8):
        small = with_habits(
            nine, "9", dataclasses.replace(NONE, small_loop=1), 1, np.random.default_rng(seed)
        )
        assert (small > 0.5).sum() < (nine > 0.5).sum()
