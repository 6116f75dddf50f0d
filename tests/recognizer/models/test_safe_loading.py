"""Which .keras files are plain data: the shipped ones, and none that holds more than they do."""

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
    """A zip of `files` and then `more`, which may repeat a name."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*files.items(), *more):
            archive.writestr(name, content)
    return raw.getvalue()


def with_part(part: object) -> bytes:
    """A file whose architecture holds `part` in one of its layers."""
    config = json.loads(PLAIN["config.json"])
    config["config"]["layers"] = [{"module": "keras.layers", "class_name": "Dense", "config": {"x": [part]}}]
    return packed(PLAIN | {"config.json": json.dumps(config).encode()})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_weights_are_plain(path: Path):
    assert safe_loading.check_plain(path.read_bytes()).startswith("3.")


def test_the_smallest_file_is_plain():
    assert safe_loading.check_plain(packed(PLAIN)) == "3.15.1"


@pytest.mark.parametrize(("raw", "message"), [
    (b"", "not a readable zip"),
    (pickle.dumps({"a": 1}), "not a readable zip"),
    (b"\x89HDF\r\n\x1a\n" + bytes(100), "not a readable zip"),
    (packed(PLAIN)[:-30], "not a readable zip"),
    (packed({}), "it holds nothing"),
    (packed({"config.json": b"{}"}), r"it holds 'config\.json' instead"),
    (packed(PLAIN | {"assets/words.txt": b"a"}), "assets"),
    (packed(PLAIN | {"../config.json": b"a"}), "it holds"),
    (packed(PLAIN | {"model.pkl": b"a"}), "pkl"),
    (packed(PLAIN | {"config.json": b"{"}), "not JSON"),
    (packed(PLAIN | {"config.json": b"[]"}), "not a JSON object"),
    (packed(PLAIN | {"config.json": b"[" * 100_000}), "not JSON"),
    (packed(PLAIN | {"config.json": b"\xff\xfe\xff"}), "not JSON"),
    (packed(PLAIN | {"metadata.json": b" " * 3_000_000}), "more than 2 MB"),
])  # fmt: skip
def test_anything_but_a_zip_of_the_three_files_is_refused(raw, message):
    with pytest.raises(NotPlainError, match=message):
        safe_loading.check_plain(raw)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_duplicate_name_is_refused():
    with pytest.raises(NotPlainError, match="it holds"):
        safe_loading.check_plain(packed(PLAIN, ("config.json", b"{}")))


def test_weights_that_unpack_to_more_than_the_limit_are_refused_without_unpacking(monkeypatch):
    raw = packed(PLAIN | {"model.weights.h5": bytes(5000)})
    assert safe_loading.check_plain(raw)
    monkeypatch.setattr(safe_loading, "MAX_WEIGHTS_BYTES", 4999)
    with pytest.raises(NotPlainError, match="weights"):
        safe_loading.check_plain(raw)


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
def test_classes_that_run_code_or_open_files_are_refused(part):
    with pytest.raises(NotPlainError, match="not allowed"):
        safe_loading.check_plain(with_part(part))


def test_the_compile_config_is_not_checked_because_it_is_not_loaded():
    config = json.loads(PLAIN["config.json"])
    config["compile_config"] = {"module": "keras.optimizers", "class_name": "AdamW", "config": {}}
    assert safe_loading.check_plain(packed(PLAIN | {"config.json": json.dumps(config).encode()}))
