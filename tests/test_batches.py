import dataclasses

import numpy as np
import pytest

from tests.conftest import RECIPE
from training import batches
from training.augment import AS_ON_FORMS, Augmentation
from training.batches import Batches
from training.habits import Habits
from training.recipe import NOTHING


def test_batches_depend_on_seed_epoch_and_number_alone(samples):
    first, again, later = (Batches(samples, RECIPE, epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])


def test_another_sequence_changes_no_batch(samples):
    plain, turned = Batches(samples, RECIPE, 0), Batches(samples, RECIPE, 0, sequence=[2, 0, 1])
    for number, wanted in enumerate([2, 0, 1]):
        np.testing.assert_array_equal(turned[number][0], plain[wanted][0])


def test_balance_makes_rare_classes_as_frequent(samples):
    rare = samples.rows(np.r_[0 : len(samples), [0] * 400])  # one class is eight times too frequent
    recipe = dataclasses.replace(RECIPE, balance=1.0, augmentation=None)
    drawn = np.concatenate([rare.allowed[Batches(rare, recipe, epoch).order] for epoch in range(5)])
    shares = drawn.sum(axis=0) / len(drawn)
    np.testing.assert_allclose(shares[shares > 0], 1 / (shares > 0).sum(), atol=0.04)


def test_without_augmentation_samples_are_as_they_are(samples):
    batches = Batches(samples, dataclasses.replace(RECIPE, augmentation=None, nothing=0.0), 0)
    images, allowed = batches[1]
    rows = batches.order[16:32]
    np.testing.assert_array_equal(images[..., 0], samples.images[rows] / np.float32(255))
    np.testing.assert_array_equal(allowed, samples.allowed[rows])


def test_classes_are_drawn_as_often_as_they_are_written_on_forms(samples):
    shares = np.arange(1.0, len(samples.frequency) + 1)
    uneven = dataclasses.replace(samples, frequency=shares / shares.sum())
    for balance in (0.0, 0.5):
        recipe = dataclasses.replace(RECIPE, balance=balance, augmentation=None)
        drawn = np.concatenate([uneven.allowed[Batches(uneven, recipe, epoch).order] for epoch in range(40)])
        present = samples.allowed.any(axis=0)
        wanted = (present * uneven.frequency) ** (1 - balance)
        np.testing.assert_allclose(drawn.mean(axis=0), wanted / wanted.sum(), atol=0.03)


def test_the_plain_form_of_a_character_does_not_become_rare(samples):
    """Most ones get an upstroke or a foot: so many more ones are drawn."""
    habits = Habits(upstroke=0.5, foot=0.5)
    recipe = dataclasses.replace(RECIPE, balance=1.0, augmentation=Augmentation(habits=habits))
    drawn = np.concatenate([samples.labels[Batches(samples, recipe, epoch).order] for epoch in range(40)])
    ones, twos = (np.mean(drawn == label) for label in "12")
    assert ones / twos == pytest.approx(4, rel=0.2)


def test_rows_are_varied_as_on_the_forms_as_often_as_the_recipe_says(samples, monkeypatch):
    hows = []
    monkeypatch.setattr(batches, "augment", lambda image, _label, _kind, how, _rng: hows.append(how) or image)
    for share in (0.0, 0.4, 1.0):
        hows.clear()
        for epoch in range(20):
            of_epoch = Batches(samples, dataclasses.replace(RECIPE, nothing=0.0, as_on_forms=share), epoch)
            [of_epoch[number] for number in range(len(of_epoch))]
        slack = 0.05 * (0 < share < 1)
        assert np.mean([how == AS_ON_FORMS for how in hows]) == pytest.approx(share, abs=slack)


def test_samples_are_drawn_with_a_pen_as_often_as_the_recipe_says(samples):
    plain = dataclasses.replace(RECIPE, augmentation=None, nothing=0.0)
    some = dataclasses.replace(plain, drawn=0.25)
    changed = [
        (Batches(samples, plain, epoch)[number][0] != Batches(samples, some, epoch)[number][0]).any(
            axis=(1, 2, 3)
        )
        for epoch in range(20)
        for number in range(len(Batches(samples, plain, 0)))
    ]
    assert np.mean(changed) == pytest.approx(0.25, abs=0.05)


def test_what_is_drawn_is_a_character_of_each_class_and_never_none(samples):
    recipe = dataclasses.replace(RECIPE, augmentation=None, nothing=0.0, drawn=1.0)
    seen = np.zeros(len(recipe.classes))
    for epoch in range(20):
        of_epoch = Batches(samples, recipe, epoch)
        for number in range(len(of_epoch)):
            images, allowed = of_epoch[number]
            assert (images.max(axis=(1, 2, 3)) > 0.5).all()
            assert (allowed.sum(axis=1) == 1).all()
            seen += allowed.sum(axis=0)
    names = np.array(recipe.classes)
    assert not seen[names == NOTHING].any()
    assert (seen[names != NOTHING] > 0).all()


def test_letters_are_drawn_in_both_forms(samples, monkeypatch):
    drawn = []
    monkeypatch.setattr(batches.ways, "picture", lambda label, *_: drawn.append(label) or np.ones((9, 9)))
    recipe = dataclasses.replace(RECIPE, classes=("a", "b", NOTHING), augmentation=None)
    one = Batches(samples, dataclasses.replace(RECIPE, augmentation=None), 0)
    one.recipe = recipe
    for seed in range(20):
        one._drawn("a", np.random.default_rng(seed))
    assert set(drawn) == {"a", "A"}
