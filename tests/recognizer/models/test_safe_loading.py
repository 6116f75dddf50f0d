"""What is let through as a .keras file: the shipped ones, and nothing that holds more than they do."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import pytest

from recognizer.errors import NotPlainError
from recognizer.models import safe_loading
from recognizer.models.store import WEIGHTS
from training.tools.browser import ROOT

SHIPPED = sorted(WEIGHTS.rglob("*.keras"))
PLAIN = {
    "config.json": b'{"module": "keras", "class_name": "Sequential", "config": {"layers": []}}',
    "metadata.json": b'{"keras_version": "3.15.1"}',
    "model.weights.h5": b"",
}


def packed(files: dict[str, bytes], *more: tuple[str, bytes]) -> bytes:
    """A zip of these files, and then of those, which may have the same names."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*files.items(), *more):
            archive.writestr(name, content)
    return raw.getvalue()


def with_part(part: object) -> bytes:
    """A file whose architecture has a part somewhere within."""
    config = json.loads(PLAIN["config.json"])
    config["config"]["layers"] = [{"module": "keras.layers", "class_name": "Dense", "config": {"x": [part]}}]
    return packed(PLAIN | {"config.json": json.dumps(config).encode()})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_weights_are_plain(path: Path):
    assert safe_loading.version(path.read_bytes()).startswith("3.")


def test_the_smallest_one():
    assert safe_loading.version(packed(PLAIN)) == "3.15.1"


@pytest.mark.parametrize(("raw", "message"), [
    (b"", "no zip"),
    (pickle.dumps({"a": 1}), "no zip"),
    (b"\x89HDF\r\n\x1a\n" + bytes(100), "no zip"),
    (packed(PLAIN)[:-30], "no zip"),
    (packed({}), "it holds nothing"),
    (packed({"config.json": b"{}"}), r"it holds 'config\.json' where"),
    (packed(PLAIN | {"assets/words.txt": b"a"}), "assets"),
    (packed(PLAIN | {"../config.json": b"a"}), "it holds"),
    (packed(PLAIN | {"model.pkl": b"a"}), "pkl"),
    (packed(PLAIN | {"config.json": b"{"}), "no JSON"),
    (packed(PLAIN | {"config.json": b"[]"}), "no object"),
    (packed(PLAIN | {"config.json": b"[" * 100_000}), "no JSON"),
    (packed(PLAIN | {"config.json": b"\xff\xfe\xff"}), "no JSON"),
    (packed(PLAIN | {"metadata.json": b" " * 3_000_000}), "more than 2 MB"),
])  # fmt: skip
def test_other_files_are_refused(raw, message):
    with pytest.raises(NotPlainError, match=message):
        safe_loading.version(raw)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused():
    with pytest.raises(NotPlainError, match="it holds"):
        safe_loading.version(packed(PLAIN, ("config.json", b"{}")))


def test_numbers_that_unpack_to_more_than_the_limit_are_refused_without_unpacking(monkeypatch):
    raw = packed(PLAIN | {"model.weights.h5": bytes(5000)})
    assert safe_loading.version(raw)
    monkeypatch.setattr(safe_loading, "MOST_NUMBERS", 4999)
    with pytest.raises(NotPlainError, match="numbers"):
        safe_loading.version(raw)


@pytest.mark.parametrize("part", [
    {"module": "keras.layers", "class_name": "Lambda", "config": {}},
    {"class_name": "__lambda__", "config": {"value": "4wAA"}},
    {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
    {"module": "os", "class_name": "system", "config": {}},
    {"module": "keras.src.utils.torch_utils", "class_name": "TorchModuleWrapper", "config": {}},
    {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/etc"}},
    {"module": "keras.layers", "class_name": "TextVectorization", "config": {"vocabulary": "/etc/passwd"}},
    {"module": None, "class_name": "Mine", "config": {}, "registered_name": "package>Mine"},
    {"module": "keras.layers", "class_name": "Dense", "config": {}, "registered_name": "package>Mine"},
    {"module": ["keras.layers"], "class_name": ["Dense"], "config": {}},
    {"class_name": None, "config": {}},
])  # fmt: skip
def test_what_runs_code_or_opens_files_is_refused(part):
    with pytest.raises(NotPlainError, match="not allowed"):
        safe_loading.version(with_part(part))


def test_how_a_network_was_trained_is_not_looked_at_because_it_is_not_loaded():
    config = json.loads(PLAIN["config.json"])
    config["compile_config"] = {"module": "keras.optimizers", "class_name": "AdamW", "config": {}}
    assert safe_loading.version(packed(PLAIN | {"config.json": json.dumps(config).encode()}))
