"""Which engine runs the networks of a recognizer, and that all engines give the same answers."""

import os
import shutil
import subprocess
import sys
import threading
from importlib.util import find_spec

import numpy as np
import pytest

from recognizer import Drawing, ModelError, Recognizer
from recognizer.models import litert_engine, store, stroke_model
from recognizer.models.engines import warmed_up
from recognizer.models.store import WEIGHTS, line_model, load_model, quickest_engine
from tests.characters import STROKES, picture
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow

NAMES = ("digits", "letters", "alphanumeric")

READ_BY_PYTORCH = """
import sys
import numpy as np
from recognizer import Recognizer

def probabilities(name):
    return [[p for _, p in c.alternatives] for c in Recognizer.load(name).characters(np.load(sys.argv[1]))]

np.savez(sys.argv[2], **{name: probabilities(name) for name in sys.argv[3:]})
assert "torch" in sys.modules and "tensorflow" not in sys.modules
"""

READ_BY_LITERT = """
import sys
import numpy as np
from recognizer import Drawing, Recognizer

reader = Recognizer.load("alphanumeric", engine="litert")
pictures = np.load(sys.argv[1])
drawing = Drawing((np.array([(60, 40), (60, 200)]),), 10, (280, 280))
print(*(character.label for character in reader.characters(pictures)), reader.character(drawing).label)
print(reader.read(pictures[0]).text, reader.read(drawing).text)
assert "keras" not in sys.modules and "tensorflow" not in sys.modules
"""


@pytest.mark.skipif(not find_spec("torch"), reason="needs PyTorch: pip install -r requirements-torch.txt")
def test_pytorch_gives_the_same_probabilities(tmp_path):
    pictures = np.stack([picture(label) for label in STROKES])
    np.save(tmp_path / "pictures.npy", pictures)
    subprocess.run(
        [sys.executable, "-c", READ_BY_PYTORCH, tmp_path / "pictures.npy", tmp_path / "read.npz", *NAMES],
        env=os.environ | {"KERAS_BACKEND": "torch"},
        cwd=ROOT,
        check=True,
    )
    with np.load(tmp_path / "read.npz") as read:
        for name in NAMES:
            here = [[p for _, p in c.alternatives] for c in Recognizer.load(name).characters(pictures)]
            assert read[name] == pytest.approx(np.array(here), abs=1e-4)


def test_litert_reads_pictures_pages_and_drawings_without_tensorflow(tmp_path):
    np.save(tmp_path / "pictures.npy", pictures := np.stack([picture(label) for label in STROKES]))
    done = subprocess.run(
        [sys.executable, "-c", READ_BY_LITERT, tmp_path / "pictures.npy"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    reader = Recognizer.load("alphanumeric")
    drawing = Drawing((np.array([(60, 40), (60, 200)]),), 10, (280, 280))
    labels = [character.label for character in reader.characters(pictures)]
    expected = [*labels, reader.character(drawing).label]
    expected += [reader.read(pictures[0]).text, reader.read(drawing).text]
    assert done.stdout.split() == expected
    assert not [line for line in done.stderr.splitlines() if "XNNPACK" not in line]


@pytest.mark.parametrize("engines", [("keras", "litert"), ("litert", "keras")])
def test_line_and_stroke_networks_run_on_the_engine_of_each_recognizer(monkeypatch, engines):
    line_model.cache_clear()
    stroke_model._network.cache_clear()
    loaded = []

    def load(name, folder=WEIGHTS, engine="keras"):
        loaded.append((name, engine))
        return load_model(name, folder, engine)

    monkeypatch.setattr(store, "load_model", load)
    drawing = Drawing((np.array([(60.0, 40.0), (60.0, 200.0)]),), 10, (280, 280))
    for engine in engines:
        reader = Recognizer.load("digits", engine=engine)
        assert reader.read(drawing).text == "1"
        assert {("strokes", engine), ("digits", engine)} <= set(loaded)
        assert {used for _, used in loaded} == {engine}
        loaded.clear()


def test_both_engines_give_the_same_character_in_one_process():
    by_keras, by_litert = (Recognizer.load("digits", engine=engine) for engine in ("keras", "litert"))
    for label in "0123457":
        character, expected = (reader.character(picture(label)) for reader in (by_litert, by_keras))
        assert character.label == expected.label == label
        assert character.probability == pytest.approx(expected.probability, abs=1e-4)


def test_an_adapted_recognizer_keeps_its_engine():
    reader = Recognizer.load("digits", engine="litert").adapted([picture("7")], ["7"])
    assert reader._classifier.model.engine == "litert"


def test_an_unknown_engine_is_refused_with_the_possible_ones():
    with pytest.raises(ModelError, match="no engine 'onnx': choose 'keras' or 'litert'"):
        Recognizer.load("digits", engine="onnx")


def test_litert_that_is_not_installed_is_refused_and_commands_use_keras(monkeypatch):
    assert quickest_engine("digits") == "litert"
    monkeypatch.setattr(litert_engine, "PACKAGE", "no_such_engine")
    with pytest.raises(ModelError, match=r"LiteRT is not installed: pip install 'scrawl\[batch\]'"):
        Recognizer.load("digits", engine="litert")
    assert quickest_engine("digits") == "keras"


def test_a_model_without_an_export_is_refused_by_litert_and_commands_use_keras():
    with pytest.raises(ModelError, match="digits-mlp is not exported for LiteRT: use the engine 'keras'"):
        Recognizer.load("digits-mlp", engine="litert")
    assert quickest_engine("digits-mlp") == "keras"


def test_commands_use_keras_if_a_network_that_the_recognizer_needs_has_no_export(monkeypatch, tmp_path):
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    monkeypatch.setattr(store, "WEIGHTS", tmp_path / "weights")
    (tmp_path / "weights" / "lite" / "strokes.json").unlink()
    assert quickest_engine("digits") == "keras"


def test_the_thread_that_reads_is_the_one_that_was_warmed_up():
    threads = []

    def forward(glyphs):
        threads.append(threading.get_ident())
        return [np.zeros((len(glyphs), 2)), np.zeros((len(glyphs), 5))]

    model = warmed_up("some", {"input_shape": [28, 28, 1], "classes": ["0", "1"]}, "keras", forward)
    assert len(threads) == 1  # before anybody reads
    model.logits(np.zeros((3, 28, 28)))
    model.logits_and_features(np.zeros((1, 28, 28)))
    assert len(threads) == 3
    assert len({*threads, threading.get_ident()}) == 2
