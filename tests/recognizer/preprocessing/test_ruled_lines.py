import numpy as np

from recognizer.preprocessing.ruled_lines import without_rules


def test_picture_without_ink_stays_as_it_is():
    assert not without_rules(np.zeros((60, 300), np.uint8)).any()


def test_printed_line_is_removed_and_a_stroke_across_it_stays():
    drawn = np.zeros((60, 300), np.uint8)
    drawn[40:43] = 1
    drawn[10:55, 100:106] = 1
    cleaned = without_rules(drawn)
    assert not cleaned[41, :95].any()
    assert cleaned[10:55, 100:106].all()


def test_bar_of_a_large_character_is_no_printed_line():
    drawn = np.zeros((200, 200), np.uint8)
    drawn[100:110, 40:140] = 1  # half of the picture's width
    drawn[20:180, 110:120] = 1
    assert (without_rules(drawn) == drawn).all()
