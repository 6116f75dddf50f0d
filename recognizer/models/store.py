"""The files in weights/: a network and its card, verified, loaded and run."""

import hashlib
import json
import logging
import threading
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from recognizer.errors import ModelError
from recognizer.models import engines, litert_engine, views
from recognizer.models.engines import Engine, Model
from recognizer.models.verified import read_verified

__all__ = [
    "LINES",
    "STROKES",
    "WEIGHTS",
    "Model",
    "ModelError",
    "available_models",
    "entry",
    "line_model",
    "load_model",
    "quickest_engine",
    "read_card",
    "read_json",
    "reader_card",
    "write_card",
]

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "weights"
WEIGHTS = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent / "weights"  # beside it in a checkout
LINES = WEIGHTS / "lines"  # networks that read whole lines
STROKES = "strokes"  # the network that sees pen strokes
NOT_READERS = (views.NETWORK, STROKES)  # networks that cannot be loaded as recognizers by themselves

FieldTypes = dict[str, type | tuple[type, ...]]
# fields that a card must have, with their types: every card, and that of each kind of network
CARD_FIELDS: FieldTypes = {"classes": list, "input_shape": list, "sha256": str}
CHARACTER_FIELDS: FieldTypes = {"recipe": str, "temperature": (float, int)}
VIEWED_FIELDS: FieldTypes = {"recipe": str, "prior": list, "views": dict}
LINE_FIELDS: FieldTypes = {"step": int, "tall": int}


_log = logging.getLogger(__name__)
_loading = threading.Lock()  # TensorFlow, too, must be imported by one thread only
_in_use: WeakValueDictionary[tuple[Path, Engine], Model] = WeakValueDictionary()


def available_models(folder: Path | None = None) -> list[str]:
    """The names of all models that `Recognizer.load` can load, in alphabetical order.

    Args:
        folder: of the weights; by default those of this package.
    """
    names = _weights_names(folder or WEIGHTS)
    readers = set(names) - set(NOT_READERS)
    return sorted(readers | set(views.VIEWS)) if views.NETWORK in names else sorted(readers)


def _is_view(name: str, folder: Path) -> bool:
    """Whether a name is that of a view; networks in lines/ may have the same name as a view."""
    return name in views.VIEWS and not (folder / f"{name}.keras").exists()


def _weights_names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.keras"))


def reader_card(name: str) -> dict[str, Any]:
    """The card of a model that `Recognizer.load` can load.

    Raises:
        ModelError: as `read_card`; or it is a network that is read only through its views.
    """
    if name not in (known := available_models()):
        raise _unknown_model(name, known, WEIGHTS)
    card = read_card(name)
    if "views" in card:
        raise ModelError(f"{name} is a network with views: put it in the place of {views.NETWORK}.keras")
    return card


def _unknown_model(name: str, known: list[str], folder: Path) -> ModelError:
    none = f"none, because the folder {folder.name}/ is missing or empty: restore it"
    return ModelError(f"no model {name!r}: available are {', '.join(known) or none}")


def read_card(name: str, folder: Path = WEIGHTS) -> dict[str, Any]:
    """A model's card; of a view, the card of its network with the values fitted for the view.

    Raises:
        ModelError: no such model (the message lists the available ones); or its card is missing, cannot be
            read or lacks a field.
    """
    known = available_models(folder)
    if name in known and _is_view(name, folder):
        card = views.view_card(name, read_card(views.NETWORK, folder))
        if missing := _missing_fields(card):
            fields = ", ".join(missing)
            raise ModelError(f"the card {views.NETWORK}.json lacks {fields} of {name}: restore it")
        return card
    if name not in _weights_names(folder):
        raise _unknown_model(name, known, folder)
    path = folder / f"{name}.json"
    if not path.exists():
        raise ModelError(f"model {name!r} has no card: {path.name} must lie beside its weights")
    card = read_json(path)
    if missing := _missing_fields(card):
        raise ModelError(f"the card {path.name} lacks {', '.join(missing)}: restore it")
    return card


