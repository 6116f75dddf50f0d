"""The files in weights/: a network and its card, verified, loaded and run."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from recognizer.errors import ModelError
from recognizer.models import litert_engine, views
from recognizer.models.keras_engine import Forward, by_keras

__all__ = [
    "LINES",
    "WEIGHTS",
    "Model",
    "ModelError",
    "available_models",
    "entry",
    "line_model",
    "load_model",
    "read_card",
    "read_json",
    "read_verified",
    "reader_card",
    "write_card",
]

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "weights"
WEIGHTS = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent / "weights"  # beside it in a checkout
LINES = WEIGHTS / "lines"  # networks that read whole lines
SOME = 64  # pixels, where a network takes any width
NETWORKS = (views.NETWORK, "strokes")  # files that are no readers by themselves
BATCH = 256  # glyphs in one pass: more would cost memory and gain no time
# what a card says at least; that of a reader of lines has other figures than that of one character
CARD: dict[str, type | tuple[type, ...]] = {"classes": list, "input_shape": list, "sha256": str}
OF_CHARACTERS: dict[str, type | tuple[type, ...]] = {"recipe": str, "temperature": (float, int)}
OF_NETWORK: dict[str, type | tuple[type, ...]] = {"recipe": str, "prior": list, "views": dict}
OF_LINES: dict[str, type | tuple[type, ...]] = {"step": int, "tall": int}


@dataclass(frozen=True)
class Model:
    """A network ready to read."""

    name: str
    card: dict[str, Any]  # the JSON beside the weights
    logits: Callable[
        [np.ndarray], np.ndarray
    ]  # float32 (N, side, side) -> (N, classes); lines: (N, places, classes)
    # the same -> (logits, features (N, width)), of one pass: features are what the last dense layer sees
    logits_and_features: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.card["classes"])

    @property
    def side(self) -> int:
        """Pixels a side of the glyphs that it sees."""
        return self.card["input_shape"][0]


_log = logging.getLogger(__name__)
_loading = threading.Lock()  # also what imports TensorFlow is one thread
# by weights file and by whether LiteRT may run it: all that are in use
_held: WeakValueDictionary[tuple[Path, bool], Model] = WeakValueDictionary()


def available_models(folder: Path | None = None) -> list[str]:
    """The models that `Recognizer.load` can load: files of weights, and views of the network of characters.

    Args:
        folder: where they lie; those of this package where it is left out.

    Returns:
        Their names, in alphabetical order.
    """
    files = _files(folder or WEIGHTS)
    found = set(files) - set(NETWORKS)
    return sorted(found | set(views.VIEWS)) if views.NETWORK in files else sorted(found)


def _is_view(name: str, folder: Path) -> bool:
    """Whether a name is that of a view; lines/ has networks of their own with such names."""
    return name in views.VIEWS and not (folder / f"{name}.keras").exists()


def _files(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.keras"))


def reader_card(name: str) -> dict[str, Any]:
    """The card of a model that `Recognizer.load` can load.

    Raises:
        ModelError: as `read_card`; or it is a network of which readers are views.
    """
    if name not in (known := available_models()):
        raise _unknown(name, known, WEIGHTS)
    card = read_card(name)
    if "views" in card:
        raise ModelError(f"{name} is a network with views: put it in the place of {views.NETWORK}.keras")
    return card


def _unknown(name: str, known: list[str], folder: Path) -> ModelError:
    none = f"none, because the folder {folder.name}/ is missing or empty: restore it"
    return ModelError(f"no model {name!r}: available are {', '.join(known) or none}")


def read_card(name: str, folder: Path = WEIGHTS) -> dict[str, Any]:
    """A model's card; that of a view has what was fitted for it beside what its network's card says.

    Raises:
        ModelError: no such model (the message lists the available ones); it has no card, or one that cannot
            be read or lacks what is needed.
    """
    known = available_models(folder)
    if name in known and _is_view(name, folder):
        card = views.card_of(name, read_card(views.NETWORK, folder))
        if lacking := _lacking(card):
            raise ModelError(f"the card {views.NETWORK}.json does not say {', '.join(lacking)} of {name}")
        return card
    if name not in (*known, *(file for file in _files(folder) if file in NETWORKS)):
        raise _unknown(name, known, folder)
    path = folder / f"{name}.json"
    if not path.exists():
        raise ModelError(f"model {name!r} has no card: {path.name} must lie beside its weights")
    card = read_json(path)
    if lacking := _lacking(card):
        raise ModelError(f"the card {path.name} does not say {', '.join(lacking)} as it should: restore it")
    return card


def read_json(card: Path) -> Any:
    """What a card says, whatever it is.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"the card {card.name} cannot be read ({reason}): restore it") from error


