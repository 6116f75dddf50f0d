"""Export the shipped networks for LiteRT, which recognizer.models.litert_engine runs without TensorFlow.

    python -m training.tools.export_litert

writes weights/lite/ and weights/lines/lite/. training.tools.promote exports the network that it ships.
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

from recognizer.models.keras_engine import load_network
from recognizer.models.litert_engine import EXPORT, FOLDER
from recognizer.models.store import LINES, STROKES, WEIGHTS, read_card
from recognizer.models.verified import read_verified
from recognizer.models.views import NETWORK
from training.recipes import LINE_RECIPES

# all networks that a view runs, so that they run on one engine
EXPORTED = {WEIGHTS: (NETWORK, STROKES), LINES: tuple(LINE_RECIPES)}


def litert(network: keras.Model, batch_size: int | None = None, **settings: Any) -> bytes:
    """A network in the file format of LiteRT, as Keras exports it.

    Args:
        network: with one input.
        batch_size: glyphs of one pass; by default any number.
        settings: of TensorFlow's converter.
    """
    signature = keras.InputSpec(shape=(batch_size, *network.input_shape[1:]), dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        network.export(path, format="litert", input_signature=[signature], verbose=False, **settings)
        return path.read_bytes()


def write(name: str, weights: Path) -> None:
    """Export a network into the folder lite/ beside its weights, with a note of the weights' SHA-256.

    Raises:
        ModelError: the weights are missing, do not match their card or cannot be loaded.
    """
    card, file = read_card(name, weights), weights / f"{name}.keras"
    network = load_network(file.name, read_verified(file, card["sha256"], "card"))
    last_dense = next(layer for layer in reversed(network.layers) if isinstance(layer, keras.layers.Dense))
    exported = litert(keras.Model(network.inputs[0], [network.outputs[0], last_dense.input]))
    path = weights / FOLDER / f"{name}.tflite"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(exported)
    note = {"of": card["sha256"], "sha256": hashlib.sha256(exported).hexdigest(), "command": EXPORT}
    path.with_suffix(".json").write_text(json.dumps(note, indent=2) + "\n")


def main() -> None:
    argparse.ArgumentParser(prog=EXPORT, description=__doc__.splitlines()[0]).parse_args()
    for weights, names in EXPORTED.items():
        for name in names:
            write(name, weights)


if __name__ == "__main__":
    main()
