"""Checkpoint files, each either complete or absent."""

from collections.abc import Callable
from pathlib import Path

import keras

CHECKPOINTS = Path(__file__).resolve().parents[2] / ".checkpoints"


class CheckpointError(Exception):
    """A checkpoint cannot be read or written; the message says what to do."""


def load_checkpoint(checkpoint: Path) -> keras.Model:
    """Load a model with the state of its optimizer.

    Raises:
        CheckpointError: the file is damaged or of another version.
    """
    try:
        return keras.saving.load_model(checkpoint)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"{checkpoint} is damaged or of another version ({str(error).splitlines()[0]}): "
            f"delete the folder {checkpoint.parent}, or train without --resume"
        ) from error


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file completely or not at all.

    Args:
        path: the file to create or replace.
        write: writes the content to the path that it is given.

    Raises:
        CheckpointError: it cannot be written, for example because the disk is full.
    """
    partial = path.with_name(f"partial-{path.name}")
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(
            f"{path} could not be written ({error.strerror or error}): "
            "free some disk space and continue with --resume"
        ) from error
