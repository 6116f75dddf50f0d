import json

import keras
import numpy as np
import pytest

from recognizer.models.store import load_model
from tests.conftest import RECIPE
from training.engine import make as make_module
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError
from training.engine.make import PreparedData, make, write_model

pytestmark = pytest.mark.slow


@pytest.fixture
def prepared_samples(samples, tmp_path, monkeypatch):
    """Let `make` train on the samples of the tests and keep its checkpoints in a temporary folder."""

    def prepare(recipe, data_dir):
        inputs = samples.images[..., None].astype(np.float32) / 255
        card = {"temperature": 1.0, "training_data": {"drawn": "0" * 64}}
        return PreparedData(
            lambda epoch: RowBatches(samples, recipe, epoch),
            inputs,
            samples.allowed.astype(np.float32),
            lambda logits: card | {"seen": len(logits)},
        )

    monkeypatch.setattr(make_module, "prepare", prepare)
    monkeypatch.setattr(make_module, "CHECKPOINTS", tmp_path / "checkpoints")


def test_a_made_model_loads_and_its_card_describes_it(samples, prepared_samples, tmp_path):
    card = make(RECIPE, tmp_path, out=tmp_path / "trained")
    name = RECIPE.name
    files = [f"{name}-history.json", f"{name}.json", f"{name}.keras"]
    assert sorted(path.name for path in (tmp_path / "trained").iterdir()) == files
    loaded = load_model(name, tmp_path / "trained")
    plain = keras.saving.load_model(
        tmp_path / "trained" / f"{name}.keras", safe_mode=True
    )  # built-in layers only
    glyphs = samples.images[:3] / np.float32(255)
    np.testing.assert_allclose(loaded.logits(glyphs), plain(glyphs[..., None], training=False), atol=1e-4)
    assert card["parameters"] == plain.count_params()
    assert card["hyperparameters"]["epochs"] == 2
    assert card["seen"] == len(samples)
    assert card["command"] == f"python -m training.train {name} --seed 1"
    history = json.loads((tmp_path / "trained" / f"{name}-history.json").read_text())
    assert history[-1]["val_loss"] == card["validation"]["val_loss"]


def test_resuming_a_finished_run_gives_the_same_card(prepared_samples, tmp_path):
    first, second = (make(RECIPE, tmp_path, resume, tmp_path / "trained") for resume in (False, True))
    assert first == second


def test_a_full_disk_leaves_the_old_files_and_no_partial_ones(prepared_samples, tmp_path, monkeypatch):
    make(RECIPE, tmp_path, out=tmp_path / "trained")
    before = {path.name: path.read_bytes() for path in (tmp_path / "trained").iterdir()}
    model = keras.saving.load_model(tmp_path / "trained" / f"{RECIPE.name}.keras")

    def fill_disk(path, card):
        path.with_suffix(".json").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make_module, "write_card", fill_disk)
    with pytest.raises(
        CheckpointError, match=r"could not be written to .*No space left.*free some disk space"
    ):
        write_model(RECIPE.name, model, {}, [], tmp_path / "trained")
    assert {path.name: path.read_bytes() for path in (tmp_path / "trained").iterdir()} == before
