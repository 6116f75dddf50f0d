import numpy as np
import pytest

from training.architectures import residual_reader
from training.recipes import RECIPES


@pytest.mark.parametrize(
    ("name", "parameters"), [("digits", 167_114), ("letters", 292_436), ("alphanumeric", 293_726)]
)
def test_parameter_counts(name, parameters):
    recipe = RECIPES[name]
    model = residual_reader(len(recipe.classes), recipe.widths, recipe.dropout, recipe.forms)
    assert model.count_params() == parameters
    assert model(np.zeros((2, 28, 28, 1), np.float32)).shape == (2, len(recipe.classes))
