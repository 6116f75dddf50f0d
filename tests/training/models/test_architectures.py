import numpy as np
import pytest

from recognizer.models.store import WEIGHTS, read_card
from training.engine.make import network
from training.recipes import RECIPES


@pytest.mark.parametrize(("name", "parameters", "not_trainable"), [
    ("characters", 476_767, 2_048), ("strokes", 227_934, 576),
    ("digits-mlp", 109_386, 0), ("digits-cnn", 121_930, 0), ("digits-lenet", 120_382, 0),
    ("digits-lenet5", 61_706, 0), ("digits-resnet", 61_658, 224), ("digits-compact", 57_162, 224),
    ("letters-27", 396_699, 960), ("letters-27-28", 396_699, 960), ("letters-27-56", 1_707_419, 960),
    ("alphanumeric-62", 229_630, 736),
])  # fmt: skip
def test_every_network_has_its_known_parameter_count(name, parameters, not_trainable):
    recipe = RECIPES[name]
    model = network(recipe)
    assert model.count_params() == parameters
    assert sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights) == not_trainable
    assert read_card(name)["parameters"] == parameters
    assert model(np.zeros((2, *model.input_shape[1:]), np.float32)).shape == (2, len(recipe.classes))


def test_our_weights_files_are_small():
    for name in ("characters", "strokes"):
        assert (WEIGHTS / f"{name}.keras").stat().st_size < 4e6


def test_all_recipes_are_counted_above():
    assert len(RECIPES) == 12
