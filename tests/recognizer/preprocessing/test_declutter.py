import numpy as np
import pytest

from recognizer.preprocessing.declutter import only_character
from recognizer.preprocessing.foreground import ink_box
from tests.characters import picture


def test_no_ink_is_no_character():
    assert not only_character(np.zeros((30, 40), np.float32)).any()


def test_specks_and_ruled_lines_go_and_the_dot_of_an_i_stays():
    ink = 1 - picture("i").astype(np.float32) / 255
    dirty = ink.copy()
    dirty[20:22, 200:202] = 1  # a speck
    dirty[0:2] = 1  # a ruled line along the edge
    np.testing.assert_array_equal(only_character(dirty), ink)
    assert (only_character(ink) == ink).all()


@pytest.mark.parametrize("label", ["4", "7", "A"])
@pytest.mark.parametrize(("high", "wide"), [(280, 280), (340, 240)])
def test_a_ruled_line_that_crosses_the_character_goes(label, high, wide):
    clean = np.zeros((high, wide), np.float32)
    drawn = 1 - picture(label).astype(np.float32) / 255
    x, y, width, height = ink_box(drawn)
    left, top = (wide - width) // 2, high - height - 20
    clean[top : top + height, left : left + width] = drawn[y : y + height, x : x + width]
    ruled = clean.copy()
    at = top + height - 6
    ruled[at : at + 4] = 1
    found = only_character(ruled)
    assert ink_box(found) == pytest.approx(ink_box(clean), abs=5)
    near = np.s_[at - 8 : at + 12]
    assert (np.delete(found, near, axis=0) == np.delete(clean, near, axis=0)).all()


def test_a_long_ruled_line_beside_a_small_character_is_no_character():
    ink = np.zeros((200, 400), np.float32)
    ink[150:156] = 1  # more ink than the character has
    ink[60:110, 200:206] = 1
    assert ink_box(only_character(ink)) == (200, 60, 6, 50)


@pytest.mark.parametrize("room", [0, 40])
def test_the_bar_of_a_character_that_fills_the_width_stays(room):
    """Cut out of a line of writing: as wide as the character, as high as the line."""
    ink = np.zeros((80 + 2 * room, 60), np.float32)
    ink[room : room + 10] = 1
    ink[room : room + 80, 25:35] = 1
    assert (only_character(ink) == ink).all()


def test_a_stem_as_high_as_the_picture_stays():
    ink = np.zeros((80, 60), np.float32)
    ink[:, :12] = 1
    ink[20:60, 20:40] = 1
    assert (only_character(ink) == ink).all()


@pytest.mark.parametrize(("pen", "turns"), [(3, 0), (3, 2), (4, 0), (4, 1), (4, 2), (4, 3)])
def test_a_ruled_line_along_an_edge_goes_though_it_is_in_pieces(pen, turns):
    ink = np.zeros((40, 36), np.float32)
    ink[12:28, 18 - pen : 18] = ink[29 - pen : 28, 18 - pen : 24] = 1  # an L in the middle
    ruled = ink.copy()
    ruled[4, :12] = ruled[3, 12:24] = ruled[2, 26:35] = 1  # slanting, faint at two places
    np.testing.assert_array_equal(only_character(np.rot90(ruled, turns)), np.rot90(ink, turns))


def test_a_free_bar_near_the_edge_that_no_edge_cuts_stays():
    ink = np.zeros((70, 44), np.float32)
    ink[3:8, 5:38] = 1
    ink[12:64, 6:11] = ink[35:40, 6:36] = ink[35:64, 32:37] = ink[59:64, 6:37] = 1
    assert (only_character(ink) == ink).all()


def test_a_small_mark_far_under_a_character_is_no_part_of_it_and_a_broken_foot_is():
    stem = np.zeros((120, 100), np.float32)
    stem[20:70, 40:46] = 1
    hint, foot = stem.copy(), stem.copy()
    hint[90:105, 38:48] = 1
    foot[73:79, 40:64] = 1
    np.testing.assert_array_equal(only_character(hint), stem)
    np.testing.assert_array_equal(only_character(foot), foot)


def test_a_character_on_a_slanting_line_stays_and_a_spot_beside_it_is_not_taken_for_it():
    ink = np.zeros((120, 100), np.float32)
    ink[30:95, 45:52] = 1
    for x in range(100):
        ink[94 + x // 20, x] = ink[95 + x // 20, x] = 1
    ink[20:26, 80:86] = 1
    assert only_character(ink)[30:95, 45:52].all()
