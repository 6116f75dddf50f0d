import json

import numpy as np
import pytest

from recognizer.errors import ModelError
from recognizer.models.store import STROKES, WEIGHTS, load_model
from recognizer.models.views import NETWORK
from training.tools.export_litert import EXPORTED, write


def test_an_exported_network_runs_with_the_logits_of_keras(copied):
    write("digits-mlp", copied)
    glyphs = np.random.default_rng(0).random((3, 28, 28), np.float32)
    by_litert, by_keras = (load_model("digits-mlp", copied, engine) for engine in ("litert", "keras"))
    np.testing.assert_allclose(by_litert.logits(glyphs), by_keras.logits(glyphs), atol=1e-4)
    note = json.loads((copied / "lite" / "digits-mlp.json").read_text())
    assert note["of"] == by_keras.card["sha256"]


def test_weights_that_do_not_match_their_card_are_not_exported(copied):
    with (copied / "digits-mlp.keras").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"digits-mlp\.keras is not the file that its card describes"):
        write("digits-mlp", copied)
    assert not (copied / "lite").exists()


def test_all_networks_behind_the_views_are_exported():
    assert {NETWORK, STROKES} <= set(EXPORTED[WEIGHTS])
