import dataclasses

import numpy as np
import pytest

from tests.conftest import RECIPE
from training.data.character_rows import CLASSES, CharacterData, Rows
from training.data.sample_pools import as_other_writer, class_shares, pools, template_glyph
from training.engine.batches import PoolBatches
from training.recipes import Mixture

MIXTURE = Mixture(forms=0.4, others=0.3, drawn=0.2, negatives=0.1, templates=620, made=60)
SMALL = dataclasses.replace(
    RECIPE, classes=CLASSES, balance=0.5, mixture=MIXTURE, samples=4000, batch_size=100
)
LABELS = ["0", "1", "7", "A", "a", "Cc"]


@pytest.fixture(scope="module")
def data() -> CharacterData:
    rng = np.random.default_rng(1)
    labels = np.array(LABELS * 10)
    images = np.stack([np.rint(255 * template_glyph(label[0], rng)).astype(np.uint8) for label in labels])
    rows = Rows(images, labels, np.ones(len(labels), np.float32))
    frequency = np.append(np.r_[np.full(10, 0.05), np.full(52, 0.5 / 52)], 0.0)
    return CharacterData(rows, rows, frequency, {}, {})


@pytest.fixture(scope="module")
def sampled(data):
    return pools(data, SMALL)


def test_pools_have_their_sizes_and_no_blank_glyphs(sampled):
    sizes = {name: len(pool.images) for name, pool in sampled.items()}
    assert sizes == {"forms": 60, "others": 60, "drawn": 620, "negatives": 60}
    for pool in sampled.values():
        assert (pool.images.max(axis=(1, 2)) > 100).all()
        assert pool.allowed.any(axis=1).all()
        assert pool.probabilities.sum() == pytest.approx(1)


def test_only_the_negatives_have_the_negative_class(sampled):
    shares = [pool.allowed[:, CLASSES.index("")].mean() for pool in sampled.values()]
    assert shares == [0, 0, 0, 1]


def test_row_of_unknown_case_allows_both_cases(data, sampled):
    row = data.training.labels.tolist().index("Cc")
    assert {CLASSES[column] for column in np.flatnonzero(sampled["forms"].allowed[row])} == {"C", "c"}


def test_batch_mixes_pools_by_their_shares_and_is_reproducible(sampled):
    first, again, later = (PoolBatches(sampled, SMALL, epoch) for epoch in (0, 0, 1))
    assert len(first) == 40
    images, allowed = first[3]
    assert images.shape == (100, 28, 28, 1)
    assert images.dtype == allowed.dtype == np.float32
    np.testing.assert_array_equal(images, again[3][0])
    assert not np.array_equal(images, later[3][0])
    negatives = np.mean([first[number][1][:, -1].mean() for number in range(len(first))])
    assert negatives == pytest.approx(MIXTURE.negatives, abs=0.02)


def test_balance_sets_the_frequency_of_classes(data, sampled):
    shares = class_shares(data.frequency, 1.0)
    assert shares[:-1] == pytest.approx(np.full(62, 1 / 62))
    assert shares[-1] == 0
    shares = class_shares(data.frequency, 0.5)
    assert shares[0] / shares[10] == pytest.approx((0.05 / (0.5 / 52)) ** 0.5)
    pool, rng = sampled["forms"], np.random.default_rng(2)
    taken = pool.allowed[pool.take(20_000, rng)].mean(axis=0)
    zero, capital = (taken[CLASSES.index(label)] for label in "0A")
    assert zero / capital == pytest.approx(shares[0] / shares[10], rel=0.1)


def test_row_that_stands_for_ten_is_ten_times_as_probable(data):
    counts = np.ones(60, np.float32)
    counts[0] = 10
    rows = dataclasses.replace(data.training, counts=counts)
    sampled = pools(dataclasses.replace(data, training=rows), SMALL)
    probabilities = sampled["forms"].probabilities
    assert probabilities[0] / probabilities[6] == pytest.approx(10)  # rows of the same label


def test_as_other_writer_changes_some_glyphs_and_leaves_none_blank():
    rng = np.random.default_rng(5)
    row = np.rint(255 * template_glyph("7", rng)).astype(np.uint8)
    changed = np.stack([as_other_writer(row, "7", rng) for _ in range(60)])
    difference = np.abs(changed - row / 255).mean(axis=(1, 2))
    assert 0.2 < (difference > 0.03).mean() < 0.95
    assert (changed.max(axis=(1, 2)) > 0.5).all()
