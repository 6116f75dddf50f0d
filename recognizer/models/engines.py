"""The two engines that run networks: Keras and LiteRT.

The app and the library run Keras. The command line and batch workers run LiteRT where it is installed: it
starts without TensorFlow.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from recognizer.errors import ModelError
from recognizer.models import keras_engine, litert_engine
from recognizer.models.keras_engine import Forward

Engine = Literal["keras", "litert"]

WARMUP_WIDTH = 64  # pixels of the blank line that a network for lines of any width is warmed up with
BATCH_SIZE = 256  # glyphs in one pass: more would need more memory and save no time


@dataclass(frozen=True)
class Model:
    """A loaded network, or a view of one.

    Attributes:
        name: of its file in weights/, or of the view.
        card: the JSON beside the weights.
        engine: runs it.
        logits: float32 glyphs (N, side, side) to logits (N, classes); of lines to (N, places, classes).
        logits_and_features: the same glyphs, in one pass, to logits and features (N, width), the input of
            the last dense layer.
    """

    name: str
    card: dict[str, Any]
    engine: Engine
    logits: Callable[[np.ndarray], np.ndarray]
    logits_and_features: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.card["classes"])

    @property
    def side(self) -> int:
        """The height of the network's input in pixels; of a glyph also its width."""
        return self.card["input_shape"][0]


def check_installed(engine: str) -> None:
    """Raise ModelError unless there is such an engine and it is installed."""
    if engine not in get_args(Engine):
        raise ModelError(f"no engine {engine!r}: choose 'keras' or 'litert'")
    if engine == "litert" and not litert_engine.is_installed():
        raise ModelError("LiteRT is not installed: pip install 'scrawl[batch]', or use the engine 'keras'")


def load_model(engine: Engine, path: Path, raw: bytes, card: dict[str, Any]) -> Model:
    """Load and warm up the network of a .keras file.

    Args:
        engine: runs it.
        path: of the file.
        raw: its verified content.
        card: of these weights.

    Raises:
        ModelError: as `load_forward` of the engine.
    """
    if engine == "litert":
        forward = litert_engine.load_forward(path, card)
    else:
        forward = keras_engine.load_forward(path.name, raw, card)
    return warmed_up(path.stem, card, engine, forward)


def warmed_up(name: str, card: dict[str, Any], engine: Engine, forward: Forward) -> Model:
    """A network's forward pass as a model that is warmed up."""
    # TensorFlow prepares its kernels anew in every thread that runs them (40 ms), and every rerun of a
    # Streamlit page is a new thread; LiteRT must be called by one thread at a time. So one thread runs all.
    thread = ThreadPoolExecutor(1, thread_name_prefix=name)
    shape = [side or WARMUP_WIDTH for side in card["input_shape"][:2]]
    outputs = thread.submit(forward, np.zeros((1, *shape, 1), np.float32)).result()
    widths = [output.shape[-1] for output in outputs]

    def run(glyphs: np.ndarray, count: int) -> list[np.ndarray]:
        """The first `count` outputs."""
        glyphs = np.asarray(glyphs, np.float32)[..., None]
        # one batch at a time, so that callers take turns: a character need not wait for a whole page
        passes = [
            thread.submit(forward, glyphs[start : start + BATCH_SIZE]).result()
            for start in range(0, len(glyphs), BATCH_SIZE)
        ]
        if not passes:
            return [np.zeros((0, width), np.float32) for width in widths[:count]]
        return [np.concatenate([outputs[number] for outputs in passes]) for number in range(count)]

    def logits(glyphs: np.ndarray) -> np.ndarray:
        return run(glyphs, 1)[0]

    def logits_and_features(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, features = run(glyphs, 2)
        return logits, features

    return Model(name, card, engine, logits, logits_and_features)
