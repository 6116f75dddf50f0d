import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from recognizer.errors import CorrectionError
from recognizer.models.store import WEIGHTS, load_model
from recognizer.personalization.archive import Correction, packed
from recognizer.preprocessing.normalize import glyph
from tests.characters import picture
from tests.conftest import RECIPE
from tests.training.engine.test_keras_loop import trained
from training.engine.batches import RowBatches
from training.engine.calibrate import promises
from training.engine.fine_tune import Mixed, fine_tune, lessons
from training.engine.make import Prepared, network, write
from training.recipes import RECIPES
from training.tools.browser import ROOT

CARD = {"classes": list(RECIPE.classes), "recipe": "mnist", "input_shape": [28, 28, 1]}
NAME = RECIPE.name


def upside_down(label: str) -> np.ndarray:
    """How somebody writes this character whom nobody else can read."""
    return np.rint(255 * glyph(1 - picture(label).astype(np.float32) / 255, "mnist")).astype(np.uint8)[::-1]


@pytest.fixture(scope="module")
def weights(samples, tmp_path_factory):
    """A small network that reads the samples, and its card."""
    folder = tmp_path_factory.mktemp("weights")
    longer = dataclasses.replace(RECIPE, epochs=12)
    model, history = trained(samples, folder / "run", longer)
    plain = network(RECIPE)
    plain.set_weights(model.get_weights())
    ready = at_hand(samples)
    write(RECIPE.name, plain, CARD | ready.card(plain.predict(ready.inputs, verbose=0)), history, folder)
    return folder


def at_hand(samples) -> Prepared:
    """The samples of the tests as those of a recipe, also held out."""

    def card(logits):
        found = promises(logits, samples.allowed, RECIPE.classes, 1.0)
        return {"temperature": 1.0, "training_data": {"drawn": "0" * 64}, **found}

    inputs = samples.images[..., None].astype(np.float32) / 255
    return Prepared(
        lambda epoch: RowBatches(samples, RECIPE, epoch), inputs, samples.allowed.astype(np.float32), card
    )


@pytest.fixture
def file(tmp_path):
    """An export: a 4 and a 7 in that hand, and a letter, which this model cannot say."""
    given = [Correction("", upside_down(label), label, recipe="mnist") for label in "4774"]
    path = tmp_path / "my-hand.zip"
    path.write_bytes(packed([*given, Correction("", upside_down("A"), "A")]))
    return path


def test_corrections_are_learnt_and_the_shipped_weights_stay(weights, file, tmp_path):
    before = {path.name: path.read_bytes() for path in weights.glob(f"{NAME}.*")}
    card = fine_tune(
        RECIPE, file, tmp_path / "nowhere", tmp_path / "out", steps=60, rate=3e-3, weights=weights
    )
    assert {path.name: path.read_bytes() for path in weights.glob(f"{NAME}.*")} == before
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"{NAME}-history.json", f"{NAME}.json", f"{NAME}.keras"}
    own = lessons(RECIPE, file)
    read = [load_model(NAME, folder).logits(own.images / 255).argmax(axis=1)
            for folder in (weights, tmp_path / "out")]  # fmt: skip
    assert read[1].tolist() == [4, 7, 7, 4] != read[0].tolist()
    assert card["fine_tuned"]["corrections"] == 4
    assert card["fine_tuned"]["mixed_with"].startswith("nothing")


def test_the_card_says_what_it_is_and_promises_nothing_that_was_not_measured(weights, file, tmp_path):
    fine_tune(RECIPE, file, tmp_path / "nowhere", tmp_path / "out", steps=1, weights=weights)
    shipped, made = (json.loads((one / f"{NAME}.json").read_text()) for one in (weights, tmp_path / "out"))
    assert made["fine_tuned"]["from"] == shipped["sha256"] != made["sha256"]
    assert set(made["training_data"]) == {"drawn", "my-hand.zip"}
    assert made["command"] == f"python -m training.train {NAME} --corrections my-hand.zip"
    assert made["metrics"] == {}
    assert "risk" in shipped
    assert not {"risk", "coverage", "validation"} & set(made)


def test_corrections_are_a_share_of_each_batch(samples, file):
    own = lessons(RECIPE, file)
    batches = Mixed(own, RECIPE, at_hand(samples), steps=3)
    assert len(batches) == 3
    images, allowed = batches[2]
    assert images.shape == (RECIPE.batch_size, 28, 28, 1)
    assert set(allowed[:4].argmax(axis=1)) <= {4, 7}  # a quarter of 16
    np.testing.assert_array_equal(images[4:], at_hand(samples).batches(0)[2][0][4:])
    alone = Mixed(own, RECIPE, None, steps=30)
    taught = np.concatenate([alone[step][1].argmax(axis=1) for step in range(30)])
    assert {4, 7} == set(taught)
    assert 0.4 < (taught == 4).mean() < 0.6


def test_with_training_data_what_was_known_is_kept_and_measured(
    weights, samples, file, tmp_path, monkeypatch
):
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    monkeypatch.setattr("training.engine.fine_tune.prepared", lambda recipe, data_dir: at_hand(samples))
    card = fine_tune(RECIPE, file, tmp_path / "data", tmp_path / "out", steps=60, rate=3e-3, weights=weights)
    assert card["fine_tuned"]["mixed_with"] == "the training data"
    assert card["risk"][0][1] == len(samples)
    assert card["risk"][0][2] < 0.1 * len(samples)
    learnt = load_model(NAME, tmp_path / "out")
    assert learnt.logits(lessons(RECIPE, file).images / 255).argmax(axis=1).tolist() == [4, 7, 7, 4]


def test_letters_are_learnt_in_the_case_that_a_model_says(file):
    assert lessons(RECIPES["letters-27"], file).allowed.argmax(axis=1).tolist() == [1]
    assert lessons(RECIPES["characters"], file).allowed.argmax(axis=1).tolist() == [4, 7, 7, 4, 10]


def test_an_export_that_teaches_this_model_nothing_is_refused(tmp_path):
    path = tmp_path / "commas.zip"
    path.write_bytes(packed([Correction("", upside_down("7"), ",")]))
    with pytest.raises(CorrectionError, match=r"commas\.zip has no correction that digits-small can say"):
        lessons(RECIPE, path)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--corrections", "nowhere.zip"], 1, "nowhere.zip cannot be opened"),
    (["--corrections", "README.md"], 1, "no zip file"),
    (["--corrections", "my-hand.zip", "--resume"], 2, "no --epochs, --resume"),
])  # fmt: skip
def test_the_command_says_what_is_wrong(arguments, code, message):
    before = {path: path.stat().st_mtime for path in WEIGHTS.iterdir()}
    command = [sys.executable, "-m", "training.train", "digits-mlp", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == code
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert {path: path.stat().st_mtime for path in WEIGHTS.iterdir()} == before
