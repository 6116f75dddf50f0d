"""A weights file as a forward pass, by Keras."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recognizer.errors import ModelError, NotPlainError
from recognizer.models import safe_loading

if TYPE_CHECKING:
    import keras

# float32 (N, *input_shape) to logits and features, which are what the last dense layer sees; each (N, ...)
Forward = Callable[[np.ndarray], Sequence[np.ndarray]]


def by_keras(path: Path, raw: bytes, card: dict[str, Any]) -> Forward:
    """The forward pass of a .keras file; the first call in a process imports TensorFlow (seconds).

    Args:
        path: of the file, for messages.
        raw: its content.
        card: which classes and which input it has.

    Raises:
        ModelError: it is not plain data (recognizer.models.safe_loading), this Keras does not know it, or
            it is another network than the card describes.
    """
    network = _network(path, raw)
    import keras

    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    shapes = (list(network.input_shape[1:]), network.output_shape[-1])
    if not dense or shapes != (card["input_shape"], len(card["classes"])):
        raise ModelError(f"{path.name} is not the network that its card describes: restore both")
    both = keras.Model(network.inputs[0], [network.outputs[0], dense[-1].input])
    forward = _traced(both, card["input_shape"])
    return lambda glyphs: [keras.ops.convert_to_numpy(one) for one in forward(glyphs)]


def hold_session() -> None:
    """Let nobody clear Keras's session in this process; it imports Keras.

    Streamlit clears it after every run of a page. That throws away what TensorFlow has prepared, for all
    sessions, so that each reading takes several times as long, and takes Keras's state from a thread that
    just loads a model.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.backend.clear_session = lambda: None


def _network(path: Path, raw: bytes) -> "keras.Model":
    """The network of a weights file, which is looked at before anything of it is built."""
    try:
        written_by = safe_loading.version(raw)
    except NotPlainError as error:
        raise ModelError(f"{path.name} is refused, because {error}: restore it") from error
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # of a file that it does not know Keras raises anything
        raise ModelError(
            f"{path.name}, written by Keras {written_by}, cannot be loaded by Keras {keras.__version__}: "
            "install the version in requirements.txt, or train it again"
        ) from error


def _traced(network: "keras.Model", input_shape: list[int]) -> Callable[[np.ndarray], Any]:
    """The network's forward pass: one traced function on TensorFlow, as it is on another engine of Keras."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return lambda glyphs: network(glyphs, training=False)
    import tensorflow as tf

    traced = tf.function(lambda glyphs: network(glyphs, training=False))
    # traced now, once; calls of many models' traced functions would look to TensorFlow like retracing
    forward = traced.get_concrete_function(tf.TensorSpec((None, *input_shape), tf.float32))

    def run(glyphs: np.ndarray) -> Any:
        return forward(tf.convert_to_tensor(glyphs))

    run.network = network  # type: ignore[attr-defined]  # a traced function holds its variables weakly
    return run