def read_json(card: Path) -> Any:
    """The content of a card, unchecked.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"the card {card.name} cannot be read ({reason}): restore it") from error


def _missing_fields(card: Any) -> list[str]:
    """Fields of a card that are missing, empty or of another type."""
    if not isinstance(card, dict):
        return ["everything"]
    own = LINE_FIELDS if "tall" in card else VIEWED_FIELDS if "views" in card else CHARACTER_FIELDS
    needed = CARD_FIELDS | own
    return [key for key, kind in needed.items() if not isinstance(card.get(key), kind) or not card[key]]


def entry(name: str, card: dict[str, Any], key: str) -> list[Any]:
    """A list in a card.

    Args:
        name: of the model, for the error message.

    Raises:
        ModelError: the card has no such key.
    """
    if key not in card:
        raise ModelError(f"the card of {name} has no {key!r}: restore it, or train {name} again")
    return card[key]


def write_card(weights: Path, card: dict[str, Any]) -> None:
    """Write the card beside a weights file, with the file's SHA-256."""
    card = card | {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    weights.with_suffix(".json").write_text(text, encoding="utf-8")


def load_model(name: str, folder: Path = WEIGHTS, engine: Engine = "keras") -> Model:
    """Load and warm up a model; the first call with Keras in a process imports TensorFlow (seconds).

    All callers share one model as long as any of them holds it.

    Args:
        name: of a file in the folder or of a view.
        folder: of the weights.
        engine: runs the network.

    Raises:
        ModelError: as `read_card`; the engine is unknown or not installed; or the weights cannot be read, do
            not match their card, are not plain data (recognizer.models.safe_loading), or cannot be run by
            this engine.
    """
    engines.check_installed(engine)
    card, path = read_card(name, folder), (folder / f"{name}.keras").resolve()
    if _is_view(name, folder):
        return _load_view(name, card, load_model(views.NETWORK, folder, engine), path)
    with _loading:
        raw = read_verified(path, card["sha256"], "card")
        model = _in_use.get((path, engine))
        if model is None or model.card != card:
            model = _in_use[path, engine] = engines.load_model(engine, path, raw, card)
            _log.info("loaded %s with %s", path.relative_to(path.parent.parent), engine)
        return model


def _load_view(name: str, card: dict[str, Any], network: Model, path: Path) -> Model:
    """A view of a loaded network as a model of its own, shared by its callers."""
    with _loading:
        model = _in_use.get((path, network.engine))
        if model is None or model.card != card:
            matrix = views.view_matrix(views.VIEWS[name], network.card["classes"], network.card["prior"])

            def logits(glyphs: np.ndarray) -> np.ndarray:
                return views.view_logits(matrix, network.logits(glyphs))

            def logits_and_features(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
                network_logits, features = network.logits_and_features(glyphs)
                return views.view_logits(matrix, network_logits), features

            model = Model(name, card, network.engine, logits, logits_and_features)
            _in_use[path, network.engine] = model
        return model


def _line_network(classes: tuple[str, ...]) -> str:
    return "alphanumeric" if any(label.isalpha() for label in classes) else "digits"


@cache
def line_model(classes: tuple[str, ...], engine: Engine = "keras") -> Model:
    """The network of weights/lines/ that reads lines of these classes, loaded once in a process.

    Raises:
        ModelError: as `load_model`.
    """
    return load_model(_line_network(classes), LINES, engine)


def quickest_engine(name: str) -> Engine:
    """The engine that starts soonest: LiteRT where it can run all networks of a recognizer, else Keras.

    Args:
        name: as `Recognizer.load` takes it.

    Raises:
        ModelError: as `reader_card`.
    """
    card = reader_card(name)
    if not litert_engine.is_installed():
        return "keras"
    file = views.NETWORK if _is_view(name, WEIGHTS) else name
    networks = [(file, WEIGHTS), (STROKES, WEIGHTS), (_line_network(card["classes"]), LINES)]
    exported = (
        litert_engine.is_exported(folder / f"{network}.keras", read_card(network, folder))
        for network, folder in networks
    )
    return "litert" if all(exported) else "keras"
