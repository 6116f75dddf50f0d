import dataclasses

import numpy as np

from tests.conftest import RECIPE
from training.engine.batches import RowBatches


def test_batches_depend_on_seed_epoch_and_number_alone(samples):
    first, again, later = (RowBatches(samples, RECIPE, epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])


def test_balance_makes_rare_classes_as_frequent(samples):
    rare = samples.rows(np.r_[0 : len(samples), [0] * 400])  # one class is eight times too frequent
    recipe = dataclasses.replace(RECIPE, balance=1.0, augmentation=None)
    drawn = np.concatenate([rare.allowed[RowBatches(rare, recipe, epoch).order] for epoch in range(5)])
    shares = drawn.sum(axis=0) / len(drawn)
    np.testing.assert_allclose(shares[shares > 0], 1 / (shares > 0).sum(), atol=0.04)


def test_without_augmentation_samples_are_as_they_are(samples):
    batches = RowBatches(samples, dataclasses.replace(RECIPE, augmentation=None), 0)
    images, allowed = batches[1]
    rows = batches.order[16:32]
    np.testing.assert_array_equal(images[..., 0], samples.images[rows] / np.float32(255))
    np.testing.assert_array_equal(allowed, samples.allowed[rows])


def test_classes_are_taken_as_often_as_they_are_written_on_forms(samples):
    shares = np.arange(1.0, len(samples.frequency) + 1)
    uneven = dataclasses.replace(samples, frequency=shares / shares.sum())
    for balance in (0.0, 0.5):
        recipe = dataclasses.replace(RECIPE, balance=balance, augmentation=None)
        taken = [uneven.allowed[RowBatches(uneven, recipe, epoch).order] for epoch in range(40)]
        present = samples.allowed.any(axis=0)
        wanted = (present * uneven.frequency) ** (1 - balance)
        np.testing.assert_allclose(np.concatenate(taken).mean(axis=0), wanted / wanted.sum(), atol=0.03)
