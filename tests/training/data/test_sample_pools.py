import dataclasses

import numpy as np
import pytest

from tests.conftest import RECIPE
from training.data.character_rows import CLASSES, CharacterData, Rows
from training.data.sample_pools import _as_others, _drawn, class_shares, pools
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
    images = np.stack([np.rint(255 * _drawn(label[0], rng)).astype(np.uint8) for label in labels])
    rows = Rows(images, labels, np.ones(len(labels), np.float32))
    frequency = np.append(np.r_[np.full(10, 0.05), np.full(52, 0.5 / 52)], 0.0)
    return CharacterData(rows, rows, frequency, {}, {})


@pytest.fixture(scope="module")
def made(data):
    return pools(data, SMALL)


def test_a_pool_a_kind_and_no_blank_glyph(made):
    sizes = {name: len(pool.images) for name, pool in made.items()}
    assert sizes == {"forms": 60, "others": 60, "drawn": 620, "negatives": 60}
    for pool in made.values():
        assert (pool.images.max(axis=(1, 2)) > 100).all()
        assert pool.allowed.any(axis=1).all()
        assert pool.chances.sum() == pytest.approx(1)


def test_only_negatives_are_no_character(made):
    none = [pool.allowed[:, CLASSES.index("")].mean() for pool in made.values()]
    assert none == [0, 0, 0, 1]


def test_a_row_of_unknown_case_may_be_either(data, made):
    row = data.training.labels.tolist().index("Cc")
    assert {CLASSES[column] for column in np.flatnonzero(made["forms"].allowed[row])} == {"C", "c"}


def test_a_batch_has_each_pool_by_its_share_and_is_the_same_again(made):
    one, again, later = (PoolBatches(made, SMALL, epoch) for epoch in (0, 0, 1))
    assert len(one) == 40
    images, allowed = one[3]
    assert images.shape == (100, 28, 28, 1)
    assert images.dtype == allowed.dtype == np.float32
    np.testing.assert_array_equal(images, again[3][0])
    assert not np.array_equal(images, later[3][0])
    none = np.mean([one[number][1][:, -1].mean() for number in range(len(one))])
    assert none == pytest.approx(MIXTURE.negatives, abs=0.02)


def test_classes_are_taken_as_the_balance_says(data, made):
    shares = class_shares(data.frequency, 1.0)
    assert shares[:-1] == pytest.approx(np.full(62, 1 / 62))
    assert shares[-1] == 0
    shares = class_shares(data.frequency, 0.5)
    assert shares[0] / shares[10] == pytest.approx((0.05 / (0.5 / 52)) ** 0.5)
    pool, rng = made["forms"], np.random.default_rng(2)
    taken = pool.allowed[pool.take(20_000, rng)].mean(axis=0)
    zero, capital = (taken[CLASSES.index(label)] for label in "0A")
    assert zero / capital == pytest.approx(shares[0] / shares[10], rel=0.1)


def test_a_row_that_stands_for_others_is_taken_as_often(data):
    heavy = np.ones(60, np.float32)
    heavy[0] = 10  # a 0, of ten
    rows = dataclasses.replace(data.training, shares=heavy)
    made = pools(dataclasses.replace(data, training=rows), SMALL)
    chances = made["forms"].chances
    assert chances[0] / chances[6] == pytest.approx(10)


def test_other_people_change_some_rows_and_keep_them_in_place():
    rng = np.random.default_rng(5)
    row = np.rint(255 * _drawn("7", rng)).astype(np.uint8)
    changed = np.stack([_as_others(row, "7", rng) for _ in range(60)])
    apart = np.abs(changed - row / 255).mean(axis=(1, 2))
    assert 0.2 < (apart > 0.03).mean() < 0.95
    assert (changed.max(axis=(1, 2)) > 0.5).all()
