import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.conftest import RECIPE
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError, replace
from training.engine.keras_loop import fit
from training.engine.make import network
from training.tools.browser import ROOT


def trained(samples, folder, recipe=RECIPE, resume=False, mirrored=False):
    """The recipe's network and history, after training on the samples, which are held out too."""
    validation = samples.images[..., None].astype(np.float32) / 255, samples.allowed.astype(np.float32)
    return fit(
        recipe,
        lambda: network(recipe),
        lambda epoch: RowBatches(samples, recipe, epoch),
        validation,
        folder,
        resume,
        mirrored,
    )


def test_a_resumed_run_ends_as_one_that_was_not_stopped(samples, tmp_path, monkeypatch):
    samples = samples.rows(np.arange(200) % len(samples))  # a dozen batches, which have an order
    whole, history = trained(samples, tmp_path / "whole")
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
    trained(samples, tmp_path / "run", dataclasses.replace(RECIPE, epochs=1))
    (tmp_path / "run" / "epoch.keras").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"epoch\.keras is damaged.*delete the folder .*run"):
        trained(samples, tmp_path / "run", resume=True)


def test_a_full_disk_leaves_the_last_checkpoint_and_no_half_file(tmp_path):
    checkpoint = tmp_path / "epoch.keras"
    checkpoint.write_text("the last one")

    def full(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(CheckpointError, match=r"No space left on device.*make room.*--resume"):
        replace(checkpoint, full)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the last one"]


def test_a_batch_is_shared_among_devices(samples, tmp_path):
    """Two virtual processors, which a process must have before TensorFlow begins, learn together."""
    np.savez(tmp_path / "samples.npz", images=samples.images, allowed=samples.allowed, labels=samples.labels)
    run = subprocess.run(
        [sys.executable, "-m", "tests.mirrored_worker", tmp_path / "samples.npz", tmp_path / "run"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    devices, first, last = json.loads(run.stdout.splitlines()[-1])
    assert devices == 2
    assert last < 0.6 * first


def test_what_is_trained_can_be_opened_by_keras_alone(samples, tmp_path):
    model, _ = trained(samples, tmp_path / "run", dataclasses.replace(RECIPE, epochs=1))
    plain = network(RECIPE)
    plain.set_weights(model.get_weights())
    plain.save(tmp_path / "plain.keras")
    keras.saving.load_model(tmp_path / "plain.keras", safe_mode=True)  # plain layers, nothing of ours
