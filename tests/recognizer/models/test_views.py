import numpy as np
import pytest

from recognizer import ModelError, Recognizer, available_models
from recognizer.models.store import WEIGHTS, load_model, read_card
from recognizer.models.views import OUTSIDE, VIEWS, View, seen_by, weights

CLASSES = ["0", "1", "A", "a", "b", ""]
EVEN = [1, 1, 1, 1, 1, 0]


def shares(view: View, *probabilities: float, prior=EVEN) -> dict[str, float]:
    """What a view makes of probabilities of CLASSES."""
    logits = seen_by(weights(view, CLASSES, prior), np.log([probabilities]))[0]
    powers = np.exp(logits)
    return dict(zip(view.classes, (powers / powers.sum()).tolist(), strict=True))


def test_none_is_none():
    view = VIEWS["digits"]
    assert seen_by(weights(view, [*view.labels, ""], 11 * [1.0]), np.zeros((0, 11))).shape == (0, 11)


def test_case_is_merged_where_a_view_has_no_capitals():
    found = shares(View(("a", "b")), 0.01, 0.01, 0.4, 0.4, 0.08, 0.1)
    assert found["a"] / found["b"] == pytest.approx(0.8 / 0.08 / 2, rel=1e-3)  # as often, in two forms


def test_what_is_outside_is_no_character_only_where_nothing_inside_fits():
    digits = View(("0", "1"))
    may_be = shares(digits, 0.0, 0.3, 0.1, 0.3, 0.3, 1e-6)
    assert may_be["1"] > 0.9
    none = shares(digits, 0.0, 1e-6, 0.3, 0.3, 0.4, 1e-6)
    assert none[""] > 0.95


def test_a_view_expects_its_own_frequencies_whatever_those_of_the_training():
    anything = View(("0", "1", "A", "a", "b"), digits=0.5)
    rare = shares(anything, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0, prior=[4, 4, 1, 1, 1, 0])
    even = shares(anything, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0)
    assert rare["a"] / rare["0"] == pytest.approx(4 * even["a"] / even["0"], rel=1e-3)
    assert even["0"] / even["a"] == pytest.approx((0.5 / 2) / (0.5 / 3), rel=1e-3)


def test_what_is_no_character_keeps_its_share_of_the_training():
    found = shares(View(("0", "1", "A", "a", "b")), 0.1, 0.1, 0.1, 0.1, 0.1, 0.5)
    assert found[""] == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("name", "labels"), [
    ("digits", "0123456789"),
    ("letters", "abcdefghijklmnopqrstuvwxyz"),
    ("alphanumeric", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("anything", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
])  # fmt: skip
def test_the_contract_of_each_view(name, labels):
    assert name in available_models()
    assert "".join(Recognizer.load(name).classes) == labels
    card = read_card(name)
    assert card["classes"] == [*labels, ""]
    assert 0.3 < card["temperature"] < 4
    assert 0.5 <= card["refuse"] < 1
    assert card["risk"]
    assert card["coverage"]
    assert not (WEIGHTS / f"{name}.keras").exists()


def test_views_share_one_network_and_its_pass():
    digits, letters = load_model("digits"), load_model("letters")
    glyphs = np.random.default_rng(0).random((3, 28, 28), np.float32)
    np.testing.assert_array_equal(
        digits.logits_and_features(glyphs)[1], letters.logits_and_features(glyphs)[1]
    )
    assert load_model("digits") is digits
    assert digits.card["sha256"] == letters.card["sha256"]


def test_the_networks_themselves_are_no_readers():
    for name in ("characters", "strokes"):
        assert name not in available_models()
        with pytest.raises(ModelError, match=rf"no model '{name}': available are .*digits"):
            Recognizer.load(name)
    assert OUTSIDE < 0.1
