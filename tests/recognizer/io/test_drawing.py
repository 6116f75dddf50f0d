import numpy as np
import pytest

from recognizer import Drawing, Recognizer
from recognizer.io.decoding import load_image

CANVAS = (320, 320)


def path(*commands: list, **changes) -> dict:
    """A path as Fabric.js 7 records it: absolute commands; `left` and `top` are the centre's."""
    points = np.array([command[-2:] for command in commands], float)
    left, top = (points.min(axis=0) + points.max(axis=0)) / 2
    return {"type": "Path", "path": list(commands), "strokeWidth": 16, "left": left, "top": top} | changes


DOWNSTROKE = path(["M", 100, 60], ["L", 100, 160])


def drawing(*paths: dict) -> Drawing:
    return Drawing.from_canvas({"objects": list(paths)}, CANVAS)


def test_empty_canvas_or_one_with_other_shapes_gives_no_drawing():
    assert Drawing.from_canvas(None, CANVAS) is None
    assert Drawing.from_canvas({"objects": []}, CANVAS) is None
    assert drawing(DOWNSTROKE, {"type": "Rect", "left": 10, "top": 10}) is None


def test_stroke_stays_where_it_was_drawn():
    curve = path(["M", 50, 60], ["Q", 60, 80, 100, 115], ["L", 140, 150])
    (points,) = drawing(curve).strokes
    np.testing.assert_allclose(points[[0, 6, -1]], [(50, 60), (100, 115), (140, 150)], atol=1e-9)
    np.testing.assert_allclose(points[3], (67.5, 83.75))  # at t = 1/2 of the curve


@pytest.mark.parametrize(("change", "ends"), [
    ({"left": 130, "top": 100}, [(130, 50), (130, 150)]),
    ({"angle": 90}, [(150, 110), (50, 110)]),  # clockwise on a canvas whose y points down
    ({"scaleY": 0.5}, [(100, 85), (100, 135)]),
    ({"flipY": True}, [(100, 160), (100, 60)]),
])  # fmt: skip
def test_moved_turned_or_scaled_stroke_is_where_the_canvas_shows_it(change, ends):
    (points,) = drawing(DOWNSTROKE | change).strokes
    np.testing.assert_allclose(points, ends, atol=1e-9)


def test_pen_is_fine_and_a_dot_is_drawn():
    dot = path(["M", 200, 40], ["L", 200, 40])
    picture = drawing(DOWNSTROKE, dot).picture()
    assert picture.shape == CANVAS
    assert picture[40, 200] == 0
    pen = (picture[110] < 128).sum()
    assert 8 <= pen <= 13  # 0.08 of the longer side of about 136; the writer's pen was 16


def test_thin_pen_is_not_made_wider():
    thin = drawing(DOWNSTROKE | {"strokeWidth": 3})
    assert (thin.picture()[110] < 128).sum() <= 5  # OpenCV blurs the edges


def test_pen_of_a_word_is_as_fine_as_its_letters_need():
    word = drawing(*[path(["M", x, 60], ["L", x, 100]) for x in range(20, 300, 20)])
    assert (word.picture()[80, 10:30] < 128).sum() <= 6


def test_drawing_is_read_as_a_picture_is(digits: Recognizer):
    seven = drawing(path(["M", 90, 80], ["L", 200, 75], ["L", 150, 240]))
    assert digits.character(seven).label == "7"
    assert load_image(seven).shape == (320, 320, 4)


def test_cropped_drawing_has_a_margin_of_two_pens():
    whole = drawing(DOWNSTROKE, path(["M", 200, 40], ["L", 240, 80]))
    part = whole.cropped_to([whole.strokes[1]])
    np.testing.assert_allclose(part.strokes[0], [(32, 32), (72, 72)])
    assert part.pen == whole.pen
    assert part.size == (105, 105)


def test_scaling_enlarges_strokes_pen_and_canvas():
    large = drawing(DOWNSTROKE).scaled(2)
    np.testing.assert_allclose(large.strokes[0], [(200, 120), (200, 320)])
    assert (large.pen, large.size) == (32, (640, 640))
