import numpy as np
import pytest

from training.synthesis import text_lines
from training.synthesis.text_lines import Characters, line, number, text


@pytest.fixture(scope="module")
def source(samples) -> Characters:
    rows = {label: np.flatnonzero(samples.labels == label) for label in set(samples.labels.tolist())}
    return Characters(samples.images, rows, "mnist", high=32, tall=21)


@pytest.mark.parametrize("seed", range(6))
def test_a_line_has_the_strips_height_and_room_for_its_text(source, seed):
    rng = np.random.default_rng(seed)
    short, long = (line(digits, source, rng) for digits in ("7", "2075 413"))
    for strip in (short, long):
        assert strip.shape[0] == 32
        assert strip.dtype == np.float32
        assert 0 <= strip.min() <= strip.max() <= 1
        assert (strip > 0.4).any()
    assert long.shape[1] > short.shape[1] or long.shape[1] > 60


def test_the_same_chance_writes_the_same_line(source):
    first, second = (line("2075", source, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_wider_gaps_make_longer_lines(source, monkeypatch):
    def wide(gap: float) -> float:
        manners = text_lines.manner

        def fixed(usual, rng):
            how = manners(usual, rng)
            return text_lines.Manner(**{**vars(how), "gap": gap, "kerned": False})

        monkeypatch.setattr(text_lines, "manner", fixed)
        width = np.mean([line("2075", source, np.random.default_rng(seed)).shape[1] for seed in range(8)])
        monkeypatch.setattr(text_lines, "manner", manners)
        return float(width)

    assert wide(20.0) > wide(0.0) + 40


def test_numbers_are_digits_and_texts_have_every_kind():
    rng = np.random.default_rng(0)
    numbers = [number(rng) for _ in range(300)]
    assert all(one.isdigit() and 1 <= len(one) <= 8 for one in numbers)
    assert sum(one.endswith("00") for one in numbers) > 20
    texts = [text(rng) for _ in range(300)]
    for kind in (str.isdigit, str.isupper, str.islower, str.istitle):
        assert sum(kind(one) for one in texts) > 10
    assert any(" " in one for one in texts)
    assert not any(one.startswith(" ") or one.endswith(" ") or "  " in one for one in texts)


def test_some_characters_are_drawn_with_a_pen(source, monkeypatch):
    without = text_lines.Characters(source.images, {}, "mnist", high=32, tall=21)  # no rows to take one from
    monkeypatch.setattr(text_lines, "BY_PEN", 1.0)
    assert (line("2075", without, np.random.default_rng(0)) > 0.4).any()
    monkeypatch.setattr(text_lines, "BY_PEN", 0.0)
    with pytest.raises(KeyError):
        line("2075", without, np.random.default_rng(0))
