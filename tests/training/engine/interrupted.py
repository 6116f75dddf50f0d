"""A training run that a power cut stops."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from training.data.datasets import Samples
from training.engine.batches import RowBatches


@contextlib.contextmanager
def power_cut(epoch: int) -> Iterator[None]:
    """Stop the training inside this block when it asks for its first batch of an epoch (0, 1, ...)."""
    original = RowBatches.__getitem__

    def batch(self: RowBatches, number: int):
        if self.epoch == epoch:
            raise KeyboardInterrupt
        return original(self, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RowBatches, "__getitem__", batch)
        with pytest.raises(KeyboardInterrupt):
            yield


def assert_resumed_run_ends_the_same(
    trained: Callable, samples: Samples, folder: Path, whole: keras.Model, history: list[dict]
) -> None:
    """Interrupt and resume a run in a folder: its weights and history are those of an uninterrupted one."""
    with power_cut(epoch=1):
        trained(samples, folder)
    resumed, resumed_history = trained(samples, folder, resume=True)
    assert resumed_history == history
    for expected, weights in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
