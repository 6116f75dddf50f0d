import numpy as np
import pytest

from recognizer.decoding import ink_assignment
from recognizer.decoding.ctc import Step
from recognizer.layout import line_strips
from tests.sheets import page, strips


def test_ink_is_shared_out_among_characters_and_their_boxes_are_on_the_page():
    sheet = page("7H4")
    (strip,) = strips(sheet)
    columns = np.flatnonzero((strip.ink >= 0.5).any(axis=0))
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    steps = [Step(part.mean().astype(int) // 2, part.mean().astype(int) // 2 + 1, 0, 0) for part in parts]
    owner = ink_assignment.owners(steps, strip.ink)
    assert ((owner > 0) == (strip.ink >= 0.5)).all()
    assert set(np.unique(owner).tolist()) == {0, 1, 2, 3}
    ink_columns = np.flatnonzero((sheet < 150).any(axis=0))
    ink, (x, _, width, height) = ink_assignment.own_ink(strip, owner, 1)
    assert (ink >= 0.5).sum() == (owner == 1).sum()
    assert x == pytest.approx(ink_columns[0], abs=4)
    assert height == pytest.approx(60, abs=8)
    assert width < 60
    assert ink_assignment.own_ink(strip, owner, 4) is None
    assert not ink_assignment.owners([], strip.ink).any()


def test_a_stroke_is_one_characters_alone_but_where_it_writes_two():
    owner = np.zeros((32, 60), np.int32)
    owner[5:27, 4:20], owner[5:27, 20:50] = 1, 2
    strip = line_strips.Strip((owner > 0).astype(np.float32), np.array([[2.0, 0, 10], [0, 2.0, 0]]))

    def across(y: float, left: float, right: float) -> np.ndarray:
        return np.array([(10 + 2 * left, 2 * y), (10 + 2 * right, 2 * y)])

    first, reaching, both = across(10, 5, 15), across(12, 16, 45), across(14, 8, 32)
    found = ink_assignment.own_strokes(strip, owner, [first, reaching, both, across(40, 5, 15)])
    assert sorted(found) == [1, 2]
    assert found[1][0] is first
    assert found[2][0] is reaching  # it only touches its neighbour
    np.testing.assert_allclose(found[1][1][[0, -1], 0], (26, 49), atol=2)
    np.testing.assert_allclose(found[2][1][[0, -1], 0], (50, 74), atol=2)
    assert len(found[1]) == len(found[2]) == 2


def test_a_dot_is_a_stroke_too():
    owner = np.ones((32, 60), np.int32)
    strip = line_strips.Strip(owner.astype(np.float32), np.eye(2, 3))
    strokes = [np.array([(10.0, 10.0)]), np.full((2, 2), 7.0)]
    assert len(ink_assignment.own_strokes(strip, owner, strokes)[1]) == 2
