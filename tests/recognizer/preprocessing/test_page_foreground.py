import numpy as np
import pytest

from recognizer.preprocessing.page_foreground import LONGEST, depth_of, page_ink
from tests.sheets import page

SHEET = page("2075", "413")


def rgba(sheet: np.ndarray) -> np.ndarray:
    return np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)])


def share(sheet: np.ndarray) -> float:
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


@pytest.mark.parametrize("made", [
    page("2075", "413", shade=True), 255 - SHEET, (SHEET * 0.6).astype(np.uint8), SHEET // 3 + 150,
], ids=["in shadow", "light on dark", "dim", "faint"])  # fmt: skip
def test_ink_is_found_in_any_light(made):
    assert share(made) == pytest.approx(share(SHEET), rel=0.12)


def test_ink_of_any_colour_is_found():
    blue, paper = np.array([40, 60, 170]), np.array([240, 235, 200])
    level = (SHEET.astype(float) - SHEET.min()) / np.ptp(SHEET)
    coloured = blue + level[..., None] * (paper - blue)
    picture = np.dstack([coloured.astype(np.uint8), np.full_like(SHEET, 255)])
    assert (page_ink(picture)[0] >= 0.5).mean() == pytest.approx(share(SHEET), rel=0.12)


def test_a_drawing_on_nothing_has_the_ink_that_is_drawn():
    drawn = np.zeros((*SHEET.shape, 4), np.uint8)
    drawn[..., 3] = np.where(SHEET < 150, 255, 0)
    assert (page_ink(drawn)[0] >= 0.5).mean() == pytest.approx(share(SHEET), rel=0.12)


def test_the_scale_tells_the_ink_from_the_picture():
    big = np.kron(SHEET, np.ones((6, 6), np.uint8))
    for sheet in (SHEET, big, page("7", tall=14)):
        ink, scale = page_ink(rgba(sheet))
        assert ink.shape == pytest.approx(np.array(sheet.shape) * scale, abs=1)
        assert max(ink.shape) <= LONGEST + 1


def test_less_is_ink_where_more_darkness_is_asked():
    shadow = SHEET.copy()
    shadow[:, :90] = np.minimum(shadow[:, :90], 190)  # a grey strip, narrower than a sheet in shade
    some, less = (float((page_ink(rgba(shadow), faintest)[0] >= 0.5).sum()) for faintest in (0.2, 0.95))
    assert less < some


def test_depth_is_counted_from_the_paper_around():
    assert depth_of(np.ones((5, 5), np.uint8)).max() == pytest.approx(2.5, abs=0.3)
    assert not depth_of(np.zeros((5, 5), np.uint8)).any()
