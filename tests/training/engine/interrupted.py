"""A training run that a power cut stops."""

import contextlib
from collections.abc import Iterator

import pytest

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
