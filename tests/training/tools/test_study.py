import dataclasses
import json

import numpy as np
import pytest

from tests.conftest import RECIPE
from tests.training.engine.interrupted import power_cut
from training.engine.batches import RowBatches
from training.engine.make import PreparedData
from training.tools import promote
from training.tools import study as module
from training.tools.study import study

pytestmark = pytest.mark.slow

SMALL = dataclasses.replace(RECIPE, one_cycle=False, augmentation=None)


@pytest.fixture
def folders(samples, tmp_path, monkeypatch):
    """Let `study` train and test on the samples of the tests, and write to a temporary folder."""
    inputs = samples.images[..., None].astype(np.float32) / 255
    data = PreparedData(
        lambda epoch: RowBatches(samples, SMALL, epoch), inputs, samples.allowed.astype(np.float32), dict
    )
    monkeypatch.setattr(module, "prepare", lambda recipe, data_dir: data)
    test = samples.images, np.array([SMALL.classes[row.argmax()] for row in samples.allowed])
    monkeypatch.setattr(module, "mnist", lambda data_dir, split: test)
    monkeypatch.setattr(module, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.setattr(promote, "HISTORIES", tmp_path / "histories")
    return tmp_path


def test_one_run_is_measured_at_each_milestone_and_continues_after_a_power_cut(folders):
    with power_cut(epoch=2):
        study(SMALL, folders, milestones=(1, 3))
    first = (folders / "histories" / "digits-small-1.json").read_text()
    study(SMALL, folders, milestones=(1, 3))
    assert (folders / "histories" / "digits-small-1.json").read_text() == first
    short, long = (json.loads((folders / "histories" / f"digits-small-{n}.json").read_text()) for n in (1, 3))
    assert len(short) == 1
    assert len(long) == 3
    assert {key: short[0][key] for key in long[0]} == long[0]  # the first epoch of the same run
    assert 0 <= short[-1]["test_accuracy"] <= 1
    assert "test_accuracy" in long[-1]
