import numpy as np
import pytest

from recognizer.preprocessing.foreground import ink_box
from training.labels import ALPHANUMERIC, DIGITS
from training.synthesis import stroke_templates


def test_every_class_has_ways_of_writing_it():
    known = stroke_templates.ways()
    of_digits = {digit + stroke_templates.LIKE_LETTER for digit in DIGITS}
    assert set(ALPHANUMERIC) <= set(known) <= {*ALPHANUMERIC, *of_digits}
    assert min(len(known[label]) for label in ALPHANUMERIC) >= 3


@pytest.mark.parametrize("label", ALPHANUMERIC)
def test_a_way_stays_about_in_its_box(label):
    every = stroke_templates.ways()
    for way in [*every[label], *every.get(label + stroke_templates.LIKE_LETTER, [])]:
        points = np.vstack(way)
        assert points.shape[1] == 2
        assert all(len(stroke) >= 2 for stroke in way)
        assert points.min() >= -0.1
        assert points.max() <= 1.25
        assert np.ptp(points, axis=0).max() >= 0.6


def test_an_arc_goes_around_its_middle_in_its_direction():
    points = stroke_templates._points("(50,50,40,50,180,0)")
    np.testing.assert_allclose(points[0], (0.1, 0.5), atol=1e-9)
    np.testing.assert_allclose(points[-1], (0.9, 0.5), atol=1e-9)
    assert points[:, 1].max() == pytest.approx(1.0, abs=0.03)  # by 90 degrees, which is down


def test_a_corner_stays_sharp():
    texts = ("0,0 100,0 100,100", "0,0 100,0* 100,100")
    smooth, sharp = (stroke_templates._curve(stroke_templates._points(text)) for text in texts)
    away = [np.hypot(*(curve - (1, 0)).T) for curve in (smooth, sharp)]
    assert (away[1] < 0.02).sum() > (away[0] < 0.02).sum()


def test_the_same_chance_draws_the_same_and_another_draws_otherwise():
    def drawn(seed: int) -> np.ndarray:
        return np.vstack(stroke_templates.drawn("R", np.random.default_rng(seed)))

    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert drawn(1).shape != drawn(2).shape or not np.allclose(drawn(1), drawn(2))


def test_a_digit_like_a_letter_is_rarer_where_letters_may_come(monkeypatch):
    bar, slope = [np.array([(0.5, 0), (0.5, 1)])], [np.array([(0, 0), (1, 1)])]
    monkeypatch.setattr(stroke_templates, "ways", lambda: {"7": [bar], "7~": [slope]})
    monkeypatch.setattr(stroke_templates, "_hand", lambda label, rng: np.eye(2))

    def slopes(only_digits: bool) -> float:
        rng = np.random.default_rng(0)
        wide = [np.ptp(np.vstack(stroke_templates.drawn("7", rng, only_digits))[:, 0]) for _ in range(300)]
        return float(np.mean(np.array(wide) > 0.6))

    assert 0.4 < slopes(only_digits=True) < 0.6
    assert 0.05 < slopes(only_digits=False) < 0.15


def test_small_letters_are_sometimes_joined():
    rng = np.random.default_rng(0)
    way = stroke_templates.ways()["a"][0]
    longer = [len(stroke_templates._joined(way, "a", rng)[0]) - len(way[0]) for _ in range(200)]
    assert set(longer) == {0, 2, 4}
    assert 0.5 < np.mean(np.array(longer) == 0) < 0.8


def test_strokes_are_lifted_joined_turned_and_put_in_another_order():
    rng = np.random.default_rng(0)
    strokes = [np.column_stack([np.linspace(0, 1, 40), np.full(40, y)]) for y in (0.0, 1.0)]
    seen = [stroke_templates._otherwise(strokes, rng) for _ in range(300)]
    assert {len(one) for one in seen} == {1, 2, 3}
    assert any(len(one) == 2 and one[0][0, 1] == 1 for one in seen)  # the other first
    assert any(one[0][0, 0] > one[0][-1, 0] for one in seen)  # from right to left


@pytest.mark.parametrize("label", ["0", "l", "W", "g"])
def test_a_picture_is_the_ink_of_one_character_with_room_around_it(label):
    for seed in range(20):
        ink = stroke_templates.picture(label, np.random.default_rng(seed))
        assert ink.shape == (stroke_templates.SHEET, stroke_templates.SHEET)
        assert ink.dtype == np.float32
        assert ink.min() == 0
        assert ink.max() == 1
        _, _, width, height = ink_box(ink)
        assert max(width, height) >= stroke_templates.SHEET - 2 * stroke_templates.MARGIN
        assert not any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))


def test_pens_differ():
    drawn = [stroke_templates.picture("T", np.random.default_rng(seed)).sum() for seed in range(30)]
    assert max(drawn) > 1.5 * min(drawn)
