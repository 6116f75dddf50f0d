import numpy as np
import pytest

from recognizer.decoding.explanation import heat, on_picture
from recognizer.io.decoding import load_image
from recognizer.preprocessing.foreground import find_ink
from tests.characters import STROKES, picture

DELETED = 0.1  # of the ink
RANDOM = 12  # other tenths to compare with


def test_no_ink_has_no_heat():
    assert not heat(np.zeros((28, 28), np.float32), lambda glyphs: np.zeros(len(glyphs))).any()
    assert not on_picture(np.zeros((28, 28)), np.zeros((28, 28)), np.zeros((50, 60), np.float32)).any()


def test_ink_that_the_odds_depend_on_is_hot_and_what_speaks_against_is_cold():
    glyph = np.zeros((28, 28), np.float32)
    glyph[4:24, 6:9] = glyph[4:24, 18:21] = 1
    side = np.repeat([1, -1], 14)
    found = heat(glyph, lambda glyphs: (glyphs * side).sum(axis=(1, 2)))
    assert (found[4:24, 6:9] > 0).all()
    assert (found[4:24, 18:21] < 0).all()
    assert not found[glyph == 0].any()


def test_heat_lies_on_the_persons_own_ink(digits):
    drawn = picture("7", side=170, left=70, top=30)
    explained = digits.explain(drawn)
    assert explained.character.label == "7"
    assert explained.heat.shape == drawn.shape
    assert np.abs(explained.heat).max() == pytest.approx(1)
    assert not explained.heat[drawn > 200].any()


@pytest.mark.parametrize("label", sorted(STROKES))
def test_explaining_changes_no_answer(alphanumeric, label):
    read, explained = alphanumeric.character(picture(label)), alphanumeric.explain(picture(label)).character
    assert (explained.label, explained.reason, explained.box) == (read.label, read.reason, read.box)
    assert explained.probability == pytest.approx(read.probability, abs=1e-4)


def test_a_blank_picture_has_nothing_to_explain(digits):
    explained = digits.explain(np.full((60, 80), 255, np.uint8))
    assert explained.character.reason == "blank"
    assert not explained.heat.any()


def without(drawn: np.ndarray, gone: np.ndarray) -> np.ndarray:
    return np.where(gone, 255, drawn).astype(np.uint8)


def tenth(ink: np.ndarray, first: np.ndarray) -> np.ndarray:
    """A tenth of the ink's pixels: those of the lowest number."""
    ys, xs = np.nonzero(ink)
    order = np.argsort(first[ys, xs], kind="stable")[: round(DELETED * len(ys))]
    gone = np.zeros(ink.shape, bool)
    gone[ys[order], xs[order]] = True
    return gone


def test_deleting_the_hottest_tenth_harms_more_than_a_random_tenth(letters, digits):
    """On nine of ten characters."""
    rng, faithful = np.random.default_rng(0), []
    for label in sorted(STROKES):
        reader = digits if label.isdigit() else letters
        drawn = picture(label)
        explained = reader.explain(drawn)
        name = explained.character.label
        ink = find_ink(load_image(drawn)) >= 0.5

        def left(gone, reader=reader, drawn=drawn, name=name) -> float:
            return dict(reader.character(without(drawn, gone)).alternatives).get(name, 0.0)

        hottest = left(tenth(ink, -explained.heat))
        others = [left(tenth(ink, rng.random(ink.shape))) for _ in range(RANDOM)]
        faithful.append(hottest <= np.mean(others))
    assert np.mean(faithful) >= 0.85
