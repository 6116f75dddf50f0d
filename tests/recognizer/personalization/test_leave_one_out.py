import numpy as np

from recognizer.personalization.leave_one_out import right
from tests.characters import picture


def glyphs(reader, characters: str) -> np.ndarray:
    """Each character drawn, and drawn anew, larger and with a heavier pen."""
    return np.stack([
        reader.character(picture(one, 150 + 8 * step, 10 + 2 * step, 30 + 9 * step)).glyph
        for step, one in enumerate(characters)
    ])  # fmt: skip


def test_of_nothing_nothing_is_right(digits):
    assert right(digits, np.zeros((0, 28, 28), np.float32), []) == (0, 0)


def test_what_was_read_rightly_stays_right(digits, alphanumeric):
    assert right(digits, glyphs(digits, "234572"), list("234572")) == (6, 6)
    assert right(alphanumeric, glyphs(alphanumeric, "i4A"), list("i4A")) == (3, 3)


def test_what_others_teach_counts_and_what_it_is_itself_does_not(alphanumeric):
    strokes = glyphs(alphanumeric, "11111")
    read = {one.label for one in alphanumeric.of_glyphs(strokes)}
    other = next(label for label in "l1I" if label not in read)
    assert right(alphanumeric, strokes, [other] * 5) > (0, 3)
    assert [right(alphanumeric, strokes[row : row + 1], [other]) for row in range(5)] == [(0, 0)] * 5
