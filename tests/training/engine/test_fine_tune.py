import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from recognizer.errors import CorrectionError
from recognizer.models.store import WEIGHTS, load_model
from recognizer.personalization.archive import Correction, to_zip
from recognizer.preprocessing.normalize import glyph
from tests.characters import picture
from tests.conftest import RECIPE
from tests.training.engine.test_keras_loop import trained
from training.engine.batches import RowBatches
from training.engine.calibrate import risk_and_coverage
from training.engine.fine_tune import MixedBatches, fine_tune, load_corrections
from training.engine.make import PreparedData, network, write_model
from training.recipes import RECIPES
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow

CARD = {"classes": list(RECIPE.classes), "recipe": "mnist", "input_shape": [28, 28, 1]}
NAME = RECIPE.name


def upside_down(label: str) -> np.ndarray:
    """A character as no network has learnt it: upside down; uint8 (28, 28)."""
    return np.rint(255 * glyph(1 - picture(label).astype(np.float32) / 255, "mnist")).astype(np.uint8)[::-1]


@pytest.fixture(scope="module")
def weights(samples, tmp_path_factory):
    """A folder with a small network that reads the samples, and its card."""
    folder = tmp_path_factory.mktemp("weights")
    longer = dataclasses.replace(RECIPE, epochs=12)
    model, history = trained(samples, folder / "run", longer)
    plain = network(RECIPE)
    plain.set_weights(model.get_weights())
    data = prepared_samples(samples)
    card = CARD | data.card(plain.predict(data.inputs, verbose=0))
    write_model(RECIPE.name, plain, card, history, folder)
    return folder


def prepared_samples(samples) -> PreparedData:
    """The samples of the tests, for training and held out, in place of those of a recipe."""

    def card(logits):
        tables = risk_and_coverage(logits, samples.allowed, RECIPE.classes, 1.0)
        return {"temperature": 1.0, "training_data": {"drawn": "0" * 64}, **tables}

    inputs = samples.images[..., None].astype(np.float32) / 255
    return PreparedData(
        lambda epoch: RowBatches(samples, RECIPE, epoch), inputs, samples.allowed.astype(np.float32), card
    )


@pytest.fixture
def file(tmp_path):
    """An export of corrections: upside-down 4s and 7s, and a letter, which this model cannot say."""
    corrections = [Correction("", upside_down(label), label, recipe="mnist") for label in "4774"]
    path = tmp_path / "my-hand.zip"
    path.write_bytes(to_zip([*corrections, Correction("", upside_down("A"), "A")]))
    return path


def test_corrections_are_learnt_and_the_original_weights_are_unchanged(weights, file, tmp_path):
    before = {path.name: path.read_bytes() for path in weights.glob(f"{NAME}.*")}
    card = fine_tune(
        RECIPE, file, tmp_path / "nowhere", tmp_path / "out", steps=60, rate=3e-3, weights=weights
    )
    assert {path.name: path.read_bytes() for path in weights.glob(f"{NAME}.*")} == before
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"{NAME}-history.json", f"{NAME}.json", f"{NAME}.keras"}
    corrections = load_corrections(RECIPE, file)
    read = [load_model(NAME, folder).logits(corrections.images / 255).argmax(axis=1)
            for folder in (weights, tmp_path / "out")]  # fmt: skip
    assert read[1].tolist() == [4, 7, 7, 4] != read[0].tolist()
    assert card["fine_tuned"]["corrections"] == 4
    assert card["fine_tuned"]["mixed_with"].startswith("nothing")


def test_the_card_names_its_origin_and_has_no_figures_of_the_old_weights(weights, file, tmp_path):
    fine_tune(RECIPE, file, tmp_path / "nowhere", tmp_path / "out", steps=1, weights=weights)
    original, card = (
        json.loads((folder / f"{NAME}.json").read_text()) for folder in (weights, tmp_path / "out")
    )
    assert card["fine_tuned"]["from"] == original["sha256"] != card["sha256"]
    assert set(card["training_data"]) == {"drawn", "my-hand.zip"}
    assert card["command"] == f"python -m training.train {NAME} --corrections my-hand.zip"
    assert card["metrics"] == {}
    assert "risk" in original
    assert not {"risk", "coverage", "validation"} & set(card)


def test_each_batch_begins_with_its_share_of_corrections(samples, file):
    corrections = load_corrections(RECIPE, file)
    batches = MixedBatches(corrections, RECIPE, prepared_samples(samples), steps=3)
    assert len(batches) == 3
    images, allowed = batches[2]
    assert images.shape == (RECIPE.batch_size, 28, 28, 1)
    assert set(allowed[:4].argmax(axis=1)) <= {4, 7}  # a quarter of 16
    np.testing.assert_array_equal(images[4:], prepared_samples(samples).batches(0)[2][0][4:])


def test_without_training_data_batches_are_corrections_alone(file):
    batches = MixedBatches(load_corrections(RECIPE, file), RECIPE, None, steps=30)
    labels = np.concatenate([batches[step][1].argmax(axis=1) for step in range(30)])
    assert {4, 7} == set(labels)
    assert 0.4 < (labels == 4).mean() < 0.6


def test_with_training_data_old_knowledge_is_kept_and_the_card_is_measured(
    weights, samples, file, tmp_path, monkeypatch
):
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    monkeypatch.setattr(
        "training.engine.fine_tune.prepare", lambda recipe, data_dir: prepared_samples(samples)
    )
    card = fine_tune(RECIPE, file, tmp_path / "data", tmp_path / "out", steps=60, rate=3e-3, weights=weights)
    assert card["fine_tuned"]["mixed_with"] == "the training data"
    assert card["risk"][0][1] == len(samples)
    assert card["risk"][0][2] < 0.1 * len(samples)
    tuned = load_model(NAME, tmp_path / "out")
    assert tuned.logits(load_corrections(RECIPE, file).images / 255).argmax(axis=1).tolist() == [4, 7, 7, 4]


def test_a_letter_is_learnt_in_the_case_that_the_model_knows(file):
    assert load_corrections(RECIPES["letters-27"], file).allowed.argmax(axis=1).tolist() == [1]
    assert load_corrections(RECIPES["characters"], file).allowed.argmax(axis=1).tolist() == [4, 7, 7, 4, 10]


def test_an_export_without_a_label_of_the_model_is_refused(tmp_path):
    path = tmp_path / "commas.zip"
    path.write_bytes(to_zip([Correction("", upside_down("7"), ",")]))
    with pytest.raises(CorrectionError, match=r"commas\.zip has no correction that digits-small can say"):
        load_corrections(RECIPE, path)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--corrections", "nowhere.zip"], 1, "nowhere.zip cannot be opened"),
    (["--corrections", "README.md"], 1, "not a readable zip file"),
    (["--corrections", "my-hand.zip", "--resume"], 2, "no --epochs, --resume"),
])  # fmt: skip
def test_the_command_says_what_is_wrong_and_leaves_the_weights_alone(arguments, code, message):
    before = {path: path.stat().st_mtime for path in WEIGHTS.iterdir()}
    command = [sys.executable, "-m", "training.train", "digits-mlp", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == code
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert {path: path.stat().st_mtime for path in WEIGHTS.iterdir()} == before
