"""The forward pass of a weights file, run by Keras."""

import gc
import io
import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recognizer.errors import ModelError, NotPlainError
from recognizer.models import safe_loading

if TYPE_CHECKING:
    import keras

# From float32 (N, *input_shape) to logits (N, ..., classes) and features (N, ..., width), the input of the
# last dense layer.
Forward = Callable[[np.ndarray], Sequence[np.ndarray]]

_preparing = threading.Lock()


def load_forward(name: str, raw: bytes, card: dict[str, Any]) -> Forward:
    """The forward pass of a .keras file; the first call in a process imports TensorFlow (seconds).

    Args:
        name: of the file, for error messages.
        raw: its content.
        card: of these weights.

    Raises:
        ModelError: as `load_network`; or the network has other classes or another input than its card says.
    """
    network = load_network(name, raw)
    import keras

    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    shapes = (list(network.input_shape[1:]), network.output_shape[-1])
    if not dense or shapes != (card["input_shape"], len(card["classes"])):
        raise ModelError(f"{name} is not the network that its card describes: restore both")
    with_features = keras.Model(network.inputs[0], [network.outputs[0], dense[-1].input])
    forward = _traced(with_features, card["input_shape"])
    return lambda glyphs: [keras.ops.convert_to_numpy(output) for output in forward(glyphs)]


def load_network(name: str, raw: bytes) -> "keras.Model":
    """The network of a .keras file, built only after its content was found to be plain data.

    Args:
        name: of the file, for error messages.
        raw: its content.

    Raises:
        ModelError: the file is not plain data (recognizer.models.safe_loading), or this version of Keras
            cannot load it.
    """
    try:
        written_by = safe_loading.check_plain(raw)
    except NotPlainError as error:
        raise ModelError(f"{name} is refused: {error}; restore it") from error
    keras = _imported()
    # Keras's public loader takes paths only. Opening the path again could give other bytes than were checked.
    from keras.src.saving import saving_lib

    try:
        return saving_lib.load_model(io.BytesIO(raw), compile=False, safe_mode=True)
    except Exception as error:  # Keras raises exceptions of any type for files that it does not know
        raise ModelError(
            f"{name}, written by Keras {written_by}, cannot be loaded by Keras {keras.__version__}: "
            "install the version in requirements.txt, or train it again"
        ) from error


def prepare_server() -> None:
    """Make this process a server of many Streamlit sessions; imports Keras on the first call (seconds).

    Streamlit clears Keras's session after every run of a page. That would discard what TensorFlow has
    prepared for all sessions, so that each reading takes several times as long, and would take Keras's state
    from a thread that is loading a model. So clearing does nothing from now on.
    """
    with _preparing:
        keras = _imported()
        if keras.backend.clear_session is _do_nothing:
            return
        keras.backend.clear_session = _do_nothing
        # A full garbage collection would walk TensorFlow's 330,000 objects: 0.4 s in which nobody is
        # answered. Frozen objects are never collected, so this is done once, after the import and before
        # any model: the frozen ones are modules, classes and functions, which live as long as the process.
        # Freezing more later would keep all sessions' garbage, unless it is unfrozen and collected first.
        gc.collect()
        gc.freeze()


def _do_nothing(*_: object, **__: object) -> None:
    pass


def _imported() -> Any:
    """Keras, imported without TensorFlow's start-up messages."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras


def _traced(network: "keras.Model", input_shape: list[int]) -> Callable[[np.ndarray], Any]:
    """The network's forward pass: a traced function on TensorFlow, a plain call on other backends."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return lambda glyphs: network(glyphs, training=False)
    import tensorflow as tf

    traced = tf.function(lambda glyphs: network(glyphs, training=False))
    # traced once, here: TensorFlow would take calls of many models' traced functions for retracing
    forward = traced.get_concrete_function(tf.TensorSpec((None, *input_shape), tf.float32))

    def run(glyphs: np.ndarray) -> Any:
        return forward(tf.convert_to_tensor(glyphs))

    run.network = network  # type: ignore[attr-defined]  # a traced function holds its variables weakly
    return run
