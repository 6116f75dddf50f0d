import numpy as np

from recognizer.glyphs import glyph
from tests.characters import STROKES, picture
from training.official import mnist
from training.twins import standing_in


def glyphs(labels, recipe: str, **how) -> np.ndarray:
    inks = (1 - picture(label, **how).astype(np.float32) / 255 for label in labels)
    return np.stack([np.rint(255 * glyph(ink, recipe)).astype(np.uint8) for ink in inks])


def test_a_digit_is_found_in_another_recipe_and_no_other_is():
    labels = [label for label in STROKES if label.isdigit()]
    mine = glyphs(labels, "emnist")
    assert standing_in(mine, glyphs(labels, "mnist")).all()
    for row, label in enumerate(labels):
        others = glyphs([other for other in labels if other != label], "mnist")
        assert not standing_in(mine[row : row + 1], others).any(), label


def test_another_width_for_the_height_is_another_character():
    zero = glyphs("0", "mnist")
    narrow = np.zeros_like(zero)
    narrow[:, :, 9:19] = zero[:, :, 4:24:2]
    assert standing_in(zero, zero).all()
    assert not standing_in(narrow, zero).any()


def test_mnists_own_files_have_almost_no_character_in_common(data_dir):
    train, _ = mnist(data_dir, "train")
    test, _ = mnist(data_dir, "test")
    assert standing_in(test[:300], test[:300]).all()
    assert standing_in(train[:300], test[:100]).mean() < 0.3  # ones and other plain shapes
