"""A network that begins with what an earlier one has learnt, which may have been smaller."""

import keras
import numpy as np

from training.distillation import EARLIER_WEIGHTS
from training.official import DataError
from training.recipe import TrainingRecipe
from training.recipes import RECIPES

VARIED = 0.5  # of each weight, standard deviation: by how much a new template differs from the known one


def begin_with(model: keras.Model, recipe: TrainingRecipe) -> None:
    """Give a model all weights of `recipe.start`; a letter's forms are that model's capital and small letter.

    Raises:
        DataError: those weights are not there.
    """
    path = EARLIER_WEIGHTS / f"{recipe.start}.keras"
    if not path.exists():
        raise DataError(
            f"{recipe.name} begins with the weights of {recipe.start}, and {path} is missing: "
            f"python -m training.train {recipe.start}"
        )
    known = keras.saving.load_model(path, compile=False)
    labels = RECIPES[recipe.start].classes
    *body, last = weights_for(model, known)
    if labels != recipe.classes:
        forms = recipe.settings.get("forms", 1)
        columns = [labels.index(form) for label in recipe.classes for form in (label.upper(), label)[-forms:]]
        last = [values[..., columns] for values in last]
    for layer, weights in zip(_learning(model), [*body, last], strict=True):
        layer.set_weights(weights)


def weights_for(model: keras.Model, known: keras.Model) -> list[list[np.ndarray]]:
    """The weights of a known network for a larger one with the same answers, layer by layer.

    Blocks that the known one lacks are the model's own, the last ones before the head, but their norms have
    a scale of 0, so that they add nothing to what they pass on. Of each channel's templates the first is the
    known one, and the last layer hears that alone; the others are it, varied (Net2Net, Chen et al. 2016,
    arXiv 1511.05641).

    Args:
        model: a `residual_reader` (training.architectures).
        known: the same, with as many blocks or fewer at 7x7, and as many templates a channel or one.
    """
    *body, (head,), norm, last = (layer.get_weights() for layer in _learning(known))
    for own in [layer.get_weights() for layer in _learning(model)][len(body) : -3]:
        body.append(own if len(own) == 1 else [0 * own[0], 0 * own[1], *own[2:]])  # a convolution; its norm
    times = _templates(model)
    if times == _templates(known):
        return [*body, [head], norm, last]
    repeated = np.repeat(head, times, axis=-1)
    noise = np.random.default_rng(0).standard_normal(repeated.shape, np.float32)
    noise[..., 0] = 0
    kernel, bias = last
    heard = np.zeros((len(kernel) * times, kernel.shape[1]), np.float32)
    heard[::times] = kernel
    return [*body, [repeated * (1 + VARIED * noise)], [np.repeat(one, times) for one in norm], [heard, bias]]


def _learning(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if layer.get_weights()]


def _templates(model: keras.Model) -> int:
    """Of the head, for each channel."""
    (head,) = (layer for layer in model.layers if isinstance(layer, keras.layers.DepthwiseConv2D))
    return head.depth_multiplier
