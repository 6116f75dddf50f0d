"""How Keras is set up and what it loads."""

import os
import shutil
import subprocess
import sys

import pytest

from recognizer.errors import ModelError
from recognizer.models import store
from recognizer.models.keras_engine import load_forward
from recognizer.models.store import WEIGHTS, load_model, read_card
from training.tools.browser import ROOT

SERVE = """
import gc
import weakref
import keras
from recognizer.models.keras_engine import prepare_server

prepare_server()
frozen = gc.get_freeze_count()
assert frozen > 100_000  # TensorFlow

class Session:
    pass

session = Session()
session.itself = session
gone = weakref.ref(session)
prepare_server()  # for another model
assert gc.get_freeze_count() <= frozen
del session
gc.collect()
assert gone() is None
cleared = keras.backend.clear_session
cleared()
assert keras.backend.clear_session is cleared
"""


def test_the_verified_bytes_are_loaded_whatever_the_path_holds_later(tmp_path, monkeypatch):
    for path in WEIGHTS.glob("digits-mlp.*"):
        shutil.copy(path, tmp_path)

    def read_and_replace(path, *recorded, read=store.read_verified):
        raw = read(path, *recorded)
        path.write_bytes(b"replaced after the check")
        return raw

    monkeypatch.setattr(store, "read_verified", read_and_replace)
    assert load_model("digits-mlp", tmp_path).classes[0] == "0"


def test_bytes_that_are_no_weights_file_are_refused_by_name():
    with pytest.raises(ModelError, match=r"^digits\.keras is refused: it is not a readable zip file"):
        load_forward("digits.keras", b"", read_card("digits-mlp"))


def test_a_server_freezes_the_imported_modules_once_and_still_frees_what_sessions_leave():
    subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, env=os.environ, check=True)
