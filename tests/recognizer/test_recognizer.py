import io

import numpy as np
import pytest
from PIL import Image

from recognizer import Drawing, ImageError
from recognizer.decoding import single_character
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


def test_a_bare_stroke_offers_all_bare_strokes(alphanumeric):
    character = alphanumeric.character(picture("1"))
    assert {label for label, _ in character.alternatives[:3]} == {"1", "l", "I"}


@pytest.mark.parametrize("pen", [4, 12, 24, 40])
@pytest.mark.parametrize("side", [56, 110, 180, 252])  # a fifth to nine tenths of the canvas
def test_position_size_and_pen_do_not_matter(digits, side, pen):
    if pen > side / 4:
        pen = side // 4  # a pen wider than that fills the character
    for left, top in ((0, 0), (280 - side, 280 - side), ((280 - side) // 2, 5)):
        read = digits.characters([picture(label, side, pen, left, top) for label in DIGITS])
        assert [character.label for character in read] == DIGITS


def test_a_character_has_all_its_values(digits):
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
def test_a_blank_picture_gives_reason_blank(digits, value):
    character = digits.character(np.full((280, 280), value, np.uint8))
    assert not character.accepted
    assert character.reason == "blank"
    assert character.label == ""


def test_a_picture_of_no_character_is_not_accepted(letters, alphanumeric):
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


def test_a_damaged_file_is_an_image_error(digits):
    with pytest.raises(ImageError, match="save it as"):
        digits.character(b"GIF89b, or so it says")


def test_the_same_picture_gives_the_same_answer_alone_and_in_a_batch(alphanumeric):
    alone = alphanumeric.character(picture("R"))
    batch = alphanumeric.characters([picture(label) for label in "RAR"])
    assert batch[2].probability == pytest.approx(alone.probability, abs=1e-4)


def drawing(label: str) -> Drawing:
    return Drawing(tuple(np.array(stroke, float) * 1.5 + 40 for stroke in STROKES[label]), 12, (280, 280))


@pytest.mark.parametrize("label", ["1", "5", "7", "i"])
@pytest.mark.parametrize("is_drawn", [True, False], ids=["drawing", "picture"])
@pytest.mark.parametrize("is_adapted", [True, False], ids=["adapted", "plain"])
def test_explain_explains_the_shown_probability(alphanumeric, monkeypatch, label, is_drawn, is_adapted):
    reader = alphanumeric.adapted([picture(label)], [label]) if is_adapted else alphanumeric
    image = drawing(label) if is_drawn else picture(label)
    explained = []

    def heat(glyph, log_odds, occlusion_heat=single_character.occlusion_heat):
        explained.extend(1 / (1 + np.exp(-log_odds(glyph[None]))))
        return occlusion_heat(glyph, log_odds)

    monkeypatch.setattr(single_character, "occlusion_heat", heat)
    explanation = reader.explain(image)
    assert explanation.character.probability == pytest.approx(reader.character(image).probability, abs=1e-6)
    assert explained == pytest.approx([explanation.character.probability], abs=1e-6)
    assert explanation.heat.shape == (280, 280)
    assert explanation.heat.any()
