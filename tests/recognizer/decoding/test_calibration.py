import numpy as np
import pytest

from recognizer.decoding.calibration import (
    MAX_ALTERNATIVES,
    AcceptancePolicy,
    blank_character,
    fit_temperature,
    to_character,
)
from recognizer.numerics import softmax

BOX, GLYPH = (1, 2, 3, 4), np.zeros((28, 28), np.float32)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_fit_finds_the_temperature_that_made_the_labels(temperature):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (20_000, 5))
    labels = np.array([rng.choice(5, p=row) for row in softmax(logits, temperature)])
    assert fit_temperature(logits, np.eye(5, dtype=bool)[labels]) == pytest.approx(temperature, rel=0.05)


def test_answer_more_likely_right_than_wrong_is_accepted():
    character = to_character(np.array([0.2, 0.7, 0.1]), ("a", "b", "c"), BOX, GLYPH)
    assert (character.label, character.probability) == ("b", 0.7)
    assert character.alternatives == (("b", 0.7), ("a", 0.2), ("c", 0.1))
    assert character.accepted
    assert character.reason == ""


def test_answer_more_likely_wrong_than_right_is_uncertain():
    character = to_character(np.full(62, 1 / 62), tuple(map(chr, range(62))), BOX, GLYPH)
    assert not character.accepted
    assert character.reason == "uncertain"
    assert len(character.alternatives) == MAX_ALTERNATIVES


def test_negative_class_is_no_label_and_prevents_acceptance():
    character = to_character(np.array([0.27, 0.03, 0.7]), ("a", "b", ""), BOX, GLYPH)
    assert character.alternatives == (("a", pytest.approx(0.9)), ("b", pytest.approx(0.1)))
    assert (character.label, character.accepted, character.reason) == ("a", False, "uncertain")
    assert to_character(np.array([0.02, 0.01, 0.97]), ("a", "b", ""), BOX, GLYPH).reason == "not a character"
    assert to_character(np.array([0.9, 0.05, 0.05]), ("a", "b", ""), BOX, GLYPH).accepted


def test_policy_raises_the_threshold_and_limits_the_set():
    def answer(policy):
        return to_character(np.array([0.9, 0.08, 0.02]), ("a", "b", "c"), BOX, GLYPH, policy)

    assert not answer(AcceptancePolicy(min_probability=0.95)).accepted
    assert len(answer(AcceptancePolicy(min_in_set=0.05)).alternatives) == 2


def test_blank_character_gives_reason_blank():
    character = blank_character()
    assert (character.label, character.reason, character.accepted) == ("", "blank", False)
    assert character.box is None
