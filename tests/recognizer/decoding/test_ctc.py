import contextlib

import numpy as np
import pytest

from recognizer.decoding import ctc
from recognizer.decoding.ctc import Position, Step
from recognizer.errors import ImageError
from recognizer.layout import line_strips
from recognizer.layout.segmentation import Page
from tests.sheets import page, strips

CLASSES = ("1", "7", "A", "a")
NONE = len(CLASSES)


def logs(*said: str, sure: float = 0.9) -> np.ndarray:
    """Places of a line that say these labels, "-" for none; "17" says 1, and less surely 7."""
    rows = np.full((len(said), NONE + 1), 0.01)
    for row, label in zip(rows, said, strict=True):
        row[NONE if label == "-" else CLASSES.index(label[0])] = sure
        if len(label) > 1:
            row[CLASSES.index(label[0])], row[CLASSES.index(label[1])] = 0.6, 0.3
    return np.log(rows / rows.sum(axis=1, keepdims=True))


def read(steps: list[Step]) -> str:
    return "".join(CLASSES[step.best] for step in steps)


@pytest.mark.parametrize(("said", "text"), [
    (("-", "-"), ""), (("-", "1", "1", "-"), "1"), (("1", "-", "1"), "11"), (("1", "7", "7", "A"), "17A"),
])  # fmt: skip
def test_a_character_is_said_once_however_long_it_is_seen(said, text):
    assert read(ctc.best_steps(logs(*said))) == text


def test_a_step_knows_where_it_was_seen():
    assert ctc.best_steps(logs("-", "1", "1", "-"))[0] == Step(1, 3, 0, 0)


@pytest.mark.parametrize(("said", "pattern", "text"), [
    (("1", "-", "7"), "99", "17"),
    (("1", "-", "7"), "A9", "A7"),  # what the first is like is a letter here
    (("1A", "-", "7"), "*9", "17"),
    (("1", "-", "7", "-", "A"), "99", "17"),  # the line as a whole: what is left over was no character
    (("1", "-", "7"), "9-9", "17"),  # a literal that no class is
    (("-", "1", "-"), "7", "7"),  # a literal that is one
])  # fmt: skip
def test_a_pattern_is_followed_by_the_line_as_a_whole(said, pattern, text):
    steps = ctc.steps_by_pattern(logs(*said), ctc.positions(pattern, CLASSES))
    assert len(steps) == len(text)
    assert read(steps).lower() == text.lower()


def test_where_a_line_is_too_short_for_a_pattern_nothing_fits():
    assert ctc.steps_by_pattern(logs("1"), ctc.positions("999", CLASSES)) == []


def test_positions_allow_kinds_and_take_signs_literally():
    nine, letter, any_, seven, dash = ctc.positions("9A*7-", CLASSES)
    assert nine.allowed.tolist() == [True, True, False, False]
    assert letter.allowed.tolist() == [False, False, True, True]
    assert any_.allowed.all()
    assert seven.allowed.tolist() == [False, True, False, False]
    assert not dash.allowed.any()
    assert dash.literal == "-"
    assert isinstance(dash, Position)


def test_a_patterns_text_has_its_literals():
    assert ctc.filled(ctc.positions("9/A", CLASSES), {0: "7", 2: "a"}) == "7/a"


def test_case_is_merged_where_it_does_not_count():
    logits = logs("A", "a")
    merged = ctc.probabilities(logits, (*CLASSES, ""), ("a", "b"), np.ones(2, bool))
    assert merged.shape == (2, 3)
    np.testing.assert_allclose(merged.sum(axis=1), 1)
    assert (merged[:, 0] > 0.9).all()


def test_what_may_not_be_said_is_another_character_and_not_none():
    known = ctc.probabilities(logs("1"), (*CLASSES, ""), CLASSES, np.array([False, True, False, False]))
    assert known[0].argmax() == 1


@pytest.mark.parametrize("how", [{}, {"turn": 12}, {"tall": 20}, {"tall": 150}], ids=str)
def test_a_strip_is_level_and_of_one_size(how):
    (strip,) = strips(page("75204", **how))
    rows = np.flatnonzero((strip.ink >= 0.5).any(axis=1))
    assert strip.ink.shape[0] == 32
    assert np.ptp(rows) + 1 == pytest.approx(21, abs=4)


def test_lines_longer_than_those_of_a_page_are_refused():
    dashes = np.pad(np.ones((2, 6), np.float32), ((4, 4), (2, 2)))  # so flat that their strips are long
    for rows, fits in ((20, True), (40, False)):
        laid_out = Page(np.tile(dashes, (rows, 40)))
        with contextlib.nullcontext() if fits else pytest.raises(ImageError, match="longer than a page has"):
            columns = sum(one.ink.shape[1] for one in line_strips.strips(laid_out, laid_out.lines(), 32, 21))
            assert 0.7 * line_strips.MOST_COLUMNS < columns <= line_strips.MOST_COLUMNS


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (900, 5)])
def test_ink_of_any_shape_has_a_slant(shape):
    assert abs(line_strips.slant_of(np.ones(shape, np.float32))) < 2


def test_strips_of_any_widths_come_back_in_their_order():
    made = [line_strips.Strip(np.full((32, wide), wide, np.float32), np.eye(2, 3)) for wide in (50, 400, 90)]
    answers = ctc.logits_of(made, lambda sheet: np.repeat(sheet[:, 0, ::2, None], 3, axis=2))
    assert [len(one) for one in answers] == [25, 200, 45]
    assert [one.max() for one in answers] == [50, 400, 90]
    assert ctc.logits_of([], None) == []
