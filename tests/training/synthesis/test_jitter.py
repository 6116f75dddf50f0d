import dataclasses

import numpy as np
import pytest

from training.data.sample_pools import A_LITTLE, AS_ON_FORMS, AS_OTHERS_WRITE, _drawn
from training.synthesis.jitter import Jitter, jittered

NONE = Jitter(**{field.name: 0.0 for field in dataclasses.fields(Jitter)})


@pytest.fixture(scope="module")
def glyphs() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.stack([np.rint(255 * _drawn(label, rng)).astype(np.uint8) for label in "357AGRaegt1l"])


def test_none_gives_none(glyphs):
    assert jittered(glyphs[:0], AS_OTHERS_WRITE, np.random.default_rng(0)).shape == (0, 28, 28)


def test_without_amounts_a_glyph_stays_as_it_is(glyphs):
    same = jittered(glyphs, NONE, np.random.default_rng(0))
    assert same.dtype == np.float32
    assert np.abs(same - glyphs / 255).mean() < 0.02


@pytest.mark.parametrize("how", [AS_ON_FORMS, AS_OTHERS_WRITE, A_LITTLE])
def test_every_glyph_is_varied_anew_and_stays_inside(glyphs, how):
    one, other = (jittered(glyphs, how, np.random.default_rng(seed)) for seed in (1, 2))
    assert (one != other).any(axis=(1, 2)).mean() > 0.5  # some stay as they are
    assert one.min() >= 0
    np.testing.assert_allclose(one.max(axis=(1, 2)), 1, atol=1e-6)
    edge = np.concatenate([one[:, 0], one[:, -1], one[:, :, 0], one[:, :, -1]], axis=1)
    assert edge.mean() < 0.05


def test_the_same_seed_gives_the_same(glyphs):
    one, other = (jittered(glyphs, AS_OTHERS_WRITE, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("thinner", [True, False])
def test_a_pen_is_made_thinner_or_thicker(glyphs, thinner):
    amounts = {"thinner": 0.9, "thicker": -0.8} if thinner else {"thinner": -0.8, "thicker": 0.9}
    changed = jittered(glyphs, dataclasses.replace(NONE, **amounts), np.random.default_rng(3))
    more = changed.sum(axis=(1, 2)) - (glyphs / 255).sum(axis=(1, 2))
    assert ((more < 0) if thinner else (more > 0)).mean() > 0.8


def test_a_slant_keeps_the_longer_side_and_the_middle(glyphs):
    slanted = jittered(glyphs, dataclasses.replace(NONE, slant=0.4), np.random.default_rng(4))
    for glyph in slanted:
        ys, xs = np.nonzero(glyph > 0.3)
        assert 20 <= max(np.ptp(xs), np.ptp(ys)) <= 26
        assert abs((xs.min() + xs.max()) / 2 - 13.5) < 1.6
        assert abs((ys.min() + ys.max()) / 2 - 13.5) < 1.6
