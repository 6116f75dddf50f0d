import dataclasses

import numpy as np

from recognizer.models.stroke_model import PATH_POINTS, POINT_FEATURES
from training.data.stroke_samples import StrokeBatches, card, held_out, make_batch
from training.recipes import STROKES

SMALL = dataclasses.replace(STROKES, samples=200, batch_size=50)


def test_path_has_the_input_shape_of_the_network():
    paths, allowed = make_batch((1,), 1, SMALL.classes)
    assert paths.shape == (1, PATH_POINTS, POINT_FEATURES, 1)
    assert allowed.shape == (1, 62)


def test_batches_depend_only_on_seed_epoch_and_number():
    first, again, later = (StrokeBatches(SMALL, epoch) for epoch in (0, 0, 1))
    assert len(first) == 4
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])
    assert (first[1][1].sum(axis=1) == 1).all()


def test_card_has_the_accuracy_on_held_out_paths(monkeypatch):
    monkeypatch.setattr("training.data.stroke_samples.HELD_OUT", 40)
    paths, allowed = held_out(SMALL)
    assert len(paths) == 40
    entries = card(allowed * 5.0, allowed)
    assert entries["made_right"] == 1
    assert entries["held_out"].startswith("40 characters")
    assert "anything" in entries["helps"]
