import numpy as np
import pytest

from recognizer import ModelError, Recognizer, available_models
from recognizer.models.store import WEIGHTS, load_model, read_card
from recognizer.models.views import OUTSIDE_SHARE, VIEWS, View, view_logits, view_matrix

CLASSES = ["0", "1", "A", "a", "b", ""]
EVEN = [1, 1, 1, 1, 1, 0]


def shares(view: View, *probabilities: float, prior=EVEN) -> dict[str, float]:
    """The probabilities of a view's classes, from probabilities of CLASSES."""
    logits = view_logits(view_matrix(view, CLASSES, prior), np.log([probabilities]))[0]
    powers = np.exp(logits)
    return dict(zip(view.classes, (powers / powers.sum()).tolist(), strict=True))


def test_no_logits_give_no_logits():
    view = VIEWS["digits"]
    assert view_logits(view_matrix(view, [*view.labels, ""], 11 * [1.0]), np.zeros((0, 11))).shape == (0, 11)


def test_case_is_merged_if_a_view_has_no_capitals():
    found = shares(View(("a", "b")), 0.01, 0.01, 0.4, 0.4, 0.08, 0.1)
    assert found["a"] / found["b"] == pytest.approx(0.8 / 0.08 / 2, rel=1e-3)  # as often, in two forms


def test_a_class_outside_a_view_is_no_character_only_if_no_label_fits():
    digits = View(("0", "1"))
    possible = shares(digits, 0.0, 0.3, 0.1, 0.3, 0.3, 1e-6)
    assert possible["1"] > 0.9
    none = shares(digits, 0.0, 1e-6, 0.3, 0.3, 0.4, 1e-6)
    assert none[""] > 0.95


def test_a_view_expects_its_own_label_frequencies_not_those_of_the_training():
    anything = View(("0", "1", "A", "a", "b"), digit_share=0.5)
    rare = shares(anything, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0, prior=[4, 4, 1, 1, 1, 0])
    even = shares(anything, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0)
    assert rare["a"] / rare["0"] == pytest.approx(4 * even["a"] / even["0"], rel=1e-3)
    assert even["0"] / even["a"] == pytest.approx((0.5 / 2) / (0.5 / 3), rel=1e-3)


def test_not_a_character_keeps_its_probability():
    found = shares(View(("0", "1", "A", "a", "b")), 0.1, 0.1, 0.1, 0.1, 0.1, 0.5)
    assert found[""] == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("name", "labels"), [
    ("digits", "0123456789"),
    ("letters", "abcdefghijklmnopqrstuvwxyz"),
    ("alphanumeric", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("anything", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
])  # fmt: skip
def test_each_view_has_its_labels_and_a_complete_card(name, labels):
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


def test_the_networks_behind_the_views_cannot_be_loaded_as_recognizers():
    for name in ("characters", "strokes"):
        assert name not in available_models()
        with pytest.raises(ModelError, match=rf"no model '{name}': available are .*digits"):
            Recognizer.load(name)
    assert OUTSIDE_SHARE < 0.1
