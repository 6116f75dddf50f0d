import dataclasses

import numpy as np

from tests.conftest import RECIPE
from training.engine.batches import RowBatches


def test_a_batch_depends_only_on_seed_epoch_and_number(samples):
    batches, same, next_epoch = (RowBatches(samples, RECIPE, epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(batches[1][0], same[1][0])
    assert not np.array_equal(batches[1][0], next_epoch[1][0])


def test_balance_1_makes_all_classes_equally_frequent(samples):
    unbalanced = samples.rows(np.r_[0 : len(samples), [0] * 400])  # one class has 408 rows, the others 8
    recipe = dataclasses.replace(RECIPE, balance=1.0, augmentation=None)
    drawn = np.concatenate(
        [unbalanced.allowed[RowBatches(unbalanced, recipe, epoch).order] for epoch in range(5)]
    )
    shares = drawn.sum(axis=0) / len(drawn)
    np.testing.assert_allclose(shares[shares > 0], 1 / (shares > 0).sum(), atol=0.04)


def test_without_augmentation_images_are_unchanged(samples):
    batches = RowBatches(samples, dataclasses.replace(RECIPE, augmentation=None), 0)
    images, allowed = batches[1]
    rows = batches.order[16:32]
    np.testing.assert_array_equal(images[..., 0], samples.images[rows] / np.float32(255))
    np.testing.assert_array_equal(allowed, samples.allowed[rows])


def test_class_shares_are_the_frequency_to_the_power_of_1_minus_balance(samples):
    shares = np.arange(1.0, len(samples.frequency) + 1)
    uneven = dataclasses.replace(samples, frequency=shares / shares.sum())
    for balance in (0.0, 0.5):
        recipe = dataclasses.replace(RECIPE, balance=balance, augmentation=None)
        drawn = [uneven.allowed[RowBatches(uneven, recipe, epoch).order] for epoch in range(40)]
        present = samples.allowed.any(axis=0)
        expected = (present * uneven.frequency) ** (1 - balance)
        np.testing.assert_allclose(np.concatenate(drawn).mean(axis=0), expected / expected.sum(), atol=0.03)
