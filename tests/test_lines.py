import numpy as np
import pytest

from recognizer import lines
from recognizer.layout import Page
from recognizer.lines import Position, Step
from recognizer.paper import page_ink
from tests.pages import page

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
    assert read(lines.best_steps(logs(*said))) == text


def test_a_step_knows_where_it_was_seen():
    assert lines.best_steps(logs("-", "1", "1", "-"))[0] == Step(1, 3, 0, 0)


@pytest.mark.parametrize(("said", "pattern", "text"), [
    (("1", "-", "7"), "99", "17"),
    (("1", "-", "7"), "A9", "A7"),  # what the first is like is a letter here
    (("1A", "-", "7"), "*9", "17"),
    (("1", "-", "7", "-", "A"), "99", "17"),  # the line as a whole: what is left over was no character
    (("1", "-", "7"), "9-9", "17"),  # a literal that no class is
    (("-", "1", "-"), "7", "7"),  # a literal that is one
])  # fmt: skip
def test_a_pattern_is_followed_by_the_line_as_a_whole(said, pattern, text):
    steps = lines.steps_by_pattern(logs(*said), lines.positions(pattern, CLASSES))
    assert len(steps) == len(text)
    assert read(steps).lower() == text.lower()


def test_where_a_line_is_too_short_for_a_pattern_nothing_fits():
    assert lines.steps_by_pattern(logs("1"), lines.positions("999", CLASSES)) == []


def test_positions_allow_kinds_and_take_signs_literally():
    nine, letter, any_, seven, dash = lines.positions("9A*7-", CLASSES)
    assert nine.allowed.tolist() == [True, True, False, False]
    assert letter.allowed.tolist() == [False, False, True, True]
    assert any_.allowed.all()
    assert seven.allowed.tolist() == [False, True, False, False]
    assert not dash.allowed.any()
    assert dash.literal == "-"
    assert isinstance(dash, Position)


def test_a_patterns_text_has_its_literals():
    assert lines.filled(lines.positions("9/A", CLASSES), {0: "7", 2: "a"}) == "7/a"


def test_case_is_merged_where_it_does_not_count():
    logits = logs("A", "a")
    merged = lines.probabilities(logits, (*CLASSES, ""), ("a", "b"), np.ones(2, bool))
    assert merged.shape == (2, 3)
    np.testing.assert_allclose(merged.sum(axis=1), 1)
    assert (merged[:, 0] > 0.9).all()


def test_what_may_not_be_said_is_another_character_and_not_none():
    known = lines.probabilities(logs("1"), (*CLASSES, ""), CLASSES, np.array([False, True, False, False]))
    assert known[0].argmax() == 1


def strips(sheet: np.ndarray) -> list[lines.Strip]:
    laid_out = Page(page_ink(np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)]))[0])
    return [lines.strip(laid_out, line, 32, 21) for line in laid_out.lines()]


@pytest.mark.parametrize("how", [{}, {"turn": 12}, {"tall": 20}, {"tall": 150}], ids=str)
def test_a_strip_is_level_and_of_one_size(how):
    (strip,) = strips(page("75204", **how))
    rows = np.flatnonzero((strip.ink >= 0.5).any(axis=1))
    assert strip.ink.shape[0] == 32
    assert np.ptp(rows) + 1 == pytest.approx(21, abs=4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (900, 5)])
def test_ink_of_any_shape_has_a_slant(shape):
    assert abs(lines.slant_of(np.ones(shape, np.float32))) < 2


def test_ink_is_shared_out_among_characters_and_their_boxes_are_on_the_page():
    sheet = page("7H4")
    (strip,) = strips(sheet)
    columns = np.flatnonzero((strip.ink >= 0.5).any(axis=0))
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    steps = [Step(part.mean().astype(int) // 2, part.mean().astype(int) // 2 + 1, 0, 0) for part in parts]
    owner = lines.owners(steps, strip.ink)
    assert ((owner > 0) == (strip.ink >= 0.5)).all()
    assert set(np.unique(owner).tolist()) == {0, 1, 2, 3}
    ink_columns = np.flatnonzero((sheet < 150).any(axis=0))
    ink, (x, _, width, height) = lines.own_ink(strip, owner, 1)
    assert (ink >= 0.5).sum() == (owner == 1).sum()
    assert x == pytest.approx(ink_columns[0], abs=4)
    assert height == pytest.approx(60, abs=8)
    assert width < 60
    assert lines.own_ink(strip, owner, 4) is None
    assert not lines.owners([], strip.ink).any()


def test_a_stroke_is_one_characters_alone_but_where_it_writes_two():
    owner = np.zeros((32, 60), np.int32)
    owner[5:27, 4:20], owner[5:27, 20:50] = 1, 2
    strip = lines.Strip((owner > 0).astype(np.float32), np.array([[2.0, 0, 10], [0, 2.0, 0]]))

    def across(y: float, left: float, right: float) -> np.ndarray:
        return np.array([(10 + 2 * left, 2 * y), (10 + 2 * right, 2 * y)])

    first, reaching, both = across(10, 5, 15), across(12, 16, 45), across(14, 8, 32)
    found = lines.own_strokes(strip, owner, [first, reaching, both, across(40, 5, 15)])
    assert sorted(found) == [1, 2]
    assert found[1][0] is first
    assert found[2][0] is reaching  # it only touches its neighbour
    np.testing.assert_allclose(found[1][1][[0, -1], 0], (26, 49), atol=2)
    np.testing.assert_allclose(found[2][1][[0, -1], 0], (50, 74), atol=2)
    assert len(found[1]) == len(found[2]) == 2


def test_a_dot_is_a_stroke_too():
    owner = np.ones((32, 60), np.int32)
    strip = lines.Strip(owner.astype(np.float32), np.eye(2, 3))
    assert len(lines.own_strokes(strip, owner, [np.array([(10.0, 10.0)]), np.full((2, 2), 7.0)])[1]) == 2


def test_strips_of_any_widths_come_back_in_their_order():
    made = [lines.Strip(np.full((32, wide), wide, np.float32), np.eye(2, 3)) for wide in (50, 400, 90)]
    answers = lines.logits_of(made, lambda sheet: np.repeat(sheet[:, 0, ::2, None], 3, axis=2))
    assert [len(one) for one in answers] == [25, 200, 45]
    assert [one.max() for one in answers] == [50, 400, 90]
    assert lines.logits_of([], None) == []
