import numpy as np
import pytest

from training.synthesis.clutter import SIGNS, with_clutter, with_sign

BLANK = np.zeros((40, 200), np.float32)


@pytest.mark.parametrize("kind", [*SIGNS, "dot and dash"])
def test_sign_is_drawn_and_the_next_character_begins_after_it(kind):
    for seed in range(5):
        sheet, x = with_sign(BLANK, kind, (20.0, 30.0, 20.0), 2, np.random.default_rng(seed))
        columns = np.flatnonzero((sheet > 0.5).any(axis=0))
        assert columns[0] > 10
        assert columns[-1] - 4 <= x < 150
    assert not BLANK.any()


def test_clutter_keeps_the_shape_and_the_range():
    changed = 0
    for seed in range(20):
        sheet = with_clutter(BLANK, 2, np.random.default_rng(seed))
        assert sheet.shape == BLANK.shape
        assert sheet.dtype == np.float32
        assert sheet.min() >= 0
        assert sheet.max() <= 1
        changed += sheet.any()
    assert changed >= 8
