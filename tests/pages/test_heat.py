"""The heat map of a drawing, as an array."""

import numpy as np
import pytest

from pages.heat import AGAINST_COLOUR, FOR_COLOUR, crop_to_ink, picture


def canvas(height: int, width: int) -> np.ndarray:
    """White, with one vertical black stroke."""
    drawn = np.full((height, width, 4), 255, np.uint8)
    drawn[10:50, 20:26, :3] = 0
    return drawn


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_a_drawing_without_heat_is_grey_on_white():
    shown = picture(canvas(60, 80), np.zeros((60, 80), np.float32))
    assert shown.shape == (60, 80, 3)
    assert (shown[:10] == 255).all()
    assert np.ptp(shown, axis=2).max() == 0
    assert 100 < shown[30, 22, 0] < 230


def test_ink_has_the_colour_of_the_side_that_it_supports():
    heat = np.zeros((60, 80), np.float32)
    heat[10:20, 20:26], heat[40:50, 20:26] = 1, -1
    shown = picture(canvas(60, 80), heat)
    assert tuple(shown[15, 22]) == rgb(FOR_COLOUR)
    assert tuple(shown[45, 22]) == rgb(AGAINST_COLOUR)
    assert np.ptp(shown[30, 22]) == 0


def test_transparent_canvas_of_a_high_resolution_screen_is_scaled_to_the_heat():
    drawn = np.repeat(np.repeat(canvas(60, 80), 2, axis=0), 2, axis=1)
    drawn[drawn[..., 0] == 255] = 0  # no paper
    shown = picture(drawn, np.zeros((60, 80), np.float32))
    assert tuple(shown[5, 5]) == (255, 255, 255)
    assert shown[30, 22, 0] < 230


@pytest.mark.parametrize("place", [(0, 0), (30, 40), (59, 79)])
def test_crop_is_square_with_the_ink_in_its_middle(place):
    shown = np.full((60, 80, 3), 255, np.uint8)
    shown[place] = 0
    shown[place[0] - 5 if place[0] > 5 else 5, place[1]] = 0
    part = crop_to_ink(shown)
    assert part.shape[0] == part.shape[1] <= 20
    assert (part.min(axis=2) < 255).sum() == 2
