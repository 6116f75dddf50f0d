import dataclasses
import json

import numpy as np
import pytest

from tests.conftest import RECIPE
from training import ship
from training import study as module
from training.batches import Batches
from training.study import study

SMALL = dataclasses.replace(RECIPE, one_cycle=False, augmentation=None)


@pytest.fixture
def folders(samples, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "training_data", lambda recipe, data_dir: (samples, samples))
    test = samples.images, np.array([SMALL.classes[row.argmax()] for row in samples.allowed])
    monkeypatch.setattr(module, "mnist", lambda data_dir, split: test)
    monkeypatch.setattr(module, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.setattr(ship, "HISTORIES", tmp_path / "histories")
    return tmp_path


def test_one_run_is_measured_at_each_milestone_and_goes_on_after_a_kill(folders, monkeypatch):
    batch = Batches.__getitem__

    def power_cut(self, index):
        if self.epoch == 2:
            raise KeyboardInterrupt
        return batch(self, index)

    with monkeypatch.context() as patched:
        patched.setattr(Batches, "__getitem__", power_cut)
        with pytest.raises(KeyboardInterrupt):
            study(SMALL, folders, milestones=(1, 3))
    first = (folders / "histories" / "digits-1.json").read_text()
    study(SMALL, folders, milestones=(1, 3))
    assert (folders / "histories" / "digits-1.json").read_text() == first
    short, long = (json.loads((folders / "histories" / f"digits-{n}.json").read_text()) for n in (1, 3))
    assert len(short) == 1
    assert len(long) == 3
    assert {key: short[0][key] for key in long[0]} == long[0]  # the beginning of the same run
    assert 0 <= short[-1]["test_accuracy"] <= 1
    assert "test_accuracy" in long[-1]
