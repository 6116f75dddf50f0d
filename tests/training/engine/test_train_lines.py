import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from recognizer.models.store import LINES, load_model
from training.engine import train_lines
from training.models.architectures import line_reader
from training.recipes import LINE_RECIPES

RECIPE = dataclasses.replace(LINE_RECIPES["digits"], lines=64, batch_size=8, epochs=1)


def test_a_batch_is_as_wide_as_its_widest_and_says_where_texts_end():
    made = [("7", np.ones((32, 30), np.float32)), ("2 0", np.ones((32, 70), np.float32))]
    strips, labels = train_lines.batch(made, RECIPE)
    assert strips.shape == (2, 32, 96, 1)
    assert strips.sum() == 32 * 100
    assert labels.tolist() == [[7, -1], [2, 0]]


def test_the_loss_is_that_of_the_text_however_it_is_placed():
    """Two places, one character: it may be at the first, the second, or both."""
    logits = tf.math.log([[[0.3, 0.2, 0.5], [0.6, 0.1, 0.3]]])
    loss = float(train_lines.ctc_loss([[0]], logits)[0])
    assert np.exp(-loss) == pytest.approx(0.3 * 0.6 + 0.3 * 0.3 + 0.5 * 0.6, rel=1e-4)


def test_a_first_class_of_a_text_counts_too():
    sure = tf.constant([[[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]])
    right, other = (float(train_lines.ctc_loss([text], sure)[0]) for text in ([0, 0], [0, 1]))
    assert right < 0.1 < other


def test_the_rate_rises_and_falls_and_begins_again_lower():
    rate = train_lines.Cycles(0.002, 100)
    rates = [float(rate(step)) for step in range(201)]
    assert rates[0] == rates[100] == rates[200] == 0
    assert rates[5] == max(rates) == pytest.approx(0.002)
    assert rates[105] == max(rates[100:]) == pytest.approx(0.0012)
    assert rates[99] < 0.00001
    again = train_lines.Cycles.from_config(rate.get_config())
    assert [float(again(step)) for step in range(201)] == rates


@pytest.fixture(scope="module")
def trained(samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lines")
    source = train_lines.source_of(samples, dataclasses.replace(RECIPE, classes=("2", "7", "")))
    text = dataclasses.replace(RECIPE, classes=("2", "7", ""), text="number")
    patch = pytest.MonkeyPatch()
    patch.setattr(train_lines.written, "number", lambda rng: "".join(rng.choice(["2", "7"], 2)))
    held_out = train_lines.made_lines(source, text, 16, np.random.default_rng(0))
    model, history = train_lines.train(text, samples, held_out, folder / "first", resume=False)
    yield text, held_out, folder, model, history
    patch.undo()


def test_training_lowers_the_loss(trained):
    recipe, held_out, _, model, _ = trained
    strips, labels = train_lines.batch(held_out, recipe)
    fresh = line_reader(len(recipe.classes), recipe.high)
    before, after = (
        float(np.mean(train_lines.ctc_loss(labels, one(strips, training=True)))) for one in (fresh, model)
    )
    assert after < before


def test_training_resumes_after_the_last_epoch(trained, samples):
    recipe, held_out, folder, model, history = trained
    longer = dataclasses.replace(recipe, epochs=2)
    train_lines.train(recipe, samples, held_out, folder / "second", resume=False)
    resumed, both = train_lines.train(longer, samples, held_out, folder / "second", resume=True)
    assert both[0] == history[0]
    assert both[1]["loss"] != both[0]["loss"]
    assert 0 <= both[1]["held_out"] <= 1
    assert int(resumed.optimizer.iterations) == 2 * int(model.optimizer.iterations)


def test_what_is_saved_loads_as_a_model_of_lines(trained, tmp_path):
    recipe, _, _, model, history = trained
    train_lines.save(recipe, model, history, {"drawn": "0" * 64}, tmp_path)
    loaded = load_model("digits", tmp_path)
    assert loaded.classes == ("2", "7", "")
    strips = np.random.default_rng(0).random((3, 32, 50)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(model(strips[..., None], training=False))
    np.testing.assert_allclose(loaded.logits(strips), expected, atol=1e-4)


def test_the_shipped_networks_are_the_recipes_and_small():
    for name, recipe in LINE_RECIPES.items():
        card = json.loads((LINES / f"{name}.json").read_text())
        assert card["classes"] == list(recipe.classes)
        assert card["parameters"] == line_reader(len(recipe.classes), recipe.high).count_params() < 1e6
        assert card["tall"] == recipe.tall
        assert (LINES / f"{name}.keras").stat().st_size < 4e6
