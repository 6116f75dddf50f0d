import hashlib
import json
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from recognizer import Recognizer, available_models
from recognizer.errors import ModelError
from recognizer.models.store import LINES, WEIGHTS, load_model, read_card


def test_what_is_there():
    assert {"alphanumeric", "digits", "letters"} <= set(available_models())


def test_a_missing_model_lists_the_available_ones():
    with pytest.raises(ModelError, match=r"'cyrillic'.*alphanumeric, .*digits, .*letters"):
        Recognizer.load("cyrillic")


def test_an_empty_folder_has_no_models(tmp_path):
    assert available_models(tmp_path) == []
    with pytest.raises(ModelError, match="available are none"):
        load_model("digits", tmp_path)
    with pytest.raises(ModelError, match="the folder gone/ is missing or empty: restore it"):
        load_model("digits", tmp_path / "gone")


def test_weights_that_are_not_the_cards_are_refused_by_name(copied):
    with (copied / "digits-mlp.keras").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match=r"digits-mlp\.keras.*SHA-256"):
        load_model("digits-mlp", copied)


def test_weights_without_a_card_are_refused_by_name(copied):
    (copied / "digits-mlp.json").unlink()
    with pytest.raises(ModelError, match=r"digits-mlp\.json"):
        load_model("digits-mlp", copied)


def changed(folder: Path, **card: object) -> None:
    """Change what the copied card says; the SHA-256 is that of the weights as they are now."""
    path = folder / "digits-mlp.json"
    sha256 = hashlib.sha256((folder / "digits-mlp.keras").read_bytes()).hexdigest()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sha256": sha256} | card))


def rewritten(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a text in one file of the copied weights."""
    weights = folder / "digits-mlp.keras"
    with zipfile.ZipFile(weights) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    assert old.encode() in files[name]
    files[name] = files[name].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(weights, "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)
    changed(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "\xff", "[" * 100_000, '{"classes": ["1"]}'])
def test_a_card_that_cannot_be_read_is_refused_by_name(copied, text):
    (copied / "digits-mlp.json").write_text(text, encoding="latin-1")
    with pytest.raises(ModelError, match=r"card digits-mlp\.json .*: restore it"):
        load_model("digits-mlp", copied)


@pytest.mark.parametrize("key", ["classes", "input_shape", "sha256", "recipe", "temperature"])
@pytest.mark.parametrize("value", [None, {}, "", 0])
def test_a_card_that_does_not_say_what_is_needed_is_refused_by_name(copied, key, value):
    changed(copied, **{key: value})
    with pytest.raises(ModelError, match=rf"card digits-mlp\.json lacks {key}"):
        load_model("digits-mlp", copied)


def test_a_line_readers_card_needs_other_figures():
    card = read_card("digits", LINES)
    assert "recipe" not in card
    assert card["tall"] > 0


@pytest.mark.parametrize("card", [{"classes": ["1", "2"]}, {"input_shape": [56, 56, 1]}])
def test_weights_of_another_network_are_refused_though_the_sha_is_right(copied, card):
    changed(copied, **card)
    with pytest.raises(ModelError, match=r"digits-mlp\.keras is not the network"):
        load_model("digits-mlp", copied)


class Runs:
    """When unpickled, it makes a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_and_not_run_though_the_sha_is_right(copied, tmp_path):
    (copied / "digits-mlp.keras").write_bytes(pickle.dumps(Runs(tmp_path / "was run")))
    changed(copied)
    with pytest.raises(ModelError, match=r"digits-mlp\.keras is refused"):
        load_model("digits-mlp", copied)
    assert not (tmp_path / "was run").exists()


def test_a_lambda_that_keras_wrote_is_refused_and_not_run_though_the_sha_is_right(copied, tmp_path):
    import keras

    mark = str(tmp_path / "was run")

    def marks(glyphs):
        open(mark, "a").close()
        return glyphs

    glyphs = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(keras.layers.Lambda(marks)(glyphs))
    Path(mark).unlink()
    keras.Model(glyphs, keras.layers.Dense(10)(flat)).save(copied / "digits-mlp.keras")
    changed(copied)
    with pytest.raises(ModelError, match=r"digits-mlp\.keras is refused.*keras\.layers\.Lambda"):
        load_model("digits-mlp", copied)
    assert not Path(mark).exists()


def test_a_layer_of_this_process_is_refused_though_the_sha_is_right(copied):
    import keras

    @keras.saving.register_keras_serializable("tests")
    class Mine(keras.layers.Layer):
        def call(self, glyphs):
            return glyphs

    glyphs = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(Mine()(glyphs))
    keras.Model(glyphs, keras.layers.Dense(10)(flat)).save(copied / "digits-mlp.keras")
    changed(copied)
    with pytest.raises(ModelError, match=r"refused.*tests>Mine"):
        load_model("digits-mlp", copied)


def test_weights_that_this_keras_does_not_know_say_which_keras_wrote_them(copied):
    rewritten(copied, "metadata.json", '"keras_version": "', '"keras_version": "99.')
    load_model("digits-mlp", copied)  # a newer one may well be the same
    rewritten(copied, "config.json", '"units": 128', '"units": 128, "wings": 2')
    with pytest.raises(ModelError, match=r"digits-mlp\.keras, written by Keras 99\..*requirements\.txt"):
        load_model("digits-mlp", copied)


def test_weights_whose_numbers_are_cut_are_refused(copied):
    rewritten(copied, "model.weights.h5", "HDF", "HDX")
    with pytest.raises(ModelError, match=r"digits-mlp\.keras.*cannot be loaded"):
        load_model("digits-mlp", copied)


def test_weights_that_are_a_folder_are_refused_by_name(copied):
    (copied / "digits-mlp.keras").unlink()
    (copied / "digits-mlp.keras").mkdir()
    with pytest.raises(ModelError, match=r"digits-mlp\.keras cannot be read"):
        load_model("digits-mlp", copied)


@pytest.mark.parametrize(
    "name", ["../weights/digits", "/etc/passwd", "lines/digits", "", ".", "digits.keras"]
)
def test_a_name_is_no_path(name):
    with pytest.raises(ModelError, match="no model"):
        Recognizer.load(name)


@pytest.mark.parametrize("name", ["digits", "letters", "alphanumeric", "anything"])
def test_the_card_of_a_view_says_what_its_network_is(name):
    card = read_card(name)
    assert card["recipe"] == "emnist"
    assert card["input_shape"] == [28, 28, 1]
    assert card["parameters"] < 1_000_000
    assert all(len(sha256) == 64 for sha256 in card["training_data"].values())
    assert card["hyperparameters"]["name"] == "characters"
    assert card["metrics"], "run python -m training.evaluate"
    assert card["command"] == f"python -m training.train characters --seed {card['hyperparameters']['seed']}"


def test_a_network_whose_card_says_nothing_of_a_view_is_refused(tmp_path):
    for path in WEIGHTS.glob("characters.*"):
        shutil.copy(path, tmp_path)
    card = json.loads((tmp_path / "characters.json").read_text())
    card["views"].pop("letters")
    (tmp_path / "characters.json").write_text(json.dumps(card))
    assert load_model("digits", tmp_path).classes[0] == "0"
    with pytest.raises(ModelError, match=r"characters\.json lacks temperature of letters"):
        load_model("letters", tmp_path)


def test_all_weights_together_are_small():
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*")) < 30e6


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
