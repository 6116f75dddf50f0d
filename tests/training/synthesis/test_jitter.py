import dataclasses

import numpy as np
import pytest

from training.data.sample_pools import FORMS_JITTER, OTHERS_JITTER, SMALL_JITTER, template_glyph
from training.synthesis.jitter import Jitter, jittered

NONE = Jitter(**{field.name: 0.0 for field in dataclasses.fields(Jitter)})


@pytest.fixture(scope="module")
def glyphs() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.stack([np.rint(255 * template_glyph(label, rng)).astype(np.uint8) for label in "357AGRaegt1l"])


def test_no_glyphs_give_no_glyphs(glyphs):
    assert jittered(glyphs[:0], OTHERS_JITTER, np.random.default_rng(0)).shape == (0, 28, 28)


def test_zero_jitter_leaves_glyphs_nearly_unchanged(glyphs):
    same = jittered(glyphs, NONE, np.random.default_rng(0))
    assert same.dtype == np.float32
    assert np.abs(same - glyphs / 255).mean() < 0.02


@pytest.mark.parametrize("how", [FORMS_JITTER, OTHERS_JITTER, SMALL_JITTER])
def test_each_seed_varies_glyphs_differently_and_inside_the_frame(glyphs, how):
    first, second = (jittered(glyphs, how, np.random.default_rng(seed)) for seed in (1, 2))
    assert (first != second).any(axis=(1, 2)).mean() > 0.5  # some stay untouched
    assert first.min() >= 0
    np.testing.assert_allclose(first.max(axis=(1, 2)), 1, atol=1e-6)
    edge = np.concatenate([first[:, 0], first[:, -1], first[:, :, 0], first[:, :, -1]], axis=1)
    assert edge.mean() < 0.05


def test_same_seed_gives_the_same_glyphs(glyphs):
    first, second = (jittered(glyphs, OTHERS_JITTER, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("thinner", [True, False])
def test_pen_becomes_thinner_or_thicker(glyphs, thinner):
    amounts = {"thinner": 0.9, "thicker": -0.8} if thinner else {"thinner": -0.8, "thicker": 0.9}
    changed = jittered(glyphs, dataclasses.replace(NONE, **amounts), np.random.default_rng(3))
    added = changed.sum(axis=(1, 2)) - (glyphs / 255).sum(axis=(1, 2))
    assert ((added < 0) if thinner else (added > 0)).mean() > 0.8


def test_slant_keeps_the_longer_side_and_the_middle(glyphs):
    slanted = jittered(glyphs, dataclasses.replace(NONE, slant=0.4), np.random.default_rng(4))
    for glyph in slanted:
        ys, xs = np.nonzero(glyph > 0.3)
        assert 20 <= max(np.ptp(xs), np.ptp(ys)) <= 26
        assert abs((xs.min() + xs.max()) / 2 - 13.5) < 1.6
        assert abs((ys.min() + ys.max()) / 2 - 13.5) < 1.6
