"""The same networks by LiteRT, without TensorFlow."""

import json
import shutil

import numpy as np
import pytest

from recognizer.errors import ModelError
from recognizer.models import keras_engine, litert_engine
from recognizer.models.store import WEIGHTS, load_model, read_card
from training.tools.export_litert import EXPORTED

SHIPPED = [(weights, name) for weights, names in EXPORTED.items() for name in names]


@pytest.fixture
def copied(tmp_path):
    """The weights of `characters` and their export."""
    for path in WEIGHTS.glob("characters.*"):
        shutil.copy(path, tmp_path)
    (tmp_path / "lite").mkdir()
    for path in (WEIGHTS / "lite").glob("characters.*"):
        shutil.copy(path, tmp_path / "lite")
    return tmp_path


@pytest.mark.parametrize(("weights", "name"), SHIPPED, ids=lambda value: getattr(value, "name", value))
def test_litert_gives_the_outputs_of_keras(weights, name):
    path, card = weights / f"{name}.keras", read_card(name, weights)
    by_litert = litert_engine.load_forward(path, card)
    by_keras = keras_engine.load_forward(path.name, path.read_bytes(), card)
    height, fixed_width, _ = card["input_shape"]
    rng = np.random.default_rng(0)
    for count, width in ((3, fixed_width or 96), (1, fixed_width or 64), (5, fixed_width or 224)):
        glyphs = rng.random((count, height, width, 1), np.float32)
        for output, expected in zip(by_litert(glyphs), by_keras(glyphs), strict=True):
            assert output.shape == expected.shape
            assert output == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("weights", "name"), SHIPPED, ids=lambda value: getattr(value, "name", value))
def test_shipped_exports_are_of_the_weights_beside_them(weights, name):
    assert litert_engine.is_exported(weights / f"{name}.keras", read_card(name, weights))


def test_weights_without_an_export_are_refused_by_name():
    path, card = WEIGHTS / "digits-mlp.keras", read_card("digits-mlp")
    assert not litert_engine.is_exported(path, card)
    with pytest.raises(ModelError, match="digits-mlp is not exported for LiteRT: use the engine 'keras'"):
        litert_engine.load_forward(path, card)


def test_an_export_of_other_weights_is_refused_by_name(copied):
    note = copied / "lite" / "characters.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"of": "0" * 64}))
    assert not litert_engine.is_exported(copied / "characters.keras", read_card("characters", copied))
    with pytest.raises(ModelError, match=r"lite/characters\.tflite was exported from other weights"):
        load_model("characters", copied, "litert")


@pytest.mark.parametrize("note", ["", "[]", "{}", "7", "\xff"])
def test_a_note_that_cannot_be_read_is_refused_by_name(copied, note):
    (copied / "lite" / "characters.json").write_text(note, encoding="latin-1")
    with pytest.raises(ModelError, match=r"lite/characters\.json cannot be read"):
        load_model("characters", copied, "litert")


def test_a_missing_export_file_is_refused_by_name(copied):
    (copied / "lite" / "characters.tflite").unlink()
    with pytest.raises(ModelError, match=r"lite/characters\.tflite cannot be read"):
        load_model("characters", copied, "litert")


def test_a_changed_export_is_refused_by_name(copied):
    with (copied / "lite" / "characters.tflite").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"lite/characters\.tflite is not the file that its note describes"):
        load_model("characters", copied, "litert")


def test_an_export_of_another_network_is_refused_though_its_note_is_right(copied):
    for kind in ("tflite", "json"):
        shutil.copy(WEIGHTS / "lines" / "lite" / f"digits.{kind}", copied / "lite" / f"characters.{kind}")
    note = copied / "lite" / "characters.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"of": read_card("characters")["sha256"]}))
    with pytest.raises(
        ModelError, match=r"lite/characters\.tflite is not the network that its card describes"
    ):
        load_model("characters", copied, "litert")
