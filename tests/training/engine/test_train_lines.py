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

pytestmark = pytest.mark.slow

RECIPE = dataclasses.replace(LINE_RECIPES["digits"], lines=64, batch_size=8, epochs=1)


def test_a_batch_pads_strips_to_a_multiple_of_32_and_labels_with_minus_1():
    lines = [("7", np.ones((32, 30), np.float32)), ("2 0", np.ones((32, 70), np.float32))]
    strips, labels = train_lines.batch(lines, RECIPE)
    assert strips.shape == (2, 32, 96, 1)
    assert strips.sum() == 32 * 100
    assert labels.tolist() == [[7, -1], [2, 0]]


def test_the_loss_sums_over_all_alignments():
    """One character in two frames: it may be in the first, the second, or both."""
    logits = tf.math.log([[[0.3, 0.2, 0.5], [0.6, 0.1, 0.3]]])
    loss = float(train_lines.ctc_loss([[0]], logits)[0])
    assert np.exp(-loss) == pytest.approx(0.3 * 0.6 + 0.3 * 0.3 + 0.5 * 0.6, rel=1e-4)


def test_class_0_is_not_taken_for_padding():
    logits = tf.constant([[[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]])
    right, wrong = (float(train_lines.ctc_loss([text], logits)[0]) for text in ([0, 0], [0, 1]))
    assert right < 0.1 < wrong


def test_each_cycle_rises_and_falls_and_peaks_lower_than_the_one_before():
    rate = train_lines.Cycles(0.002, 100)
    rates = [float(rate(step)) for step in range(201)]
    assert rates[0] == rates[100] == rates[200] == 0
    assert rates[5] == max(rates) == pytest.approx(0.002)
    assert rates[105] == max(rates[100:]) == pytest.approx(0.0012)
    assert rates[99] < 0.00001
    restored = train_lines.Cycles.from_config(rate.get_config())
    assert [float(restored(step)) for step in range(201)] == rates


@pytest.fixture(scope="module")
def trained(samples, tmp_path_factory):
    """A recipe of two classes, its held-out lines, a folder, the network after an epoch and its history."""
    folder = tmp_path_factory.mktemp("lines")
    recipe = dataclasses.replace(RECIPE, classes=("2", "7", ""), text="number")
    patch = pytest.MonkeyPatch()
    patch.setattr(train_lines.text_lines, "number", lambda rng: "".join(rng.choice(["2", "7"], 2)))
    source = train_lines.character_source(samples, recipe)
    held_out = train_lines.synthesize(source, recipe, 16, np.random.default_rng(0))
    model, history = train_lines.train(recipe, samples, held_out, folder / "first", resume=False)
    yield recipe, held_out, folder, model, history
    patch.undo()


def test_training_lowers_the_loss(trained):
    recipe, held_out, _, model, _ = trained
    strips, labels = train_lines.batch(held_out, recipe)
    untrained = line_reader(len(recipe.classes), recipe.high)
    before, after = (
        float(np.mean(train_lines.ctc_loss(labels, network(strips, training=True))))
        for network in (untrained, model)
    )
    assert after < before


def test_training_resumes_after_the_last_epoch(trained, samples):
    recipe, held_out, folder, model, history = trained
    longer = dataclasses.replace(recipe, epochs=2)
    train_lines.train(recipe, samples, held_out, folder / "second", resume=False)
    resumed, longer_history = train_lines.train(longer, samples, held_out, folder / "second", resume=True)
    assert longer_history[0] == history[0]
    assert longer_history[1]["loss"] != history[0]["loss"]
    assert 0 <= longer_history[1]["held_out"] <= 1
    assert int(resumed.optimizer.iterations) == 2 * int(model.optimizer.iterations)


def test_a_saved_line_network_loads_and_computes_the_same(trained, tmp_path):
    recipe, _, _, model, history = trained
    train_lines.save(recipe, model, history, {"drawn": "0" * 64}, tmp_path)
    loaded = load_model("digits", tmp_path)
    assert loaded.classes == ("2", "7", "")
    strips = np.random.default_rng(0).random((3, 32, 50)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(model(strips[..., None], training=False))
    np.testing.assert_allclose(loaded.logits(strips), expected, atol=1e-4)


def test_the_shipped_networks_match_their_recipes_and_are_small():
    for name, recipe in LINE_RECIPES.items():
        card = json.loads((LINES / f"{name}.json").read_text())
        assert card["classes"] == list(recipe.classes)
        assert card["parameters"] == line_reader(len(recipe.classes), recipe.high).count_params() < 1e6
        assert card["tall"] == recipe.tall
        assert (LINES / f"{name}.keras").stat().st_size < 4e6
