"""The shipped models for LiteRT, beside their weights, which `litert_engine` runs without TensorFlow.

    python -m training.tools.export_litert

writes weights/lite/ and weights/lines/lite/. Training a model does so too.
"""

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from recognizer.models.litert_engine import FOLDER
from recognizer.models.store import LINES, WEIGHTS, load_model, read_card
from recognizer.models.views import NETWORK
from training.recipes import LINE_RECIPES

EXPORTED = {WEIGHTS: (NETWORK,), LINES: tuple(LINE_RECIPES)}
COMMAND = "python -m training.tools.export_litert"


def litert(network: keras.Model, at_once: int | None = None, **settings: Any) -> bytes:
    """A network as Keras exports it for LiteRT.

    Args:
        network: with one input.
        at_once: how many glyphs one pass takes; any number where it is left out.
        settings: of TensorFlow's converter.
    """
    taken = keras.InputSpec(shape=(at_once, *network.input_shape[1:]), dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        network.export(path, format="litert", input_signature=[taken], verbose=False, **settings)
        return path.read_bytes()


def write(name: str, weights: Path) -> None:
    """Export a model into the folder lite/ beside its weights, with a note from which weights it was made.

    Raises:
        ModelError: as `recognizer.models.store.load_model`.
    """
    load_model(name, weights)  # refuses weights that are not those of the card
    network = keras.saving.load_model(weights / f"{name}.keras", compile=False)
    last = next(layer for layer in reversed(network.layers) if isinstance(layer, keras.layers.Dense))
    exported = litert(keras.Model(network.inputs[0], [network.outputs[0], last.input]))
    path = weights / FOLDER / f"{name}.tflite"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(exported)
    note = {"of": read_card(name, weights)["sha256"], "sha256": hashlib.sha256(exported).hexdigest()}
    path.with_suffix(".json").write_text(json.dumps(note | {"command": COMMAND}, indent=2) + "\n")


def main() -> None:
    argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0]).parse_args()
    for weights, names in EXPORTED.items():
        for name in names:
            write(name, weights)


if __name__ == "__main__":
    main()
