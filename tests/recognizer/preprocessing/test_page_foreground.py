import numpy as np
import pytest

from recognizer.preprocessing.page_foreground import MAX_SIDE, depth_of, page_ink
from tests.sheets import page

SHEET = page("2075", "413")


def rgba(sheet: np.ndarray) -> np.ndarray:
    return np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)])


def ink_share(sheet: np.ndarray) -> float:
    return float((page_ink(rgba(sheet))[0] >= 0.5).mean())


@pytest.mark.parametrize("sheet", [
    np.full((300, 400), 255, np.uint8),
    np.linspace(240, 140, 120_000).reshape(300, 400).astype(np.uint8),
    np.zeros((1, 1), np.uint8),
    np.full((1, 9000), 200, np.uint8),
    np.full((9000, 1), 200, np.uint8),
], ids=["white", "shaded", "a pixel", "a row", "a column"])  # fmt: skip
def test_bare_paper_has_no_ink(sheet):
    assert not page_ink(rgba(sheet))[0].any()


@pytest.mark.parametrize("sheet", [
    page("2075", "413", shade=True), 255 - SHEET, (SHEET * 0.6).astype(np.uint8), SHEET // 3 + 150,
], ids=["in shadow", "light on dark", "dim", "faint"])  # fmt: skip
def test_ink_is_found_in_any_light(sheet):
    assert ink_share(sheet) == pytest.approx(ink_share(SHEET), rel=0.12)


def test_ink_of_any_colour_is_found():
    blue, paper = np.array([40, 60, 170]), np.array([240, 235, 200])
    level = (SHEET.astype(float) - SHEET.min()) / np.ptp(SHEET)
    coloured = blue + level[..., None] * (paper - blue)
    picture = np.dstack([coloured.astype(np.uint8), np.full_like(SHEET, 255)])
    assert (page_ink(picture)[0] >= 0.5).mean() == pytest.approx(ink_share(SHEET), rel=0.12)


def test_ink_on_a_transparent_ground_is_found():
    drawn = np.zeros((*SHEET.shape, 4), np.uint8)
    drawn[..., 3] = np.where(SHEET < 150, 255, 0)
    assert (page_ink(drawn)[0] >= 0.5).mean() == pytest.approx(ink_share(SHEET), rel=0.12)


def test_scale_is_the_size_of_the_ink_over_the_size_of_the_picture():
    large = np.kron(SHEET, np.ones((6, 6), np.uint8))
    for sheet in (SHEET, large, page("7", tall=14)):
        ink, scale = page_ink(rgba(sheet))
        assert ink.shape == pytest.approx(np.array(sheet.shape) * scale, abs=1)
        assert max(ink.shape) <= MAX_SIDE + 1


def test_higher_faintest_gives_less_ink():
    sheet = SHEET.copy()
    sheet[:, :90] = np.minimum(sheet[:, :90], 190)  # a grey strip, too narrow for shade
    low, high = (float((page_ink(rgba(sheet), faintest)[0] >= 0.5).sum()) for faintest in (0.2, 0.95))
    assert high < low


def test_depth_is_the_distance_from_paper_also_at_the_edge():
    assert depth_of(np.ones((5, 5), np.uint8)).max() == pytest.approx(2.5, abs=0.3)
    assert not depth_of(np.zeros((5, 5), np.uint8)).any()
