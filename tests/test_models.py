import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from recognizer import Recognizer, available_models
from recognizer.models import WEIGHTS, ModelError, load_model, read_card


def test_what_is_there():
    assert {"alphanumeric", "digits", "letters"} <= set(available_models())


def test_a_missing_model_lists_the_available_ones():
    with pytest.raises(ModelError, match=r"'cyrillic'.*alphanumeric, .*digits, .*letters"):
        Recognizer.load("cyrillic")


def test_an_empty_folder_has_no_models(tmp_path):
    assert available_models(tmp_path) == []
    with pytest.raises(ModelError, match="available are none"):
        load_model("digits", tmp_path)


@pytest.fixture
def copied(tmp_path):
    for path in WEIGHTS.glob("digits.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_weights_that_are_not_the_cards_are_refused_by_name(copied):
    with (copied / "digits.keras").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"digits\.keras.*SHA-256"):
        load_model("digits", copied)


def test_weights_without_a_card_are_refused_by_name(copied):
    (copied / "digits.json").unlink()
    with pytest.raises(ModelError, match=r"digits\.json"):
        load_model("digits", copied)


@pytest.mark.parametrize(("name", "classes", "recipe"), [
    ("digits", "0123456789", "mnist"),
    ("letters", "abcdefghijklmnopqrstuvwxyz", "emnist"),
    ("alphanumeric", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "emnist"),
])  # fmt: skip
def test_cards(name, classes, recipe):
    card = read_card(name)
    assert card["classes"] == [*classes, ""]  # the last: no character
    assert len(card.get("prior", classes + "-")) == len(classes) + 1
    assert card["recipe"] == recipe
    assert card["input_shape"] == [28, 28, 1]
    assert card["parameters"] < 1_000_000
    assert (WEIGHTS / f"{name}.keras").stat().st_size < 4e6
    assert 0.3 < card["temperature"] < 4
    assert all(len(sha256) == 64 for sha256 in card["training_data"].values())
    assert card["hyperparameters"]["name"] == name
    assert card["metrics"], "run python -m training.evaluate"
    assert card["command"] == f"python -m training.train {name}"


def test_all_weights_together_are_small():
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 40e6


def test_a_batch_of_none_one_and_more_than_a_pass():
    model = load_model("digits")
    assert model.logits(np.zeros((0, 28, 28))).shape == (0, 11)
    one = model.logits(np.ones((1, 28, 28)))
    many = model.logits(np.ones((1030, 28, 28)))
    assert many.shape == (1030, 11)
    np.testing.assert_allclose(many, np.repeat(one, 1030, axis=0), atol=1e-3)


def test_importing_the_library_does_not_load_tensorflow_or_streamlit():
    code = "import json, sys, recognizer; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert not {"tensorflow", "keras", "streamlit"} & set(loaded)
