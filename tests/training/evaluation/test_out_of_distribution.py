import numpy as np

from tests.characters import STROKES
from training.evaluation.out_of_distribution import CANVAS, KINDS, non_characters

DIGITS = [{"label": label, "strokes": STROKES[label]} for label in "0247"]


def test_every_kind_is_equally_frequent_and_no_drawing_repeats():
    drawings = non_characters(70, DIGITS)
    kinds = [kind for kind, _ in drawings]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys([*KINDS, "two digits", "noise"], 10)
    for kind in set(kinds) - {"blank"}:
        pictures = [picture for name, picture in drawings if name == kind]
        assert all(picture.shape == (CANVAS, CANVAS) and picture.dtype == np.uint8 for picture in pictures)
        assert len({picture.tobytes() for picture in pictures}) == 10
        assert all((picture < 128).any() for picture in pictures)


def test_the_same_seed_gives_the_same_drawings():
    for (_, first), (_, second) in zip(non_characters(7, DIGITS), non_characters(7, DIGITS), strict=True):
        np.testing.assert_array_equal(first, second)


def test_few_non_characters_are_accepted(digits, alphanumeric):
    """The stricter limit does not count Q: a circle with a line is one for a reader of letters."""
    pictures = [picture for _, picture in non_characters(350, DIGITS, seed=3)]
    for reader in (digits, alphanumeric):
        accepted = [character for character in reader.characters(pictures) if character.accepted]
        assert len(accepted) <= 20
        assert sum(character.label != "Q" for character in accepted) <= 10
