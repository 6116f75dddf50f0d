import numpy as np
import pytest

from recognizer.preprocessing.foreground import ink_box
from recognizer.preprocessing.normalize import emnist_glyph, glyph
from tests.characters import STROKES, picture
from training.data import wild
from training.data.datasets import nist_part
from training.data.official import mnist

RECIPES = ("mnist", "emnist")


def ink(*arguments, **options) -> np.ndarray:
    return 1 - picture(*arguments, **options).astype(np.float32) / 255


@pytest.mark.parametrize("recipe", RECIPES)
def test_picture_without_ink_gives_an_empty_glyph(recipe):
    result = glyph(np.zeros((50, 80), np.float32), recipe)
    assert result.shape == (28, 28)
    assert not result.any()


@pytest.mark.parametrize(("recipe", "side"), [("kmnist", 28), ("mnist", 56)])
def test_unknown_recipe_or_size_is_refused(recipe, side):
    with pytest.raises(ValueError, match="choose 'mnist' at 28 pixels, or 'emnist'"):
        glyph(ink("4"), recipe, side)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("character", sorted(STROKES))
def test_glyph_has_the_range_type_and_frame_of_its_recipe(recipe, character):
    result = glyph(ink(character), recipe)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() == pytest.approx(1, abs=1e-3)
    if recipe == "mnist":
        rows, columns = np.indices((28, 28))
        assert (rows * result).sum() / result.sum() == pytest.approx(14, abs=0.6)
        assert (columns * result).sum() / result.sum() == pytest.approx(14, abs=0.6)
        assert max(ink_box(result, 0.01)[2:]) == 20
    else:
        x, y, width, height = ink_box(result, 0.3)
        assert x + width / 2 == pytest.approx(14, abs=1)
        assert y + height / 2 == pytest.approx(14, abs=1)
        assert max(width, height) in (22, 23, 24)


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Mean difference of two glyphs, at the best shift by a pixel: the MNIST recipe rounds its shift."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(float(np.abs(first - np.roll(second, shift, (0, 1))).mean()) for shift in shifts)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("character", "2345ART")
def test_place_size_and_pen_do_not_change_the_glyph(recipe, character):
    expected = glyph(ink(character, side=150, pen=14), recipe)
    for side, pen, left, top in ((252, 24, 10, 12), (150, 20, 3, 120), (90, 9, 180, 180), (56, 5, 100, 40)):
        result = glyph(ink(character, side=side, pen=pen, left=left, top=top), recipe)
        assert difference(result, expected) < 0.06, (side, pen)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("pen", [4, 40])
def test_thinnest_and_thickest_pen_give_the_glyph_of_a_usual_pen(recipe, pen):
    path_side = 204  # pixels; a side includes the pen, and the path is to be the same for every pen
    expected = glyph(ink("2", side=path_side + 20, pen=20, left=20, top=20), recipe)
    result = glyph(ink("2", side=path_side + pen, pen=pen, left=20, top=20), recipe)
    assert difference(result, expected) < 0.07


def test_emnist_recipe_makes_emnist_from_nist_originals(data_dir):
    originals, emnist = nist_part(data_dir, "sd19_128_train"), nist_part(data_dir, "emnist_train")
    chosen = np.flatnonzero(originals["also_in_emnist_train"])[::150][:90]
    inks = np.unpackbits(originals["ink_packed"][chosen], axis=-1).astype(np.float32)
    glyphs = np.stack([emnist_glyph(character) for character in inks])
    candidates = emnist["images"].reshape(len(emnist["images"]), -1).astype(np.float32)
    candidates /= np.linalg.norm(candidates, axis=1, keepdims=True)
    nearest = (candidates @ glyphs.reshape(len(glyphs), -1).T).argmax(axis=0)
    assert np.median(np.abs(glyphs - emnist["images"][nearest] / 255).mean(axis=(1, 2))) < 0.03


def statistics(glyphs: np.ndarray) -> dict[str, float]:
    """The properties that a recipe fixes, averaged over glyphs (N, 28, 28) in [0, 1]."""
    rows, columns = np.indices((28, 28))
    mass = glyphs.sum(axis=(1, 2))
    boxes = np.array([ink_box(image, 0.3) for image in glyphs])
    return {
        "ink": glyphs.mean(),
        "longer side": boxes[:, 2:].max(axis=1).mean(),
        "centre x": ((glyphs * columns).sum(axis=(1, 2)) / mass).mean(),
        "centre y": ((glyphs * rows).sum(axis=(1, 2)) / mass).mean(),
    }


@pytest.mark.parametrize("recipe", RECIPES)
def test_glyphs_drawn_statistics_characters_have_the_statistics_of_the_training_set(recipe, data_dir):
    rows = wild.strokes62(data_dir)
    if recipe == "mnist":
        rows = [row for row in rows if row["label"].isdigit()]
        images, labels = mnist(data_dir, "train")
    else:
        part = nist_part(data_dir, "emnist_train")
        images, labels = part["images"], part["label62"]
    rounds = [wild.drawn_freely(rows, seed) for seed in range(4)]
    drawn = [canvas for canvases, _ in rounds for canvas in canvases][:1000]
    drawn_labels = np.concatenate([round_labels for _, round_labels in rounds])[:1000]
    # from the training set as many of each label as were drawn
    rng = np.random.default_rng(1)
    chosen = np.concatenate([
        rng.choice(np.flatnonzero(labels == label), (drawn_labels == label).sum())
        for label in set(drawn_labels)
    ])  # fmt: skip
    set_statistics = statistics(images[chosen] / 255)
    drawn_statistics = statistics(
        np.stack([glyph(1 - canvas.astype(np.float32) / 255, recipe) for canvas in drawn])
    )
    assert drawn_statistics["ink"] == pytest.approx(set_statistics["ink"], rel=0.15)
    assert drawn_statistics["longer side"] == pytest.approx(set_statistics["longer side"], abs=1.0)
    assert drawn_statistics["centre x"] == pytest.approx(set_statistics["centre x"], abs=0.35)
    assert drawn_statistics["centre y"] == pytest.approx(set_statistics["centre y"], abs=0.35)
