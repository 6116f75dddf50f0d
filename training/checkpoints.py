"""Where a training stopped: files that are whole or not there."""

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

CHECKPOINTS = Path(__file__).resolve().parent.parent / ".checkpoints"


class CheckpointError(Exception):
    """A checkpoint cannot be resumed from; the message says what to do."""


def opened(checkpoint: Path) -> keras.Model:
    """A model with its optimizer, as it was saved.

    Raises:
        CheckpointError: it is damaged or of another version.
    """
    try:
        return keras.saving.load_model(checkpoint)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"{checkpoint} is damaged or of another version ({str(error).splitlines()[0]}): "
            f"delete the folder {checkpoint.parent}, or train without --resume"
        ) from error


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f"partial-{path.name}")
    write(partial)
    partial.replace(path)
