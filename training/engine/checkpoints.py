"""Where a training stopped: files that are whole or not there."""

from collections.abc import Callable
from pathlib import Path

import keras

CHECKPOINTS = Path(__file__).resolve().parents[2] / ".checkpoints"


class CheckpointError(Exception):
    """A checkpoint cannot be resumed from; the message says what to do."""


def load_checkpoint(checkpoint: Path) -> keras.Model:
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
    """Write a file whole or not at all.

    Raises:
        CheckpointError: there is no room for it.
    """
    partial = path.with_name(f"partial-{path.name}")
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(
            f"{path} could not be written ({error.strerror or error}): make room and go on with --resume"
        ) from error
