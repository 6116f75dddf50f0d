from itertools import pairwise

import numpy as np
import pytest

from tests.characters import STROKES
from training.evaluation import lines
from training.evaluation.lines import LineFigure, compose, table

# Accuracies on 400 lines; the tests read fewer lines and subtract a margin for chance
NUMBERS_ACCURACY = 0.96
CAPITALS_ACCURACY = 0.95
LINES = 60


def test_characters_stand_side_by_side_and_keep_their_heights():
    rng = np.random.default_rng(0)
    high, low = STROKES["7"], [[(x, y + 40) for x, y in stroke] for stroke in STROKES["0"]]
    drawing = compose([[high, low], [high]], rng)
    boxes = [(points.min(axis=0), points.max(axis=0)) for points in drawing.strokes]
    gaps = [right[0][0] - left[1][0] - lines.PEN for left, right in pairwise(boxes)]
    capital = lines.CAPITAL_HEIGHT
    assert lines.GAPS[0] * capital <= gaps[0] <= lines.GAPS[1] * capital
    assert gaps[1] >= (lines.WORD_GAP + lines.GAPS[0]) * capital
    assert boxes[1][0][1] - boxes[0][0][1] == 40
    points = np.concatenate(drawing.strokes)
    assert points.min() >= lines.MARGIN
    assert (points.max(axis=0) <= np.array(drawing.size) - lines.MARGIN + 1).all()


def test_the_table_shows_accuracies_and_targets():
    figures = [LineFigure("numbers", 0.975, 0.96, 400), LineFigure("alone", 0.75, 0.0, 3000)]
    assert table(figures).splitlines()[-2:] == [
        "| numbers | 97.5% | 96.0% | 400 |",
        "| alone | 75.0% |  | 3,000 |",
    ]


def test_numbers_and_words_on_the_canvas_reach_their_accuracies(data_dir, monkeypatch):
    monkeypatch.setattr(lines, "LINES", LINES)
    standard_deviation = (NUMBERS_ACCURACY * (1 - NUMBERS_ACCURACY) / LINES) ** 0.5
    assert lines.numbers(data_dir).accuracy >= NUMBERS_ACCURACY - 2 * standard_deviation
    assert lines.words_of_capitals(data_dir).accuracy >= CAPITALS_ACCURACY - 0.03


def test_characters_in_a_line_are_read_better_than_alone(data_dir, monkeypatch):
    """The target is 35 % fewer errors; on few lines 25 % are enough."""
    monkeypatch.setattr(lines, "LINES", LINES)
    alone, in_line = lines.alone_and_in_line(data_dir)
    assert 1 - in_line.accuracy <= 0.75 * (1 - alone.accuracy)
    assert in_line.target == pytest.approx(1 - 0.65 * (1 - alone.accuracy))
