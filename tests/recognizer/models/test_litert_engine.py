"""The same networks by LiteRT, without TensorFlow."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from recognizer import Recognizer
from recognizer.errors import ModelError
from recognizer.models import litert_engine
from recognizer.models.keras_engine import by_keras
from recognizer.models.store import WEIGHTS, load_model, read_card
from tests.characters import STROKES, picture
from training.tools.browser import ROOT
from training.tools.export_litert import EXPORTED

SHIPPED = [(weights, name) for weights, names in EXPORTED.items() for name in names]
READ = """
import sys
import numpy as np
from recognizer import Recognizer, lite

assert lite.prefer()
reader = Recognizer.load("alphanumeric")
pictures = np.load(sys.argv[1])
print(*(one.label for one in reader.characters(pictures)), reader.read(pictures[0]).text)
assert "keras" not in sys.modules and "tensorflow" not in sys.modules
"""


@pytest.fixture
def preferred(monkeypatch):
    monkeypatch.setattr(litert_engine, "_preferred", True)


@pytest.fixture
def copied(tmp_path):
    """The weights of `characters` with what was exported of them."""
    for path in WEIGHTS.glob("characters.*"):
        shutil.copy(path, tmp_path)
    (tmp_path / "lite").mkdir()
    for path in (WEIGHTS / "lite").glob("characters.*"):
        shutil.copy(path, tmp_path / "lite")
    return tmp_path


@pytest.mark.usefixtures("preferred")
@pytest.mark.parametrize(("weights", "name"), SHIPPED, ids=lambda one: getattr(one, "name", one))
def test_litert_says_what_keras_says(weights, name):
    path, card = weights / f"{name}.keras", read_card(name, weights)
    lites, keras = litert_engine.forward(path, card), by_keras(path, path.read_bytes(), card)
    high, wide, _ = card["input_shape"]
    rng = np.random.default_rng(0)
    for count, width in ((3, wide or 96), (1, wide or 64), (5, wide or 224)):
        glyphs = rng.random((count, high, width, 1), np.float32)
        for one, other in zip(lites(glyphs), keras(glyphs), strict=True):
            assert one.shape == other.shape
            assert one == pytest.approx(other, abs=1e-4)


def test_where_it_is_not_preferred_keras_reads():
    assert litert_engine.forward(WEIGHTS / "characters.keras", read_card("characters")) is None


def test_where_it_is_not_installed_it_is_not_preferred(monkeypatch):
    monkeypatch.setattr(litert_engine, "_preferred", False)
    monkeypatch.setattr(litert_engine, "ENGINE", "no_such_engine")
    assert not litert_engine.prefer()
    assert not litert_engine.preferred()


def test_a_process_that_prefers_it_reads_without_tensorflow_and_says_nothing(tmp_path):
    np.save(tmp_path / "pictures.npy", pictures := np.stack([picture(label) for label in STROKES]))
    done = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "pictures.npy"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    reader = Recognizer.load("alphanumeric")
    here = [*(one.label for one in reader.characters(pictures)), reader.read(pictures[0]).text]
    assert done.stdout.split() == " ".join(here).split()
    assert done.stderr == ""


@pytest.mark.usefixtures("preferred")
def test_what_was_exported_of_other_weights_is_left_alone(copied):
    note = copied / "lite" / "characters.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"of": "0" * 64}))
    assert litert_engine.forward(copied / "characters.keras", read_card("characters", copied)) is None
    (copied / "lite" / "characters.tflite").unlink()
    note.unlink()
    assert litert_engine.forward(copied / "characters.keras", read_card("characters", copied)) is None


@pytest.mark.usefixtures("preferred")
@pytest.mark.parametrize("note", ["", "[]", "{}", "7", "\xff"])
def test_a_note_that_cannot_be_read_is_refused_by_name(copied, note):
    (copied / "lite" / "characters.json").write_text(note, encoding="latin-1")
    with pytest.raises(ModelError, match=r"lite/characters\.tflite or its note cannot be read"):
        load_model("characters", copied)


@pytest.mark.usefixtures("preferred")
def test_an_export_that_was_changed_is_refused_by_name(copied):
    with (copied / "lite" / "characters.tflite").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"lite/characters\.tflite is not the file that its note describes"):
        load_model("characters", copied)


@pytest.mark.usefixtures("preferred")
def test_an_export_of_another_network_is_refused_though_the_note_is_right(copied):
    for kind in ("tflite", "json"):
        shutil.copy(WEIGHTS / "lines" / "lite" / f"digits.{kind}", copied / "lite" / f"characters.{kind}")
    note = copied / "lite" / "characters.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"of": read_card("characters")["sha256"]}))
    with pytest.raises(ModelError, match=r"lite/characters\.tflite is not the network of its card"):
        load_model("characters", copied)


@pytest.mark.parametrize(("weights", "name"), SHIPPED, ids=lambda one: getattr(one, "name", one))
def test_exports_are_of_the_weights_beside_them(weights, name):
    note = json.loads((weights / "lite" / f"{name}.json").read_text())
    assert note["of"] == read_card(name, weights)["sha256"]
