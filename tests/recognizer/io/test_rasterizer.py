import numpy as np
import pytest

from recognizer.io.rasterizer import draw_stroke


@pytest.mark.parametrize("width", [1, 4, 11])
def test_a_line_is_as_wide_as_the_pen(width):
    sheet = np.zeros((40, 60), np.uint8)
    draw_stroke(sheet, np.array([(10.0, 20.0), (50.0, 20.0)]), 255, width)
    assert width <= sheet[:, 30].sum() / 255 <= width + 2.5  # OpenCV's smooth edges come on top
    assert sheet[20, 30] > 220


def test_points_between_pixels_are_kept():
    sheets = np.zeros((2, 40, 60), np.uint8)
    for sheet, y in zip(sheets, (20.0, 20.5), strict=True):
        draw_stroke(sheet, np.array([(10.0, y), (50.0, y)]), 255, 3)
    rows = np.arange(40) @ sheets[:, :, 30].T / sheets[:, :, 30].sum(axis=1)
    assert 0.4 < rows[1] - rows[0] < 0.8


def test_a_repeated_point_is_a_dot():
    sheet = np.full((40, 60), 255, np.uint8)
    draw_stroke(sheet, np.array([(30.0, 20.0)] * 2), 0, 7)
    assert sheet[20, 30] == 0
    assert 20 < (sheet < 128).sum() < 60
