import numpy as np
import pytest

from recognizer.io.decoding import load_image
from recognizer.preprocessing.foreground import find_ink, ink_box
from training.data import wild

BAR = [[(0, 0), (0, 100)]]


@pytest.mark.parametrize(("side", "pen", "left", "top"), [(200, 20, 10, 30), (80, 8, 9, 190), (60, 4, 0, 0)])
def test_drawing_has_the_given_position_and_size(side, pen, left, top):
    picture = wild.draw(BAR, side, pen, left, top)
    assert picture.shape == (280, 280)
    assert ink_box(find_ink(load_image(picture))) == pytest.approx((left, top, pen, side), abs=2)


def test_random_places_stay_on_the_canvas_and_vary():
    rng = np.random.default_rng(1)
    places = [wild.free_place(BAR, rng) for _ in range(200)]
    for place in places:
        assert 0.25 * 280 <= place["side"] <= 0.8 * 280
        assert 8 <= place["pen"] <= 24
        assert place["left"] >= 0
        assert place["left"] + place["pen"] <= 280
        assert place["top"] + place["side"] <= 280
    assert np.ptp([place["left"] for place in places]) > 200


def test_dot_is_drawn():
    assert (wild.draw([[(5, 5)]], 40, 12, 100, 100) < 128).sum() > 50


def test_every_set_is_read(data_dir):
    assert len(wild.strokes62(data_dir)) == 1_736
    assert len(wild.pen_digits(data_dir)) == 7_494
    for load, count in (
        (lambda: wild.photo_characters(data_dir), 3_090),
        (lambda: wild.character_set(data_dir, "cut_characters"), 9_336),
        (lambda: wild.character_set(data_dir, "capitals_by_writer"), 4_680),
        (lambda: wild.character_set(data_dir, "drawn_lower"), 2_600),
    ):
        pictures, labels = load()
        assert len(pictures) == len(labels) == count
        assert all(len(label) == 1 for label in labels)
