"""The same forward pass without TensorFlow: by LiteRT, from exported weights (training.tools.export_litert).

LiteRT is imported in 0.1 s where TensorFlow takes 5, and a process with it needs a tenth of the memory: for
commands, and for many worker processes. Logits differ by less than 0.0001 from those of Keras.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from recognizer.errors import ModelError
from recognizer.models.keras_engine import Forward

FOLDER = "lite"  # beside the weights
ENGINE = "ai_edge_litert"
LOGITS, FEATURES = "output_0", "output_1"  # as Keras names what it exports
ERROR_OUTPUT = 2
_preferred = False


def prefer() -> bool:
    """Let LiteRT run what is loaded in this process from now on; gives whether it is installed."""
    global _preferred
    _preferred = find_spec(ENGINE) is not None
    return _preferred


def preferred() -> bool:
    """Whether `prefer` was called in this process, and LiteRT is installed."""
    return _preferred


def forward(weights: Path, card: dict[str, Any]) -> Forward | None:
    """The forward pass of a model by LiteRT, in one thread; None where Keras is to run it.

    That is where LiteRT is not preferred or nothing was exported from these weights.

    Args:
        weights: the .keras file.
        card: of these weights.

    Raises:
        ModelError: what was exported is not what was written, or is another network than the card describes.
    """
    if not _preferred or (exported := _exported(weights, card)) is None:
        return None
    from ai_edge_litert.interpreter import Interpreter

    with _quiet():
        interpreter = Interpreter(model_content=exported, num_threads=1)
        interpreter.allocate_tensors()
        run = interpreter.get_signature_runner()
    (name, taken), *_ = run.get_input_details().items()
    given = run.get_output_details()[LOGITS]
    shapes = (
        [side if side > 0 else None for side in taken["shape_signature"].tolist()[1:]],
        given["shape"][-1],
    )
    if shapes != (card["input_shape"], len(card["classes"])):
        raise ModelError(f"{FOLDER}/{weights.stem}.tflite is not the network of its card: restore both")

    def once(glyphs: np.ndarray) -> list[np.ndarray]:
        both = run(**{name: glyphs})
        return [both[LOGITS], both[FEATURES]]

    return once


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what LiteRT writes on the error output when it begins, which it has no setting for."""
    kept = os.dup(ERROR_OUTPUT)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), ERROR_OUTPUT)
        yield
    finally:
        os.dup2(kept, ERROR_OUTPUT)
        os.close(kept)


def _exported(weights: Path, card: dict[str, Any]) -> bytes | None:
    """The exported model, where it is of these weights."""
    path = weights.parent / FOLDER / f"{weights.stem}.tflite"
    try:
        note = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if note["of"] != card["sha256"]:
            return None
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"{FOLDER}/{path.name} or its note cannot be read ({error}): restore both"
        ) from error
    if hashlib.sha256(raw).hexdigest() != note["sha256"]:
        raise ModelError(f"{FOLDER}/{path.name} is not the file that its note describes: restore it")
    return raw
