"""Pictures made to break it: each is read or refused, in bounded time and memory, in a process that lives on.

`tests/test_mutations.py` damages files at random.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognizer.io.decoding import load_image
from tests.characters import STROKES, picture
from tests.hostile import arrays, cases
from tests.hostile.watched import SECONDS, assert_bounded

PER_CHARACTER = 0.002  # seconds that a full page takes for each
SEVEN = picture("7")


@pytest.mark.parametrize("name", cases.READ)
def test_what_can_be_decoded_is_read(watched, name):
    outcome = watched.tried(case=name)
    assert outcome.said == "read", outcome.error
    assert_bounded(outcome, SECONDS + PER_CHARACTER * outcome.characters)
    assert outcome.characters > 3_500 or name != arrays.FULL


@pytest.mark.parametrize("name", cases.REFUSED)
def test_what_cannot_is_refused(watched, name):
    outcome = watched.tried(case=name)
    assert outcome.said == "refused", outcome.error
    assert_bounded(outcome)


def views(folder: Path) -> dict[str, np.ndarray]:
    """A seven in arrays of every layout."""
    tall = SEVEN.repeat(2, axis=0).repeat(3, axis=1)
    colour = np.dstack([SEVEN] * 3)
    frozen = np.dstack([SEVEN] * 4)
    frozen[..., 3] = 255
    frozen.flags.writeable = False
    stored = np.memmap(folder / "seven", np.uint8, "w+", shape=SEVEN.shape)
    stored[:] = SEVEN
    return {
        "every second row, every third column": tall[::2, ::3],
        "turned and turned back": np.ascontiguousarray(SEVEN[::-1, ::-1])[::-1, ::-1],
        "columns first": np.asfortranarray(colour),
        "channels first": np.ascontiguousarray(colour.transpose(2, 0, 1)).transpose(1, 2, 0),
        "blue first": colour[..., ::-1],
        "one channel as three": np.broadcast_to(SEVEN[..., None], colour.shape),
        "read-only": frozen,
        "part of a larger one": np.pad(SEVEN, 9)[9:-9, 9:-9],
        "in a file": stored,
        "a matrix": np.asmatrix(SEVEN),
        "masked": np.ma.masked_less(SEVEN, 99),
        "float16": (SEVEN / 255).astype(np.float16),
        "float128": (SEVEN / 255).astype(np.longdouble),
        "big-endian": (SEVEN / 255).astype(">f8")[:, ::-1][:, ::-1],
    }


def test_arrays_of_every_layout_are_read_and_stay_as_they_are(digits, tmp_path):
    for name, view in views(tmp_path).items():
        before = view.copy()
        decoded = load_image(view)
        np.testing.assert_array_equal(decoded[..., 0], SEVEN, err_msg=name)
        assert decoded.shape == (280, 280, 4), name
        assert digits.character(view).label == "7", name
        assert digits.read(view).text == "7", name
        np.testing.assert_array_equal(view, before, err_msg=name)


def test_a_hairline_on_a_large_picture_is_read(digits):
    sheet = np.full((2000, 2000), 255, np.uint8)
    for stroke in STROKES["7"]:
        cv2.polylines(sheet, [np.array(stroke, np.int32) * 12 + 400], False, 0, 1)
    assert digits.character(sheet).label == "7"
