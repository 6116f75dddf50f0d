"""A larger network begins with the answers of the one that it grew from."""

import keras
import numpy as np
import pytest

from training.architectures import residual_reader
from training.warm_start import weights_for

CLASSES, CHANNELS = 5, 8


@pytest.fixture
def known() -> keras.Model:
    """A small network with statistics of its own."""
    keras.utils.set_random_seed(1)
    model = residual_reader(CLASSES, (4, 4, CHANNELS))
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, one.shape) for one in layer.get_weights()])
    return model


def grown(known: keras.Model, templates: int, blocks: int = 1) -> keras.Model:
    model = residual_reader(CLASSES, (4, 4, CHANNELS), (1, blocks), templates=templates)
    model.set_weights([one for layer in weights_for(model, known) for one in layer])
    return model


@pytest.mark.parametrize(("templates", "blocks"), [(1, 1), (4, 1), (1, 3), (4, 2)])
def test_more_templates_or_blocks_begin_with_the_same_answers(known, templates, blocks):
    glyphs = np.random.default_rng(2).random((6, 28, 28, 1), np.float32)
    answers = known(glyphs, training=False)
    assert np.ptp(answers, axis=0).min() > 0.001  # they depend on the glyph
    larger = grown(known, templates, blocks)
    assert larger.count_params() > known.count_params() or templates == blocks == 1
    np.testing.assert_allclose(larger(glyphs, training=False), answers, atol=1e-5)


def test_new_templates_are_varied_and_not_heard_yet(known):
    model = grown(known, templates=3)
    *_, head, norm, last = [layer.get_weights() for layer in model.layers if layer.get_weights()]
    (kernel,) = head
    assert kernel.shape == (7, 7, CHANNELS, 3)
    assert len(norm[0]) == 3 * CHANNELS
    for one, other in ((0, 1), (1, 2)):
        assert not np.allclose(kernel[..., one], kernel[..., other], rtol=0.1)
    heard = np.abs(last[0]).sum(axis=1).reshape(CHANNELS, 3) > 0
    assert heard[:, 0].all()
    assert not heard[:, 1:].any()


def test_what_already_has_them_stays_as_it_is(known):
    model = grown(known, templates=2)
    again = [one for layer in weights_for(model, model) for one in layer]
    for one, other in zip(again, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
