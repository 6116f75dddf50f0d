import numpy as np

from tests.characters import STROKES
from training.evaluation.out_of_distribution import CANVAS, KINDS, doodles

DIGITS = [{"label": label, "strokes": STROKES[label]} for label in "0247"]


def test_every_kind_is_made_as_often_and_differs_each_time():
    made = doodles(70, DIGITS)
    kinds = [kind for kind, _ in made]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys([*KINDS, "two digits", "noise"], 10)
    for kind in set(kinds) - {"blank"}:
        pictures = [picture for name, picture in made if name == kind]
        assert all(picture.shape == (CANVAS, CANVAS) and picture.dtype == np.uint8 for picture in pictures)
        assert len({picture.tobytes() for picture in pictures}) == 10
        assert all((picture < 128).any() for picture in pictures)


def test_the_same_seed_draws_the_same():
    for (_, one), (_, other) in zip(doodles(7, DIGITS), doodles(7, DIGITS), strict=True):
        np.testing.assert_array_equal(one, other)


def test_few_are_taken_for_characters(digits, alphanumeric):
    """But a circle with a line is a Q to who reads letters."""
    pictures = [picture for _, picture in doodles(350, DIGITS, seed=3)]
    for reader in (digits, alphanumeric):
        read = [one for one in reader.characters(pictures) if one.accepted]
        assert len(read) <= 20
        assert sum(one.label != "Q" for one in read) <= 10
