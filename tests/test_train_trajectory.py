import json

import numpy as np

from recognizer.trajectory import FOLDER, NAME, PLACES, SEEN
from training import train_trajectory, ways
from training.recipe import ALPHANUMERIC
from training.recipes import FLAGSHIPS


def test_what_is_made_is_the_same_for_the_same_seed_and_has_every_class():
    paths, classes = train_trajectory.made((1, 2, 3), 700)
    again, _ = train_trajectory.made((1, 2, 3), 700)
    np.testing.assert_array_equal(paths, again)
    assert paths.shape == (700, PLACES, SEEN)
    assert np.isfinite(paths).all()
    assert set(classes) == set(range(len(ALPHANUMERIC)))


def test_a_short_training_learns():
    model = train_trajectory.train(epochs=1, seed=1, chunks=2, count=4000)
    card = train_trajectory.card(model, 1, 1)
    assert card["metrics"]["made characters"] > 0.05  # of 62 classes
    assert set(card["helps"]) == set(FLAGSHIPS)


def test_the_shipped_card_tells_the_ways_it_was_trained_on():
    card = json.loads((FOLDER / f"{NAME}.json").read_text())
    digest = train_trajectory.hashlib.sha256(ways.FILE.read_bytes()).hexdigest()
    assert card["training_data"] == {"ways.txt": digest}
