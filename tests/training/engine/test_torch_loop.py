import dataclasses
import json

import keras
import numpy as np
import pytest

from tests.conftest import RECIPE
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError
from training.engine.make import network

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -r requirements-torch.txt")

from training.engine import torch_loop  # noqa: E402
from training.models.torch_network import TorchNetwork, _same  # noqa: E402

FAST = dataclasses.replace(RECIPE, kernel_rate=1e-2, epochs=3)


def trained(samples, folder, recipe=FAST, resume=False):
    """The recipe's network and history, after training on the samples, which are held out too."""
    keras.utils.set_random_seed(1)
    model = network(recipe)
    validation = samples.images[..., None].astype(np.float32) / 255, samples.allowed.astype(np.float32)
    history = torch_loop.fit(
        recipe, model, lambda epoch: RowBatches(samples, recipe, epoch), validation, folder, resume
    )
    return model, history


def test_the_module_answers_as_the_keras_network_and_gives_its_weights_back():
    model = network(RECIPE)
    rng = np.random.default_rng(3)
    model.set_weights([rng.random(one.shape) * 0.1 + 0.01 for one in model.get_weights()])
    glyphs = rng.random((4, 28, 28, 1), np.float32)
    module = TorchNetwork(model).eval()
    wanted = model.predict(glyphs, verbose=0)
    np.testing.assert_allclose(module(torch.from_numpy(glyphs)).detach(), wanted, rtol=1e-4)
    other = network(RECIPE)
    module.give(other)
    for one, same in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)


def test_a_layer_that_has_no_counterpart_is_named():
    with pytest.raises(TypeError, match=r"PyTorch is given no AveragePooling2D|only convolutions"):
        TorchNetwork(network(dataclasses.replace(RECIPE, architecture="lenet5", settings={})))


@pytest.mark.parametrize(("extent", "size", "step", "pads"), [
    (28, 5, 1, (2, 2)), (28, 5, 2, (1, 2)), (14, 3, 1, (1, 1)), (7, 3, 2, (1, 1)),
])  # fmt: skip
def test_padding_is_that_of_keras(extent, size, step, pads):
    assert _same(extent, size, step) == pads


def test_it_learns_and_a_resumed_run_ends_as_one_that_was_not_stopped(samples, tmp_path, monkeypatch):
    samples = samples.rows(np.arange(400) % len(samples))
    whole, history = trained(samples, tmp_path / "whole")
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert json.loads((tmp_path / "whole" / "history.json").read_text()) == history
    batch = RowBatches.__getitem__

    def power_cut(self, index):
        if self.epoch == 1:
            raise KeyboardInterrupt
        return batch(self, index)

    with monkeypatch.context() as patched:
        patched.setattr(RowBatches, "__getitem__", power_cut)
        with pytest.raises(KeyboardInterrupt):
            trained(samples, tmp_path / "stopped")
    resumed, later = trained(samples, tmp_path / "stopped", resume=True)
    assert later == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_broken_checkpoint_says_what_to_do(samples, tmp_path):
    trained(samples, tmp_path / "run", dataclasses.replace(FAST, epochs=1))
    (tmp_path / "run" / "epoch.pt").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"epoch\.pt is damaged.*delete the folder .*run"):
        trained(samples, tmp_path / "run", resume=True)


def test_an_update_of_muon_goes_as_far_in_every_direction():
    values = np.random.default_rng(5).normal(size=(12, 40)) @ np.diag(np.logspace(0, -2, 40))
    matrix = torch.from_numpy(values)
    strengths = torch.linalg.svdvals(torch_loop._orthogonal(matrix.float()))
    assert 0.5 < strengths.min() < strengths.max() < 1.3
    np.testing.assert_allclose(
        torch_loop._orthogonal(matrix.T.float()), torch_loop._orthogonal(matrix.float()).T, atol=1e-5
    )


def test_the_rate_rises_in_a_line_and_falls_as_a_cosine():
    shares = [torch_loop.cycle(done, 0.1) for done in (0.05, 0.1, 0.55, 1.0)]
    np.testing.assert_allclose(shares, [0.5, 1.0, 0.5, 0.0], atol=1e-9)
