import numpy as np
import pytest

from recognizer.models import read_card
from training.recipes import EARLIER, RECIPES
from training.train import network


@pytest.mark.parametrize(("name", "parameters", "not_trainable"), [
    ("digits", 568_363, 2_304), ("letters", 590_422, 2_304), ("alphanumeric", 595_039, 2_304),
    ("digits-mlp", 109_386, 0), ("digits-cnn", 121_930, 0), ("digits-lenet", 120_382, 0),
    ("digits-lenet5", 61_706, 0), ("digits-resnet", 61_658, 224), ("digits-compact", 57_162, 224),
    ("letters-27", 396_699, 960), ("letters-27-28", 396_699, 960), ("letters-27-56", 1_707_419, 960),
    ("alphanumeric-62", 229_630, 736),
])  # fmt: skip
def test_parameter_counts(name, parameters, not_trainable):
    recipe = RECIPES[name]
    model = network(recipe)
    assert model.count_params() == parameters
    assert sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights) == not_trainable
    assert read_card(name)["parameters"] == parameters
    glyphs = np.zeros((2, recipe.side, recipe.side, 1), np.float32)
    assert model(glyphs).shape == (2, len(recipe.classes))


def test_every_recipe_has_its_count_above():
    assert len(RECIPES) - len(EARLIER) == 13
