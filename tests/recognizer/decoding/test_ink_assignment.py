import numpy as np
import pytest

from recognizer.decoding import ink_assignment
from recognizer.decoding.ctc import Span
from recognizer.layout import line_strips
from tests.sheets import page, strips


def test_ink_is_divided_among_characters_and_their_boxes_lie_on_the_page():
    sheet = page("7H4")
    (strip,) = strips(sheet)
    columns = np.flatnonzero((strip.ink >= 0.5).any(axis=0))
    characters = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    frames = [int(character.mean()) // 2 for character in characters]
    owner = ink_assignment.assign_ink([Span(frame, frame + 1, 0, 0) for frame in frames], strip.ink)
    assert ((owner > 0) == (strip.ink >= 0.5)).all()
    assert set(np.unique(owner).tolist()) == {0, 1, 2, 3}
    sheet_columns = np.flatnonzero((sheet < 150).any(axis=0))
    ink, (x, _, width, height) = ink_assignment.character_ink(strip, owner, 1)
    assert (ink >= 0.5).sum() == (owner == 1).sum()
    assert x == pytest.approx(sheet_columns[0], abs=4)
    assert height == pytest.approx(60, abs=8)
    assert width < 60
    assert ink_assignment.character_ink(strip, owner, 4) is None
    assert not ink_assignment.assign_ink([], strip.ink).any()


def test_stroke_belongs_to_one_character_unless_it_writes_two():
    owner = np.zeros((32, 60), np.int32)
    owner[5:27, 4:20], owner[5:27, 20:50] = 1, 2
    strip = line_strips.Strip((owner > 0).astype(np.float32), np.array([[2.0, 0, 10], [0, 2.0, 0]]))

    def horizontal(y: float, left: float, right: float) -> np.ndarray:
        """A stroke in pixels of the page, given in pixels of the strip."""
        return np.array([(10 + 2 * left, 2 * y), (10 + 2 * right, 2 * y)])

    first, touching, both = horizontal(10, 5, 15), horizontal(12, 16, 45), horizontal(14, 8, 32)
    below_the_line = horizontal(40, 5, 15)
    strokes = ink_assignment.character_strokes(strip, owner, [first, touching, both, below_the_line])
    assert sorted(strokes) == [1, 2]
    assert strokes[1][0] is first
    assert strokes[2][0] is touching  # most of it lies in the second character
    np.testing.assert_allclose(strokes[1][1][[0, -1], 0], (26, 49), atol=2)
    np.testing.assert_allclose(strokes[2][1][[0, -1], 0], (50, 74), atol=2)
    assert len(strokes[1]) == len(strokes[2]) == 2


def test_dot_is_a_stroke():
    owner = np.ones((32, 60), np.int32)
    strip = line_strips.Strip(owner.astype(np.float32), np.eye(2, 3))
    one_point, two_equal_points = np.array([(10.0, 10.0)]), np.full((2, 2), 7.0)
    strokes = ink_assignment.character_strokes(strip, owner, [one_point, two_equal_points])
    assert len(strokes[1]) == 2
