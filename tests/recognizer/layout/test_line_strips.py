import contextlib

import numpy as np
import pytest

from recognizer.errors import ImageError
from recognizer.layout import line_strips
from recognizer.layout.segmentation import Page
from tests.sheets import page, strips


@pytest.mark.parametrize("options", [{}, {"turn": 12}, {"tall": 20}, {"tall": 150}], ids=str)
def test_strip_is_level_and_its_writing_has_the_usual_height(options):
    (strip,) = strips(page("75204", **options))
    ink_rows = np.flatnonzero((strip.ink >= 0.5).any(axis=1))
    assert strip.ink.shape[0] == 32
    assert np.ptp(ink_rows) + 1 == pytest.approx(21, abs=4)


@pytest.mark.parametrize(("rows", "fits"), [(20, True), (40, False)])
def test_lines_longer_than_any_page_has_are_refused(rows, fits):
    dashes = np.pad(np.ones((2, 6), np.float32), ((4, 4), (2, 2)))  # so flat that their strips are long
    sheet = Page(np.tile(dashes, (rows, 40)))
    with contextlib.nullcontext() if fits else pytest.raises(ImageError, match="longer than a page has"):
        columns = sum(strip.ink.shape[1] for strip in line_strips.strips(sheet, sheet.lines(), 32, 21))
        assert 0.7 * line_strips.MAX_COLUMNS < columns <= line_strips.MAX_COLUMNS


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (900, 5)])
def test_ink_of_any_shape_has_a_slant(shape):
    assert abs(line_strips.slant_of(np.ones(shape, np.float32))) < 2
