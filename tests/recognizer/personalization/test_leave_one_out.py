import numpy as np

from recognizer.personalization.leave_one_out import count_correct
from tests.characters import picture


def drawn_glyphs(reader, characters: str) -> np.ndarray:
    """One glyph for each character, each drawn larger and with a heavier pen than the one before."""
    return np.stack([
        reader.character(picture(character, 150 + 8 * step, 10 + 2 * step, 30 + 9 * step)).glyph
        for step, character in enumerate(characters)
    ])  # fmt: skip


def test_no_glyphs_give_no_correct_ones(digits):
    assert count_correct(digits, np.zeros((0, 28, 28), np.float32), []) == (0, 0)


def test_correct_readings_stay_correct(digits, alphanumeric):
    assert count_correct(digits, drawn_glyphs(digits, "234572"), list("234572")) == (6, 6)
    assert count_correct(alphanumeric, drawn_glyphs(alphanumeric, "i4A"), list("i4A")) == (3, 3)


def test_glyph_is_read_with_the_other_corrections_but_not_its_own(alphanumeric):
    strokes = drawn_glyphs(alphanumeric, "11111")
    read = {character.label for character in alphanumeric.of_glyphs(strokes)}
    new_label = next(label for label in "l1I" if label not in read)
    assert count_correct(alphanumeric, strokes, [new_label] * 5) > (0, 3)
    alone = [count_correct(alphanumeric, strokes[row : row + 1], [new_label]) for row in range(5)]
    assert alone == [(0, 0)] * 5
