import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from recognizer.glyphs import glyph
from recognizer.models import WEIGHTS, load_model, read_card
from tests.characters import STROKES, picture
from tests.conftest import RECIPE
from training import priors
from training import ship as ship_module
from training import train as train_module
from training import warm_start as warm_start_module
from training.batches import Batches
from training.browser import ROOT
from training.checkpoints import CheckpointError
from training.distillation import EARLIER_WEIGHTS
from training.official import DataError
from training.recipe import TrainingRecipe
from training.recipes import RECIPES
from training.ship import mean
from training.train import compiled, make, network, save, train


def test_a_resumed_run_ends_as_one_that_was_not_stopped(samples, tmp_path, monkeypatch):
    samples = samples.rows(np.arange(200) % len(samples))  # a dozen batches, which have an order
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


def test_a_broken_checkpoint_says_what_to_do(samples, tmp_path):
    train(dataclasses.replace(RECIPE, epochs=1), samples, samples, tmp_path / "run", resume=False)
    (tmp_path / "run" / "epoch.keras").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"epoch\.keras is damaged.*delete the folder .*run"):
        train(RECIPE, samples, samples, tmp_path / "run", resume=True)


def test_without_the_weights_to_begin_with_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_start_module, "EARLIER_WEIGHTS", tmp_path)
    with pytest.raises(DataError, match=rf"python -m training\.train {RECIPES['letters'].start}$"):
        compiled(RECIPES["letters"], steps=10)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["cyrillic"], 2, "letters-27-56"),
    (["letters", "--data-dir", "{}"], 1, "could not be had"),
    (["letters-27-56", "--data-dir", "{}"], 1, "--data-dir"),
    (["digits", "--strategy", "multi-worker"], 1, "TF_CONFIG"),
    (["digits", "--strategy", "mirrored", "--corrections", "mine.zip"], 2, "nor a --strategy"),
])  # fmt: skip
def test_what_cannot_be_trained_says_so_and_leaves_weights_alone(
    arguments, code, message, monkeypatch, tmp_path
):
    before = {path: path.stat().st_mtime for path in WEIGHTS.iterdir()}
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    run = subprocess.run(
        [sys.executable, "-m", "training.train", *(one.format(tmp_path) for one in arguments)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == code
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert {path: path.stat().st_mtime for path in WEIGHTS.iterdir()} == before


def test_weights_that_cannot_be_written_whole_are_not_written(samples, tmp_path, monkeypatch):
    model, history = train(RECIPE, samples, samples, tmp_path / "run", resume=False)
    monkeypatch.setattr(ship_module, "write_card", lambda path, card: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(RECIPE, model, history, samples, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_letters_begin_with_what_alphanumeric_knows():
    letters = compiled(RECIPES["letters-1"], steps=10)
    alphanumeric = keras.saving.load_model(EARLIER_WEIGHTS / "alphanumeric-3.keras", compile=False)
    glyphs = np.stack([glyph(1 - picture(label).astype(np.float32) / 255, "emnist") for label in STROKES])
    by_case = np.asarray(alphanumeric(glyphs[..., None]))
    capital, small = by_case[:, 10:36], by_case[:, 36:62]
    np.testing.assert_allclose(letters(glyphs[..., None])[:, :26], np.maximum(capital, small), atol=1e-4)


def test_a_network_may_begin_as_an_earlier_one_of_its_classes():
    begun, recipe = compiled(RECIPES["digits"], steps=10), RECIPES["digits"]
    earlier = keras.saving.load_model(EARLIER_WEIGHTS / f"{recipe.start}.keras", compile=False)
    for one, other in zip(begun.get_weights(), earlier.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


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
    assert card["risk"][0][:2] == [0.0, len(samples)]
    keras.saving.load_model(tmp_path / "digits.keras", safe_mode=True)  # plain layers, nothing of ours


def test_training_never_reads_other_peoples_hands():
    code = "import sys, training.train; print('training.wild' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip()
        == b"False"
    )


def test_what_is_shipped_may_be_the_mean_with_an_earlier_model():
    recipe = RECIPES["digits-7"]
    path = EARLIER_WEIGHTS / f"{recipe.mean_with}.keras"
    earlier = keras.saving.load_model(path, compile=False).get_weights()
    trained = _all(1, recipe)
    alone = mean(dataclasses.replace(recipe, mean_with=""), trained, np.ones(11))
    assert all((one == 1).all() for one in alone)
    for one, other in zip(mean(recipe, trained, np.ones(11)), earlier, strict=True):
        share = recipe.own_share
        np.testing.assert_allclose(one, share + (1 - share) * other, rtol=1e-5, atol=1e-6)


def test_a_mean_that_is_all_of_a_smaller_network_answers_as_that_does():
    recipe = RECIPES["digits-9"]
    earlier = keras.saving.load_model(EARLIER_WEIGHTS / f"{recipe.mean_with}.keras", compile=False)
    model = network(recipe)
    assert model.count_params() > earlier.count_params()
    model.set_weights(mean(dataclasses.replace(recipe, own_share=0.0), model, np.ones(11)))
    glyphs = np.random.default_rng(1).random((4, 28, 28, 1), np.float32)
    np.testing.assert_allclose(model(glyphs, training=False), earlier(glyphs, training=False), atol=1e-4)


def _all(value: float, recipe: TrainingRecipe) -> keras.Model:
    """A recipe's network whose weights all are this."""
    model = network(recipe)
    model.set_weights([np.full_like(one, value) for one in model.get_weights()])
    return model


def test_the_mean_with_a_model_that_expects_the_forms_is_one_before_it_does():
    recipe = RECIPES["alphanumeric-5"]
    path = EARLIER_WEIGHTS / f"{recipe.mean_with}.keras"
    earlier = keras.saving.load_model(path, compile=False)
    shipped = [one.copy() for one in earlier.get_weights()]
    frequency = np.append(np.linspace(0.5, 1.5, 62) / 62, 0)
    whole = dataclasses.replace(recipe, own_share=0.0)
    earlier.set_weights(mean(whole, _all(0, recipe), frequency))
    assert not np.allclose(earlier.get_weights()[-1], shipped[-1])
    priors.expect_forms(
        earlier, read_card(recipe.mean_with, EARLIER_WEIGHTS)["temperature"], frequency, recipe.balance
    )
    for one, other in zip(earlier.get_weights(), shipped, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_earlier_model_that_is_missing_is_noticed_before_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr(train_module, "EARLIER_WEIGHTS", tmp_path)
    monkeypatch.setattr(train_module, "training_data", lambda *_: pytest.fail("began"))
    name = RECIPES["digits"].mean_with
    with pytest.raises(DataError, match=rf"{name}\.keras is missing: python -m training\.train {name}"):
        make(RECIPES["digits"], tmp_path, resume=False)
