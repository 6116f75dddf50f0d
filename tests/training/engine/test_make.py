import json

import keras
import numpy as np
import pytest

from recognizer.models.store import load_model
from tests.conftest import RECIPE
from training.engine import make as make_module
from training.engine.batches import RowBatches
from training.engine.checkpoints import CheckpointError
from training.engine.make import Prepared, make, write


@pytest.fixture
def at_hand(samples, tmp_path, monkeypatch):
    """A recipe's samples are those of the tests, its checkpoints lie in a folder of theirs."""

    def ready(recipe, data_dir):
        inputs = samples.images[..., None].astype(np.float32) / 255
        card = {"temperature": 1.0, "training_data": {"drawn": "0" * 64}}
        return Prepared(
            lambda epoch: RowBatches(samples, recipe, epoch),
            inputs,
            samples.allowed.astype(np.float32),
            lambda logits: card | {"seen": len(logits)},
        )

    monkeypatch.setattr(make_module, "prepared", ready)
    monkeypatch.setattr(make_module, "CHECKPOINTS", tmp_path / "checkpoints")


def test_what_is_made_can_be_loaded_and_is_described(samples, at_hand, tmp_path):
    card = make(RECIPE, tmp_path, out=tmp_path / "trained")
    name = RECIPE.name
    files = [f"{name}-history.json", f"{name}.json", f"{name}.keras"]
    assert sorted(path.name for path in (tmp_path / "trained").iterdir()) == files
    loaded = load_model(name, tmp_path / "trained")
    plain = keras.saving.load_model(tmp_path / "trained" / f"{name}.keras", safe_mode=True)  # nothing of ours
    glyphs = samples.images[:3] / np.float32(255)
    np.testing.assert_allclose(loaded.logits(glyphs), plain(glyphs[..., None], training=False), atol=1e-4)
    assert card["parameters"] == plain.count_params()
    assert card["hyperparameters"]["epochs"] == 2
    assert card["seen"] == len(samples)
    assert card["command"] == f"python -m training.train {name} --seed 1"
    history = json.loads((tmp_path / "trained" / f"{name}-history.json").read_text())
    assert [line["val_loss"] for line in history][-1] == card["validation"]["val_loss"]


def test_a_run_that_was_done_can_be_written_again(at_hand, tmp_path):
    once, again = (make(RECIPE, tmp_path, resume, tmp_path / "trained") for resume in (False, True))
    assert once == again


def test_a_full_disk_leaves_no_half_written_file(at_hand, tmp_path, monkeypatch):
    make(RECIPE, tmp_path, out=tmp_path / "trained")
    before = {path.name: path.read_bytes() for path in (tmp_path / "trained").iterdir()}
    model = keras.saving.load_model(tmp_path / "trained" / f"{RECIPE.name}.keras")

    def full(path, card):
        path.with_suffix(".json").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make_module, "write_card", full)
    with pytest.raises(CheckpointError, match=r"could not be written to .*No space left.*make room"):
        write(RECIPE.name, model, {}, [], tmp_path / "trained")
    assert {path.name: path.read_bytes() for path in (tmp_path / "trained").iterdir()} == before
