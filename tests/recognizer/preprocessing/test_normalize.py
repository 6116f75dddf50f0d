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
def test_no_ink_is_an_empty_glyph(recipe):
    result = glyph(np.zeros((50, 80), np.float32), recipe)
    assert result.shape == (28, 28)
    assert not result.any()


def test_an_unknown_recipe_is_refused():
    with pytest.raises(ValueError, match="'mnist' and 'emnist'"):
        glyph(ink("4"), "kmnist")


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("character", sorted(STROKES))
def test_range_type_and_frame(recipe, character):
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


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of two glyphs, up to a pixel of shift: the MNIST recipe shifts by whole pixels."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(float(np.abs(one - np.roll(other, shift, (0, 1))).mean()) for shift in shifts)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("character", "2345ART")
def test_place_size_and_pen_do_not_matter(recipe, character):
    wanted = glyph(ink(character, side=150, pen=14), recipe)
    for side, pen, left, top in ((252, 24, 10, 12), (150, 20, 3, 120), (90, 9, 180, 180), (56, 5, 100, 40)):
        found = glyph(ink(character, side=side, pen=pen, left=left, top=top), recipe)
        assert difference(found, wanted) < 0.06, (side, pen)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("pen", [4, 40])
def test_the_thinnest_and_the_thickest_pen_look_alike(recipe, pen):
    # the path of the pen stays, its width changes: 204 px of path whatever the pen
    wanted = glyph(ink("2", side=204 + 20, pen=20, left=20, top=20), recipe)
    found = glyph(ink("2", side=204 + pen, pen=pen, left=20, top=20), recipe)
    assert difference(found, wanted) < 0.07


def test_twins_in_nist_and_emnist_are_the_same_glyph(data_dir):
    originals, emnist = nist_part(data_dir, "sd19_128_train"), nist_part(data_dir, "emnist_train")
    chosen = np.flatnonzero(originals["also_in_emnist_train"])[::150][:90]
    inks = np.unpackbits(originals["ink_packed"][chosen], axis=-1).astype(np.float32)
    made = np.stack([emnist_glyph(one) for one in inks])
    candidates = emnist["images"].reshape(len(emnist["images"]), -1).astype(np.float32)
    candidates /= np.linalg.norm(candidates, axis=1, keepdims=True)
    twins = emnist["images"][(candidates @ made.reshape(len(made), -1).T).argmax(axis=0)] / 255
    assert np.median(np.abs(made - twins).mean(axis=(1, 2))) < 0.03


def statistics(glyphs: np.ndarray) -> dict[str, float]:
    """What a recipe fixes, averaged over glyphs (N, 28, 28) in [0, 1]."""
    rows, columns = np.indices((28, 28))
    mass = glyphs.sum(axis=(1, 2))
    boxes = np.array([ink_box(one, 0.3) for one in glyphs])
    return {
        "ink": glyphs.mean(),
        "longer side": boxes[:, 2:].max(axis=1).mean(),
        "centre x": ((glyphs * columns).sum(axis=(1, 2)) / mass).mean(),
        "centre y": ((glyphs * rows).sum(axis=(1, 2)) / mass).mean(),
    }


@pytest.mark.parametrize("recipe", RECIPES)
def test_drawn_characters_are_distributed_like_the_set(recipe, data_dir):
    rows = wild.strokes62(data_dir)
    if recipe == "mnist":
        rows = [row for row in rows if row["label"].isdigit()]
        images, labels = mnist(data_dir, "train")
    else:
        part = nist_part(data_dir, "emnist_train")
        images, labels = part["images"], part["label62"]
    drawn = [wild.drawn_freely(rows, seed) for seed in range(4)]
    pictures = [one for pictures, _ in drawn for one in pictures][:1000]
    said = np.concatenate([labels for _, labels in drawn])[:1000]
    # as many of each label from the set as were drawn
    rng = np.random.default_rng(1)
    same = np.concatenate(
        [rng.choice(np.flatnonzero(labels == label), (said == label).sum()) for label in set(said)]
    )
    set_figures = statistics(images[same] / 255)
    drawn_figures = statistics(
        np.stack([glyph(1 - one.astype(np.float32) / 255, recipe) for one in pictures])
    )
    assert drawn_figures["ink"] == pytest.approx(set_figures["ink"], rel=0.15)
    assert drawn_figures["longer side"] == pytest.approx(set_figures["longer side"], abs=1.0)
    assert drawn_figures["centre x"] == pytest.approx(set_figures["centre x"], abs=0.35)
    assert drawn_figures["centre y"] == pytest.approx(set_figures["centre y"], abs=0.35)