def _lacking(card: Any) -> list[str]:
    """What a card does not say, or not as it should."""
    if not isinstance(card, dict):
        return ["anything"]
    needed = CARD | (OF_LINES if "tall" in card else OF_NETWORK if "views" in card else OF_CHARACTERS)
    return [key for key, kind in needed.items() if not isinstance(card.get(key), kind) or not card[key]]


def entry(name: str, card: dict[str, Any], key: str) -> list[Any]:
    """What a card says under a key.

    Raises:
        ModelError: it says nothing there.
    """
    if key not in card:
        raise ModelError(f"the card of {name} has no {key!r}: restore it, or train {name} again")
    return card[key]


def write_card(weights: Path, card: dict[str, Any]) -> None:
    """Write the card beside a weights file, with the file's SHA-256."""
    card = card | {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    weights.with_suffix(".json").write_text(text, encoding="utf-8")


def load_model(name: str, folder: Path = WEIGHTS) -> Model:
    """Load and warm up a model; the first call in a process imports TensorFlow (seconds).

    One that somebody still holds is given to all who ask for it, also to threads that ask at once.

    Raises:
        ModelError: as `read_card`; the weights cannot be read, their SHA-256 is not the card's, they are not
            plain data (recognizer.models.safe_loading), this Keras does not know them, or they are those of
            another network.
    """
    card, path = read_card(name, folder), (folder / f"{name}.keras").resolve()
    which = path, litert_engine.preferred()
    if _is_view(name, folder):
        return _view(name, card, load_model(views.NETWORK, folder), which)
    with _loading:
        raw = read_verified(path, card)
        model = _held.get(which)
        if model is None or model.card != card:
            forward = litert_engine.forward(path, card) or by_keras(path, raw, card)
            model = _held[which] = _ready(name, card, forward)
            _log.info("loaded %s", path.relative_to(path.parent.parent))
        return model


def _view(name: str, card: dict[str, Any], network: Model, which: tuple[Path, bool]) -> Model:
    """A view of a loaded network as a model of its own; one that somebody still holds is given again."""
    with _loading:
        model = _held.get(which)
        if model is None or model.card != card:
            matrix = views.weights(views.VIEWS[name], network.card["classes"], network.card["prior"])

            def logits(glyphs: np.ndarray) -> np.ndarray:
                return views.seen_by(matrix, network.logits(glyphs))

            def logits_and_features(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
                found, features = network.logits_and_features(glyphs)
                return views.seen_by(matrix, found), features

            model = _held[which] = Model(name, card, logits, logits_and_features)
        return model


def _ready(name: str, card: dict[str, Any], forward: Forward) -> Model:
    """A network as a model that is warmed up."""
    # TensorFlow's kernels are prepared anew in every thread that runs them (40 ms), and every rerun
    # of a Streamlit page is a new thread; LiteRT is for one thread: one that stays runs them all.
    thread = ThreadPoolExecutor(1, thread_name_prefix=name)
    blank = np.zeros((1, *(side or SOME for side in card["input_shape"][:2]), 1), np.float32)
    # now, not under the first person's pen
    widths = [one.shape[-1] for one in thread.submit(forward, blank).result()]

    def batched(glyphs: np.ndarray, outputs: int) -> list[np.ndarray]:
        glyphs = np.asarray(glyphs, np.float32)[..., None]
        passes = [forward(glyphs[start : start + BATCH]) for start in range(0, len(glyphs), BATCH)]
        if not passes:
            return [np.zeros((0, width), np.float32) for width in widths[:outputs]]
        return [np.concatenate([one[output] for one in passes]) for output in range(outputs)]

    def logits(glyphs: np.ndarray) -> np.ndarray:
        return thread.submit(batched, glyphs, 1).result()[0]

    def logits_and_features(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, features = thread.submit(batched, glyphs, 2).result()
        return logits, features

    return Model(name, card, logits, logits_and_features)


def read_verified(path: Path, card: dict[str, Any]) -> bytes:
    """The file that a card describes.

    Raises:
        ModelError: it cannot be read, or its SHA-256 is another.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read ({error.strerror}): restore it") from error
    if hashlib.sha256(raw).hexdigest() != card["sha256"]:
        raise ModelError(f"{path.name} is not the file that its card describes (SHA-256 differs): restore it")
    return raw


@cache
def line_model(classes: tuple[str, ...]) -> Model:
    """The network of weights/lines/ that reads lines of these classes; loaded once in a process.

    Raises:
        ModelError: it is missing, or not the file that its card describes.
    """
    only_digits = not any(label.isalpha() for label in classes)
    return load_model("digits" if only_digits else "alphanumeric", LINES)
