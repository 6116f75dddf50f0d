import dataclasses

import numpy as np

from recognizer.models.stroke_model import PLACES, SEEN
from training.data.stroke_samples import StrokeBatches, card, held_out, made
from training.recipes import STROKES

SMALL = dataclasses.replace(STROKES, samples=200, batch_size=50)


def test_one_path_is_seen_as_the_network_takes_it():
    paths, allowed = made((1,), 1, SMALL.classes)
    assert paths.shape == (1, PLACES, SEEN, 1)
    assert allowed.shape == (1, 62)


def test_batches_depend_on_seed_epoch_and_number_alone():
    first, again, later = (StrokeBatches(SMALL, epoch) for epoch in (0, 0, 1))
    assert len(first) == 4
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])
    assert (first[1][1].sum(axis=1) == 1).all()


def test_the_card_says_how_many_held_out_paths_were_read(monkeypatch):
    monkeypatch.setattr("training.data.stroke_samples.HELD_OUT", 40)
    paths, allowed = held_out(SMALL)
    assert len(paths) == 40
    found = card(allowed * 5.0, allowed)
    assert found["made_right"] == 1
    assert found["held_out"].startswith("40 characters")
    assert "anything" in found["helps"]
