import numpy as np
import pytest

from recognizer.decoding.calibration import AcceptancePolicy, answer, blank, fit_temperature
from recognizer.numerics import softmax

BOX, GLYPH = (1, 2, 3, 4), np.zeros((28, 28), np.float32)


def test_softmax_of_nothing():
    assert softmax(np.zeros((0, 10)), 1.0).shape == (0, 10)


def test_softmax_sums_to_one_and_flattens_with_temperature():
    logits = np.array([[1000.0, 999.0, 0.0], [-3.0, 2.0, 5.0]])
    cold, hot = softmax(logits, 1.0), softmax(logits, 4.0)
    np.testing.assert_allclose(cold.sum(axis=1), 1)
    np.testing.assert_allclose(cold[0, 0] / cold[0, 1], np.e)
    assert (hot.max(axis=1) < cold.max(axis=1)).all()
    assert (hot.argmax(axis=1) == cold.argmax(axis=1)).all()


def test_a_prior_is_divided_out():
    """Twice as frequent where the network learnt, twice as likely without having looked: no news."""
    seen = np.array([[0.6, 0.3, 0.1]])
    equal = softmax(np.log(seen), 1.0, [0.6, 0.3, 0.1])
    np.testing.assert_allclose(equal, 1 / 3)
    np.testing.assert_allclose(
        softmax(np.log(seen), 1.0, [0.4, 0.4, 0.2]), [[0.5, 0.25, 1 / 6]] / np.float64(11 / 12)
    )


@pytest.mark.parametrize("truth", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(truth):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (20_000, 5))
    labels = np.array([rng.choice(5, p=row) for row in softmax(logits, truth)])
    assert fit_temperature(logits, np.eye(5, dtype=bool)[labels]) == pytest.approx(truth, rel=0.05)


def test_an_answer_more_likely_right_than_wrong_is_accepted():
    character = answer(np.array([0.2, 0.7, 0.1]), ("a", "b", "c"), BOX, GLYPH)
    assert (character.label, character.probability) == ("b", 0.7)
    assert character.alternatives == (("b", 0.7), ("a", 0.2), ("c", 0.1))
    assert character.accepted
    assert character.reason == ""


def test_an_answer_more_likely_wrong_than_right_is_uncertain():
    character = answer(np.full(62, 1 / 62), tuple(map(chr, range(62))), BOX, GLYPH)
    assert not character.accepted
    assert character.reason == "uncertain"
    assert len(character.alternatives) == 5


def test_what_may_be_no_character_is_not_accepted_however_sure_its_label_would_be():
    character = answer(np.array([0.27, 0.03, 0.7]), ("a", "b", ""), BOX, GLYPH)
    assert character.alternatives == (("a", pytest.approx(0.9)), ("b", pytest.approx(0.1)))
    assert (character.label, character.accepted, character.reason) == ("a", False, "uncertain")
    assert answer(np.array([0.02, 0.01, 0.97]), ("a", "b", ""), BOX, GLYPH).reason == "not a character"
    assert answer(np.array([0.9, 0.05, 0.05]), ("a", "b", ""), BOX, GLYPH).accepted


def test_more_can_be_demanded():
    sure = np.array([0.9, 0.08, 0.02])
    assert not answer(sure, ("a", "b", "c"), BOX, GLYPH, AcceptancePolicy(least=0.95)).accepted
    assert len(answer(sure, ("a", "b", "c"), BOX, GLYPH, AcceptancePolicy(in_set=0.05)).alternatives) == 2


def test_blank_says_nothing():
    character = blank()
    assert (character.label, character.reason, character.accepted, character.box) == (
        "",
        "blank",
        False,
        None,
    )
