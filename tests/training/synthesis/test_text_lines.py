import numpy as np
import pytest

from training.synthesis import text_lines
from training.synthesis.text_lines import CharacterSource, line, number, text


@pytest.fixture(scope="module")
def source(samples) -> CharacterSource:
    rows = {label: np.flatnonzero(samples.labels == label) for label in set(samples.labels.tolist())}
    return CharacterSource(samples.images, rows, "mnist", strip_height=32, capital_height=21)


@pytest.mark.parametrize("seed", range(6))
def test_line_has_the_strip_height_and_room_for_its_text(source, seed):
    rng = np.random.default_rng(seed)
    short, long = (line(digits, source, rng) for digits in ("7", "2075 413"))
    for strip in (short, long):
        assert strip.shape[0] == 32
        assert strip.dtype == np.float32
        assert 0 <= strip.min() <= strip.max() <= 1
        assert (strip > 0.4).any()
    assert long.shape[1] > short.shape[1] or long.shape[1] > 60


def test_same_seed_gives_the_same_line(source):
    first, second = (line("2075", source, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_wider_gaps_make_longer_lines(source, monkeypatch):
    def mean_width(gap: float) -> float:
        random_style = text_lines.line_style

        def fixed_gap(usual_height, rng):
            style = random_style(usual_height, rng)
            return text_lines.LineStyle(**{**vars(style), "gap": gap, "kerned": False})

        monkeypatch.setattr(text_lines, "line_style", fixed_gap)
        width = np.mean([line("2075", source, np.random.default_rng(seed)).shape[1] for seed in range(8)])
        monkeypatch.setattr(text_lines, "line_style", random_style)
        return float(width)

    assert mean_width(20.0) > mean_width(0.0) + 40


def test_numbers_are_digits_and_texts_are_of_every_kind():
    rng = np.random.default_rng(0)
    numbers = [number(rng) for _ in range(300)]
    assert all(digits.isdigit() and 1 <= len(digits) <= 8 for digits in numbers)
    assert sum(digits.endswith("00") for digits in numbers) > 20
    texts = [text(rng) for _ in range(300)]
    for kind in (str.isdigit, str.isupper, str.islower, str.istitle):
        assert sum(kind(result) for result in texts) > 10
    assert any(" " in result for result in texts)
    assert not any(result != result.strip() or "  " in result for result in texts)


def test_characters_come_from_stroke_templates_or_from_rows(source, monkeypatch):
    rowless = CharacterSource(source.images, {}, "mnist", strip_height=32, capital_height=21)
    monkeypatch.setattr(text_lines, "TEMPLATE_RATE", 1.0)
    assert (line("2075", rowless, np.random.default_rng(0)) > 0.4).any()
    monkeypatch.setattr(text_lines, "TEMPLATE_RATE", 0.0)
    with pytest.raises(KeyError):
        line("2075", rowless, np.random.default_rng(0))
