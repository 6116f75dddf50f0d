import dataclasses
import json

import keras
import numpy as np
import pytest

from tests.conftest import RECIPE
from tests.training.engine.interrupted import assert_resumed_run_ends_the_same
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError
from training.engine.make import network

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -r requirements-torch.txt")

from training.engine import torch_loop  # noqa: E402
from training.models.torch_network import TorchNetwork, _same_padding  # noqa: E402

pytestmark = pytest.mark.slow

FAST = dataclasses.replace(RECIPE, kernel_rate=1e-2, epochs=3)


def trained(samples, folder, recipe=FAST, resume=False):
    """Train the recipe's network on the samples and evaluate it on the same; return it and its history."""
    keras.utils.set_random_seed(1)
    model = network(recipe)
    validation = samples.images[..., None].astype(np.float32) / 255, samples.allowed.astype(np.float32)
    history = torch_loop.fit(
        recipe, model, lambda epoch: RowBatches(samples, recipe, epoch), validation, folder, resume
    )
    return model, history


def test_the_module_computes_what_the_keras_network_does_and_copies_its_weights_back():
    model = network(RECIPE)
    rng = np.random.default_rng(3)
    model.set_weights([rng.random(weights.shape) * 0.1 + 0.01 for weights in model.get_weights()])
    glyphs = rng.random((4, 28, 28, 1), np.float32)
    module = TorchNetwork(model).eval()
    expected = model.predict(glyphs, verbose=0)
    np.testing.assert_allclose(module(torch.from_numpy(glyphs)).detach(), expected, rtol=1e-4)
    copy = network(RECIPE)
    module.copy_weights_to(copy)
    for weights, expected in zip(copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_the_error_for_an_unsupported_layer_names_it():
    with pytest.raises(TypeError, match=r"no counterpart of AveragePooling2D|supported are convolutions"):
        TorchNetwork(network(dataclasses.replace(RECIPE, architecture="lenet5", settings={})))


@pytest.mark.parametrize(("extent", "size", "stride", "pads"), [
    (28, 5, 1, (2, 2)), (28, 5, 2, (1, 2)), (14, 3, 1, (1, 1)), (7, 3, 2, (1, 1)),
])  # fmt: skip
def test_same_padding_is_that_of_keras(extent, size, stride, pads):
    assert _same_padding(extent, size, stride) == pads


def test_the_loss_falls_and_a_resumed_run_ends_with_the_same_weights(samples, tmp_path):
    samples = samples.rows(np.arange(400) % len(samples))
    whole, history = trained(samples, tmp_path / "whole")
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert json.loads((tmp_path / "whole" / "history.json").read_text()) == history
    assert_resumed_run_ends_the_same(trained, samples, tmp_path / "stopped", whole, history)


def test_the_error_for_a_damaged_checkpoint_says_what_to_do(samples, tmp_path):
    trained(samples, tmp_path / "run", dataclasses.replace(FAST, epochs=1))
    (tmp_path / "run" / "epoch.pt").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"epoch\.pt is damaged.*delete the folder .*run"):
        trained(samples, tmp_path / "run", resume=True)


def test_orthogonalizing_brings_all_singular_values_near_1():
    values = np.random.default_rng(5).normal(size=(12, 40)) @ np.diag(np.logspace(0, -2, 40))
    matrix = torch.from_numpy(values).float()
    update = torch_loop._orthogonalized(matrix)
    singular_values = torch.linalg.svdvals(update)
    assert 0.5 < singular_values.min() < singular_values.max() < 1.3
    np.testing.assert_allclose(torch_loop._orthogonalized(matrix.T), update.T, atol=1e-5)


def test_the_rate_rises_linearly_and_falls_as_a_cosine():
    factors = [torch_loop.one_cycle(done, 0.1) for done in (0.05, 0.1, 0.55, 1.0)]
    np.testing.assert_allclose(factors, [0.5, 1.0, 0.5, 0.0], atol=1e-9)
