import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.conftest import RECIPE
from tests.training.engine.interrupted import assert_resumed_run_ends_the_same
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError, write_atomically
from training.engine.keras_loop import fit
from training.engine.make import network
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow


def trained(samples, folder, recipe=RECIPE, resume=False, mirrored=False):
    """Train the recipe's network on the samples and evaluate it on the same; return it and its history."""
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


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(samples, tmp_path):
    samples = samples.rows(np.arange(200) % len(samples))  # a dozen batches, so that their order matters
    whole, history = trained(samples, tmp_path / "whole")
    assert_resumed_run_ends_the_same(trained, samples, tmp_path / "stopped", whole, history)


def test_the_error_for_a_damaged_checkpoint_says_what_to_do(samples, tmp_path):
    trained(samples, tmp_path / "run", dataclasses.replace(RECIPE, epochs=1))
    (tmp_path / "run" / "epoch.keras").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"epoch\.keras is damaged.*delete the folder .*run"):
        trained(samples, tmp_path / "run", resume=True)


def test_a_full_disk_leaves_the_old_checkpoint_and_no_partial_file(tmp_path):
    checkpoint = tmp_path / "epoch.keras"
    checkpoint.write_text("old")

    def fill_disk(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(CheckpointError, match=r"No space left on device.*free some disk space.*--resume"):
        write_atomically(checkpoint, fill_disk)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_mirrored_training_shares_each_batch_among_devices(samples, tmp_path):
    """In a process of its own: virtual devices must be set up before TensorFlow starts."""
    np.savez(tmp_path / "samples.npz", images=samples.images, allowed=samples.allowed, labels=samples.labels)
    run = subprocess.run(
        [sys.executable, "-m", "tests.mirrored_worker", tmp_path / "samples.npz", tmp_path / "run"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    devices, first, last = json.loads(run.stdout.splitlines()[-1])
    assert devices == 2
    assert last < 0.6 * first


def test_keras_alone_can_load_a_trained_network(samples, tmp_path):
    model, _ = trained(samples, tmp_path / "run", dataclasses.replace(RECIPE, epochs=1))
    plain = network(RECIPE)
    plain.set_weights(model.get_weights())
    plain.save(tmp_path / "plain.keras")
    keras.saving.load_model(tmp_path / "plain.keras", safe_mode=True)  # built-in layers only
