"""What a training leaves: weights, their card, what LiteRT reads of them, and the history of the epochs."""

import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from recognizer.models import write_card
from training.checkpoints import replace
from training.export_lite import EXPORTED, write

HISTORIES = Path(__file__).resolve().parent / "histories"


def ship(name: str, model: keras.Model, card: dict, weights: Path) -> None:
    """Write NAME.keras and its card, whole or not at all; and what LiteRT needs, where it is to read it."""
    weights.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=weights) as folder:
        path = Path(folder) / f"{name}.keras"
        model.save(path)
        write_card(path, card)
        for file in (path, path.with_suffix(".json")):
            file.replace(weights / file.name)
    if name in EXPORTED.get(weights, ()):
        write(name, weights)


def keep_history(name: str, history: list[dict]) -> None:
    """The losses and accuracies of each epoch, as training/histories/NAME.json."""
    HISTORIES.mkdir(exist_ok=True)
    text = json.dumps(history, indent=1) + "\n"
    replace(HISTORIES / f"{name}.json", lambda path: path.write_text(text))
