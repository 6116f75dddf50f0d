"""The same forward pass without TensorFlow: by LiteRT, from exported weights (training.tools.export_litert).

LiteRT is imported in 0.1 s where TensorFlow takes 5, and a process needs a tenth of the memory, which suits
commands and many worker processes. Its logits differ from Keras's by less than 0.0001.

LiteRT writes one line on the error output of each process, "INFO: Created TensorFlow Lite XNNPACK delegate
for CPU." Its Python interface has no setting for that (github.com/google-ai-edge/LiteRT/issues/7420), and
redirecting the error output would swallow what other threads write meanwhile.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from recognizer.errors import ModelError
from recognizer.models.keras_engine import Forward
from recognizer.models.verified import read_verified

FOLDER = "lite"  # beside the weights
PACKAGE = "ai_edge_litert"
LOGITS, FEATURES = "output_0", "output_1"  # as Keras names the outputs that it exports
EXPORT = "python -m training.tools.export_litert"


def is_installed() -> bool:
    """Whether LiteRT can be imported in this process."""
    return find_spec(PACKAGE) is not None


def is_exported(weights: Path, card: dict[str, Any]) -> bool:
    """Whether there is an export of exactly these weights.

    Args:
        weights: the .keras file.
        card: of these weights.

    Raises:
        ModelError: the note beside the export cannot be read.
    """
    note = _note(weights)
    return note is not None and note["of"] == card["sha256"]


def load_forward(weights: Path, card: dict[str, Any]) -> Forward:
    """The forward pass of a model's export. One thread at a time may call it.

    Args:
        weights: the .keras file.
        card: of these weights.

    Raises:
        ModelError: there is no export of these weights, its file was changed, or it is another network than
            the card describes.
    """
    exported = _exported(weights, card)
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=exported, num_threads=1)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    (input_name, input_details), *_ = run.get_input_details().items()
    input_shape = [side if side > 0 else None for side in input_details["shape_signature"].tolist()[1:]]
    classes = run.get_output_details()[LOGITS]["shape"][-1]
    if (input_shape, classes) != (card["input_shape"], len(card["classes"])):
        raise ModelError(f"{_export_name(weights)} is not the network that its card describes: {EXPORT}")

    def forward(glyphs: np.ndarray) -> list[np.ndarray]:
        outputs = run(**{input_name: glyphs})
        return [outputs[LOGITS], outputs[FEATURES]]

    return forward


def _exported(weights: Path, card: dict[str, Any]) -> bytes:
    """The verified export of these weights."""
    note = _note(weights)
    if note is None:
        raise ModelError(f"{weights.stem} is not exported for LiteRT: use the engine 'keras'")
    if note["of"] != card["sha256"]:
        raise ModelError(f"{_export_name(weights)} was exported from other weights: {EXPORT}")
    return read_verified(_export_path(weights), note["sha256"], "note", _export_name(weights))


def _note(weights: Path) -> dict[str, str] | None:
    """What was exported: the SHA-256 of the weights ("of") and of the export; None without an export."""
    path = _export_path(weights).with_suffix(".json")
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return {key: str(note[key]) for key in ("of", "sha256")}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{FOLDER}/{path.name} cannot be read ({error}): restore it") from error


def _export_path(weights: Path) -> Path:
    return weights.parent / FOLDER / f"{weights.stem}.tflite"


def _export_name(weights: Path) -> str:
    return f"{FOLDER}/{weights.stem}.tflite"
