import numpy as np
import pytest

from recognizer.preprocessing.foreground import ink_box
from training.labels import ALPHANUMERIC, DIGITS
from training.synthesis import stroke_templates


def test_every_class_has_at_least_three_templates():
    templates = stroke_templates.templates()
    letter_like = {digit + stroke_templates.LETTER_LIKE for digit in DIGITS}
    assert set(ALPHANUMERIC) <= set(templates) <= {*ALPHANUMERIC, *letter_like}
    assert min(len(templates[label]) for label in ALPHANUMERIC) >= 3


@pytest.mark.parametrize("label", ALPHANUMERIC)
def test_template_stays_about_inside_its_box(label):
    templates = stroke_templates.templates()
    for template in [*templates[label], *templates.get(label + stroke_templates.LETTER_LIKE, [])]:
        points = np.vstack(template)
        assert points.shape[1] == 2
        assert all(len(stroke) >= 2 for stroke in template)
        assert points.min() >= -0.1
        assert points.max() <= 1.25
        assert np.ptp(points, axis=0).max() >= 0.6


def test_arc_goes_around_its_centre_in_its_direction():
    points = stroke_templates._points("(50,50,40,50,180,0)")
    np.testing.assert_allclose(points[0], (0.1, 0.5), atol=1e-9)
    np.testing.assert_allclose(points[-1], (0.9, 0.5), atol=1e-9)
    assert points[:, 1].max() == pytest.approx(1.0, abs=0.03)  # through 90 degrees, which is down


def test_corner_stays_sharp():
    texts = ("0,0 100,0 100,100", "0,0 100,0* 100,100")
    smooth, sharp = (stroke_templates._smooth_curve(stroke_templates._points(text)) for text in texts)
    distances = [np.hypot(*(curve - (1, 0)).T) for curve in (smooth, sharp)]
    assert (distances[1] < 0.02).sum() > (distances[0] < 0.02).sum()


def test_same_seed_gives_the_same_strokes_and_another_seed_others():
    def points(seed: int) -> np.ndarray:
        return np.vstack(stroke_templates.sample_strokes("R", np.random.default_rng(seed)))

    np.testing.assert_array_equal(points(1), points(1))
    assert points(1).shape != points(2).shape or not np.allclose(points(1), points(2))


def test_letter_like_digit_is_rarer_if_letters_are_possible(monkeypatch):
    bar, slope = [np.array([(0.5, 0), (0.5, 1)])], [np.array([(0, 0), (1, 1)])]
    monkeypatch.setattr(stroke_templates, "templates", lambda: {"7": [bar], "7~": [slope]})
    monkeypatch.setattr(stroke_templates, "_random_transform", lambda label, rng: np.eye(2))

    def slopes(only_digits: bool) -> float:
        rng = np.random.default_rng(0)
        widths = [
            np.ptp(np.vstack(stroke_templates.sample_strokes("7", rng, only_digits))[:, 0])
            for _ in range(300)
        ]
        return float(np.mean(np.array(widths) > 0.6))

    assert 0.4 < slopes(only_digits=True) < 0.6
    assert 0.05 < slopes(only_digits=False) < 0.15


def test_small_letters_sometimes_get_joining_strokes():
    rng = np.random.default_rng(0)
    template = stroke_templates.templates()["a"][0]
    joined = [stroke_templates._with_joining_strokes(template, "a", rng)[0] for _ in range(200)]
    added = [len(stroke) - len(template[0]) for stroke in joined]
    assert set(added) == {0, 2, 4}
    assert 0.5 < np.mean(np.array(added) == 0) < 0.8


def test_strokes_are_sometimes_split_joined_reversed_and_reordered():
    rng = np.random.default_rng(0)
    strokes = [np.column_stack([np.linspace(0, 1, 40), np.full(40, y)]) for y in (0.0, 1.0)]
    results = [stroke_templates._with_stroke_changes(strokes, rng) for _ in range(300)]
    assert {len(result) for result in results} == {1, 2, 3}
    assert any(len(result) == 2 and result[0][0, 1] == 1 for result in results)  # the second stroke first
    assert any(result[0][0, 0] > result[0][-1, 0] for result in results)  # from right to left


@pytest.mark.parametrize("label", ["0", "l", "W", "g"])
def test_picture_shows_one_character_with_a_blank_margin(label):
    for seed in range(20):
        ink = stroke_templates.picture(label, np.random.default_rng(seed))
        assert ink.shape == (stroke_templates.SHEET, stroke_templates.SHEET)
        assert ink.dtype == np.float32
        assert ink.min() == 0
        assert ink.max() == 1
        _, _, width, height = ink_box(ink)
        assert max(width, height) >= stroke_templates.SHEET - 2 * stroke_templates.MARGIN
        assert not any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))


def test_pen_width_varies():
    ink = [stroke_templates.picture("T", np.random.default_rng(seed)).sum() for seed in range(30)]
    assert max(ink) > 1.5 * min(ink)
