import numpy as np
import pytest

from recognizer.decoding.explanation import heat_on_picture, occlusion_heat
from recognizer.io.decoding import load_image
from recognizer.preprocessing.foreground import find_ink
from tests.characters import STROKES, picture

DELETED_SHARE = 0.1  # of the ink's pixels
RANDOM_DELETIONS = 12  # to compare with the deletion of the hottest ink


def test_glyph_without_ink_has_no_heat():
    assert not occlusion_heat(np.zeros((28, 28), np.float32), lambda glyphs: np.zeros(len(glyphs))).any()
    assert not heat_on_picture(np.zeros((28, 28)), np.zeros((28, 28)), np.zeros((50, 60), np.float32)).any()


def test_ink_that_raises_the_odds_is_hot_and_ink_that_lowers_them_is_cold():
    glyph = np.zeros((28, 28), np.float32)
    glyph[4:24, 6:9] = glyph[4:24, 18:21] = 1
    left_minus_right = np.repeat([1, -1], 14)
    heat = occlusion_heat(glyph, lambda glyphs: (glyphs * left_minus_right).sum(axis=(1, 2)))
    assert (heat[4:24, 6:9] > 0).all()
    assert (heat[4:24, 18:21] < 0).all()
    assert not heat[glyph == 0].any()


def test_heat_lies_on_the_ink_of_the_picture(digits):
    drawn = picture("7", side=170, left=70, top=30)
    explanation = digits.explain(drawn)
    assert explanation.character.label == "7"
    assert explanation.heat.shape == drawn.shape
    assert np.abs(explanation.heat).max() == pytest.approx(1)
    assert not explanation.heat[drawn > 200].any()


@pytest.mark.parametrize("label", sorted(STROKES))
def test_explanation_has_the_same_answer_as_reading(alphanumeric, label):
    read = alphanumeric.character(picture(label))
    explained = alphanumeric.explain(picture(label)).character
    assert (explained.label, explained.reason, explained.box) == (read.label, read.reason, read.box)
    assert explained.probability == pytest.approx(read.probability, abs=1e-4)


def test_explanation_of_a_blank_picture_has_reason_blank_and_no_heat(digits):
    explanation = digits.explain(np.full((60, 80), 255, np.uint8))
    assert explanation.character.reason == "blank"
    assert not explanation.heat.any()


def without(drawn: np.ndarray, deleted: np.ndarray) -> np.ndarray:
    return np.where(deleted, 255, drawn).astype(np.uint8)


def lowest_tenth(values: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The tenth of the ink's pixels with the lowest values, bool (H, W)."""
    ys, xs = np.nonzero(ink)
    order = np.argsort(values[ys, xs], kind="stable")[: round(DELETED_SHARE * len(ys))]
    mask = np.zeros(ink.shape, bool)
    mask[ys[order], xs[order]] = True
    return mask


def test_deleting_the_hottest_tenth_harms_nearly_every_answer_more_than_deleting_a_random_tenth(
    letters, digits
):
    rng, is_faithful = np.random.default_rng(0), []
    for label in sorted(STROKES):
        reader = digits if label.isdigit() else letters
        drawn = picture(label)
        explanation = reader.explain(drawn)
        answer = explanation.character.label
        ink = find_ink(load_image(drawn)) >= 0.5

        def probability_without(deleted, reader=reader, drawn=drawn, answer=answer) -> float:
            return dict(reader.character(without(drawn, deleted)).alternatives).get(answer, 0.0)

        hottest = probability_without(lowest_tenth(-explanation.heat, ink))
        random = [
            probability_without(lowest_tenth(rng.random(ink.shape), ink)) for _ in range(RANDOM_DELETIONS)
        ]
        is_faithful.append(hottest <= np.mean(random))
    assert np.mean(is_faithful) >= 0.85
