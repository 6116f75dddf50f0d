import numpy as np
import pytest

from recognizer.preprocessing.declutter import only_character
from recognizer.preprocessing.foreground import ink_box
from tests.characters import picture


def test_picture_without_ink_stays_as_it_is():
    assert not only_character(np.zeros((30, 40), np.float32)).any()


def test_speck_and_ruled_line_are_removed_and_the_dot_of_an_i_stays():
    ink = 1 - picture("i").astype(np.float32) / 255
    dirty = ink.copy()
    dirty[20:22, 200:202] = 1  # a speck
    dirty[0:2] = 1  # a ruled line along the edge
    np.testing.assert_array_equal(only_character(dirty), ink)
    assert (only_character(ink) == ink).all()


@pytest.mark.parametrize("label", ["4", "7", "A"])
@pytest.mark.parametrize(("high", "wide"), [(280, 280), (340, 240)])
def test_ruled_line_across_the_character_is_removed(label, high, wide):
    clean = np.zeros((high, wide), np.float32)
    drawn = 1 - picture(label).astype(np.float32) / 255
    x, y, width, height = ink_box(drawn)
    left, top = (wide - width) // 2, high - height - 20
    clean[top : top + height, left : left + width] = drawn[y : y + height, x : x + width]
    ruled = clean.copy()
    line = top + height - 6
    ruled[line : line + 4] = 1
    cleaned = only_character(ruled)
    assert ink_box(cleaned) == pytest.approx(ink_box(clean), abs=5)
    rows_near_line = np.s_[line - 8 : line + 12]
    assert (np.delete(cleaned, rows_near_line, axis=0) == np.delete(clean, rows_near_line, axis=0)).all()


def test_long_ruled_line_next_to_a_small_character_is_removed():
    ink = np.zeros((200, 400), np.float32)
    ink[150:156] = 1  # more ink than the character has
    ink[60:110, 200:206] = 1
    assert ink_box(only_character(ink)) == (200, 60, 6, 50)


@pytest.mark.parametrize("margin", [0, 40])
def test_bar_of_a_character_that_fills_the_width_stays(margin):
    """Cropped from a line of writing: as wide as the character, as high as the line."""
    ink = np.zeros((80 + 2 * margin, 60), np.float32)
    ink[margin : margin + 10] = 1
    ink[margin : margin + 80, 25:35] = 1
    assert (only_character(ink) == ink).all()


def test_stem_as_high_as_the_picture_stays():
    ink = np.zeros((80, 60), np.float32)
    ink[:, :12] = 1
    ink[20:60, 20:40] = 1
    assert (only_character(ink) == ink).all()


@pytest.mark.parametrize(("pen", "turns"), [(3, 0), (3, 2), (4, 0), (4, 1), (4, 2), (4, 3)])
def test_ruled_line_in_pieces_along_an_edge_is_removed(pen, turns):
    ink = np.zeros((40, 36), np.float32)
    ink[12:28, 18 - pen : 18] = ink[29 - pen : 28, 18 - pen : 24] = 1  # an L in the middle
    ruled = ink.copy()
    ruled[4, :12] = ruled[3, 12:24] = ruled[2, 26:35] = 1  # slanting, faint at two places
    np.testing.assert_array_equal(only_character(np.rot90(ruled, turns)), np.rot90(ink, turns))


def test_bar_near_an_edge_that_does_not_cut_it_stays():
    ink = np.zeros((70, 44), np.float32)
    ink[3:8, 5:38] = 1
    ink[12:64, 6:11] = ink[35:40, 6:36] = ink[35:64, 32:37] = ink[59:64, 6:37] = 1
    assert (only_character(ink) == ink).all()


def test_small_mark_far_below_the_character_is_removed_and_its_broken_foot_stays():
    stem = np.zeros((120, 100), np.float32)
    stem[20:70, 40:46] = 1
    with_mark, with_foot = stem.copy(), stem.copy()
    with_mark[90:105, 38:48] = 1
    with_foot[73:79, 40:64] = 1
    np.testing.assert_array_equal(only_character(with_mark), stem)
    np.testing.assert_array_equal(only_character(with_foot), with_foot)


def test_character_on_a_slanting_line_stays_next_to_a_spot():
    ink = np.zeros((120, 100), np.float32)
    ink[30:95, 45:52] = 1
    for x in range(100):
        ink[94 + x // 20, x] = ink[95 + x // 20, x] = 1
    ink[20:26, 80:86] = 1
    assert only_character(ink)[30:95, 45:52].all()
