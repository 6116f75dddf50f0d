import io

import numpy as np
import pytest
from PIL import Image

from recognizer import ImageError
from tests.characters import GRID, STROKES, picture
from training.data import wild

DIGITS = sorted(set(STROKES) & set("0123456789"))
LETTERS = sorted(set(STROKES) - set("0123456789"))


def test_no_pictures_give_no_characters(digits):
    assert digits.characters([]) == []


@pytest.mark.parametrize("label", DIGITS)
def test_digits(digits, label):
    character = digits.character(picture(label))
    assert character.label == label
    assert character.accepted


@pytest.mark.parametrize("label", LETTERS)
def test_letters(letters, label):
    assert letters.character(picture(label)).label == label.lower()


@pytest.mark.parametrize("label", sorted(set(STROKES) - {"1"}))
def test_alphanumeric(alphanumeric, label):
    assert alphanumeric.character(picture(label)).label.lower() == label.lower()


def test_a_bare_stroke_offers_all_that_it_may_be(alphanumeric):
    character = alphanumeric.character(picture("1"))
    assert {label for label, _ in character.alternatives[:3]} == {"1", "l", "I"}


@pytest.mark.parametrize("pen", [4, 12, 24, 40])
@pytest.mark.parametrize("side", [56, 110, 180, 252])  # a fifth to nine tenths of the canvas
def test_place_size_and_pen_do_not_matter(digits, side, pen):
    if pen > side / 4:
        pen = side // 4  # a pen wider than that fills the character
    for left, top in ((0, 0), (280 - side, 280 - side), ((280 - side) // 2, 5)):
        read = digits.characters([picture(label, side, pen, left, top) for label in DIGITS])
        assert [character.label for character in read] == DIGITS


def test_a_character_tells_all_about_itself(digits):
    character = digits.character(picture("4", side=150, pen=14, left=60, top=70))
    assert 0.5 < character.probability <= 1
    assert character.alternatives[0] == (character.label, character.probability)
    assert len(character.alternatives) == 5
    assert [p for _, p in character.alternatives] == sorted(
        (p for _, p in character.alternatives), reverse=True
    )
    x, y, _, height = character.box
    assert (x, y) == pytest.approx((60, 70), abs=2)
    assert height == pytest.approx(150, abs=3)
    assert character.glyph.shape == (28, 28)
    assert character.glyph.dtype == np.float32


@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_blank_picture_is_no_error_and_no_guess(digits, value):
    character = digits.character(np.full((280, 280), value, np.uint8))
    assert not character.accepted
    assert character.reason == "blank"
    assert character.label == ""


def test_what_is_no_character_is_not_accepted(letters, alphanumeric):
    two = np.minimum(picture("5", side=100, left=20), picture("H", side=100, left=120))
    for reader in (letters, alphanumeric):
        grid = reader.character(wild.draw(GRID, 150, 10, 60, 60))
        assert (grid.reason, grid.accepted) == ("not a character", False)
        assert reader.character(two).reason == "not a character"
        assert "" not in reader.classes
        assert "" not in dict(grid.alternatives)


def test_blank_among_others_keeps_the_order(digits):
    read = digits.characters([picture("3"), np.full((9, 9), 255, np.uint8), picture("7")])
    assert [character.label for character in read] == ["3", "", "7"]


def test_all_kinds_of_pictures_give_the_same_answer(digits, tmp_path):
    drawn = picture("5")
    nothing = np.zeros((*drawn.shape, 4), np.uint8)
    nothing[..., 3] = 255 - drawn
    path = tmp_path / "five.png"
    Image.fromarray(drawn).save(path)
    arrays = [drawn, 255 - drawn, drawn / 255, nothing, np.dstack([drawn] * 3)]
    files = [path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())]
    pictures = [*arrays, *files, Image.fromarray(drawn), Image.fromarray(drawn).convert("P")]
    answers = digits.characters(pictures)
    assert [character.label for character in answers] == ["5"] * len(pictures)
    for character in answers:
        assert np.abs(character.glyph - answers[0].glyph).mean() < 0.01


def test_what_cannot_be_read_is_an_image_error(digits):
    with pytest.raises(ImageError, match="save it as"):
        digits.character(b"GIF89b, or so it says")


def test_the_same_picture_gives_the_same_answer_alone_and_in_a_batch(alphanumeric):
    alone = alphanumeric.character(picture("R"))
    batch = alphanumeric.characters([picture(label) for label in "RAR"])
    assert batch[2].probability == pytest.approx(alone.probability, abs=1e-4)
