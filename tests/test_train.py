import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from recognizer.glyphs import glyph
from recognizer.models import WEIGHTS, load_model
from tests.characters import STROKES, picture
from training.batches import Batches
from training.datasets import Samples
from training.recipes import RECIPES
from training.train import compiled, save, set_loss, train

RECIPE = dataclasses.replace(RECIPES["digits"], settings={"widths": (16, 16, 16)}, epochs=2, batch_size=16)


@pytest.fixture(scope="module")
def samples() -> Samples:
    labels = [label for label in STROKES if label.isdigit()] * 8
    images = [glyph(1 - picture(label).astype(np.float32) / 255, "mnist") for label in labels]
    allowed = np.array([[label == name for name in RECIPE.classes] for label in labels])
    return Samples(
        np.rint(255 * np.stack(images)).astype(np.uint8), allowed, np.array(labels), {"drawn": "0" * 64}
    )


def test_the_loss_over_a_set_is_that_of_its_summed_probability():
    logits = np.array([[2.0, 1.0, -1.0]], np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    for allowed in ([1, 0, 0], [1, 1, 0], [1, 1, 1]):
        wanted = -np.log((probabilities * allowed).sum())
        assert float(set_loss(np.array([allowed], np.float32), logits)[0]) == pytest.approx(wanted, abs=1e-5)


def test_batches_depend_on_seed_epoch_and_number_alone(samples):
    first, again, later = (Batches(samples, RECIPE, epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])


def test_balance_makes_rare_classes_as_frequent(samples):
    rare = samples.rows(np.r_[0 : len(samples), [0] * 400])  # one class is eight times too frequent
    recipe = dataclasses.replace(RECIPE, balance=1.0)
    drawn = np.concatenate([rare.allowed[Batches(rare, recipe, epoch).order] for epoch in range(5)])
    shares = drawn.sum(axis=0) / len(drawn)
    np.testing.assert_allclose(shares[shares > 0], 1 / (shares > 0).sum(), atol=0.04)


def test_a_resumed_run_ends_as_one_that_was_not_stopped(samples, tmp_path, monkeypatch):
    whole, history = train(RECIPE, samples, samples, tmp_path / "whole", resume=False)
    batch = Batches.__getitem__

    def power_cut(self, index):
        if self.epoch == 1:
            raise KeyboardInterrupt
        return batch(self, index)

    with monkeypatch.context() as patched:
        patched.setattr(Batches, "__getitem__", power_cut)
        with pytest.raises(KeyboardInterrupt):
            train(RECIPE, samples, samples, tmp_path / "stopped", resume=False)
    resumed, later = train(RECIPE, samples, samples, tmp_path / "stopped", resume=True)
    assert later == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_letters_begin_with_what_alphanumeric_knows():
    letters, alphanumeric = compiled(RECIPES["letters"], steps=10), load_network("alphanumeric")
    glyphs = np.stack([glyph(1 - picture(label).astype(np.float32) / 255, "emnist") for label in STROKES])
    by_case = np.asarray(alphanumeric(glyphs[..., None]))
    capital, small = by_case[:, 10:36], by_case[:, 36:]
    np.testing.assert_allclose(letters(glyphs[..., None]), np.maximum(capital, small), atol=1e-4)


def load_network(name: str) -> keras.Model:
    return keras.saving.load_model(WEIGHTS / f"{name}.keras", compile=False, safe_mode=True)


def test_what_is_saved_can_be_loaded_and_is_described(samples, tmp_path):
    model, history = train(RECIPE, samples, samples, tmp_path / "run", resume=False)
    save(RECIPE, model, history, samples, tmp_path)
    loaded = load_model("digits", tmp_path)
    glyphs = samples.images[:3] / np.float32(255)
    np.testing.assert_allclose(loaded.logits(glyphs), model(glyphs[..., None], training=False), atol=1e-4)
    card = json.loads((tmp_path / "digits.json").read_text())
    assert card["parameters"] == model.count_params()
    assert card["training_data"] == {"drawn": "0" * 64}
    assert card["hyperparameters"]["epochs"] == 2
    keras.saving.load_model(tmp_path / "digits.keras", safe_mode=True)  # plain layers, nothing of ours


def test_training_never_reads_other_peoples_hands():
    code = "import sys, training.train; print('training.wild' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip()
        == b"False"
    )
