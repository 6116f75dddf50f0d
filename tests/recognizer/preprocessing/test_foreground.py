import numpy as np
import pytest

from recognizer.io.decoding import load_image
from recognizer.preprocessing.foreground import find_ink
from tests.characters import picture

DRAWN = picture("4")
IS_INK = DRAWN < 128


def coloured(ink: tuple, paper: tuple) -> np.ndarray:
    """DRAWN in the colours of this ink and paper: uint8 (H, W, 3)."""
    ink_share = (255 - DRAWN.astype(float))[..., None] / 255
    return np.rint(ink_share * ink + (1 - ink_share) * np.array(paper)).astype(np.uint8)


def agreement(ink: np.ndarray, expected: np.ndarray = IS_INK) -> float:
    """The share of pixels that are rightly ink or paper."""
    return float(((ink >= 0.5) == expected).mean())


@pytest.mark.parametrize(("ink", "paper"), [
    ((0, 0, 0), (255, 255, 255)), ((255, 255, 255), (0, 0, 0)), ((30, 40, 160), (235, 230, 215)),
    ((200, 30, 30), (255, 255, 255)), ((250, 220, 60), (20, 60, 30)), ((150, 150, 150), (200, 200, 200)),
])  # fmt: skip
def test_ink_of_any_colour_is_found_on_paper_of_any_colour(ink, paper):
    found = find_ink(load_image(coloured(ink, paper)))
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1
    assert agreement(found) > 0.995


@pytest.mark.parametrize("colour", [0, 255])
def test_ink_on_a_transparent_ground_is_found(colour):
    drawing = np.full((*DRAWN.shape, 4), colour, np.uint8)
    drawing[..., 3] = 255 - DRAWN
    assert agreement(find_ink(drawing)) > 0.995


@pytest.mark.parametrize("paper", [0, 90, 255])
def test_blank_paper_has_no_ink(paper):
    noise = np.random.default_rng(1).normal(0, 3, (90, 120))
    blank = np.clip(paper + noise, 0, 255).astype(np.uint8)
    assert not find_ink(load_image(blank)).any()


def test_transparent_picture_has_no_ink():
    assert not find_ink(np.zeros((40, 50, 4), np.uint8)).any()


def test_light_from_one_side_is_no_ink():
    light = np.linspace(1.0, 0.65, DRAWN.shape[1])[None, :, None]
    lit = np.rint(coloured((40, 40, 90), (230, 230, 225)) * light).astype(np.uint8)
    assert agreement(find_ink(load_image(lit))) > 0.98


def test_heavy_letter_that_covers_more_than_its_paper_is_ink():
    y, x = np.indices((50, 50))
    gaps_of_n = (x >= 13) & (x < 37) & ((y < 2 * (x - 16)) | (y > 2 * (x - 16) + 16))
    letter = ~gaps_of_n & (x > 0) & (x < 49) & (y > 0) & (y < 49)
    assert 0.52 < letter.mean() < 0.62
    for light, dark in ((letter, ~letter), (~letter, letter)):
        ink = find_ink(load_image((230 * light + 20 * dark).astype(np.uint8)))
        assert agreement(ink, letter) > 0.98


@pytest.mark.parametrize("frame", [3, 20])
def test_sheet_on_a_dark_table_is_paper(frame):
    sheet = coloured((30, 30, 60), (220, 220, 210))
    table = np.full([side + 2 * frame for side in sheet.shape[:2]] + [3], 50, np.uint8)
    table[frame:-frame, frame:-frame] = sheet
    ink = find_ink(load_image(table))[frame:-frame, frame:-frame]
    assert (ink[~IS_INK] < 0.5).mean() > 0.98
    assert (ink[IS_INK] >= 0.5).mean() > 0.95
