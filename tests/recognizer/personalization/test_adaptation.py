import numpy as np
import pytest

from recognizer import Drawing, ImageError, ModelError, Recognizer
from recognizer.personalization.adaptation import Blend, WriterAdaptation, label_indices
from tests.characters import GRID, STROKES, picture, placed
from training.data import wild

ALL = [picture(label) for label in STROKES]
VARIANTS = [(150, 14, 60), (120, 10, 40), (170, 18, 70), (100, 12, 90), (140, 20, 50)]  # side, pen, left
CERTAIN = np.array([[0.96, 0.02, 0.02]])  # probabilities of three labels


def variants(label: str) -> list[np.ndarray]:
    """One character drawn five times, in other places and sizes and with other pens."""
    return [picture(label, side, pen, left) for side, pen, left in VARIANTS]


def second_choice(reader: Recognizer, drawn: np.ndarray | Drawing) -> str:
    return reader.character(drawn).alternatives[1][0]


def answers(reader: Recognizer) -> list:
    return [
        (character.label, character.probability, character.alternatives, character.reason)
        for character in reader.characters(ALL)
    ]


def adaptation(features: list, probabilities: list, labels: list[int], **blend) -> WriterAdaptation:
    return WriterAdaptation(
        np.array(features, float), np.array(probabilities), np.array(labels), Blend(**blend)
    )


@pytest.mark.parametrize("name", ["digits", "letters", "alphanumeric"])
def test_no_corrections_change_nothing(name):
    reader = Recognizer.load(name)
    before = answers(reader)
    assert answers(reader.adapted([], [])) == before
    assert answers(reader.adapted_to_glyphs(np.zeros((0, 28, 28), np.uint8), [])) == before


def test_adapted_reader_reads_the_corrected_label_and_the_first_reader_is_unchanged(letters):
    before, drawn = answers(letters), picture("3", side=130, pen=16, left=80)
    meant = second_choice(letters, drawn)
    adapted = letters.adapted(variants("3"), [meant.upper()] * 5)
    assert adapted.character(drawn).label == meant
    assert answers(letters) == before


def test_ten_corrections_outvote_a_certain_network_and_one_does_not(alphanumeric):
    drawn = picture("H", side=130, pen=16, left=80)
    assert alphanumeric.character(drawn).probability > 0.99
    assert alphanumeric.adapted(variants("H")[:1], ["h"]).character(drawn).label == "H"
    assert alphanumeric.adapted(variants("H") * 2, ["h"] * 10).character(drawn).label == "h"


def test_confirmed_answers_stay_correct(digits):
    labels = [label for label in STROKES if label.isdigit()]
    adapted = digits.adapted([picture(label) for label in labels], labels)
    read = adapted.characters(picture(label, 110, 10) for label in labels)
    assert [character.label for character in read] == labels
    assert all(character.accepted for character in read)


def test_other_characters_do_not_suffer(alphanumeric):
    """Five corrections of one class take nothing from classes without corrections."""
    labels = sorted(set(STROKES) - set("1HM"))
    before = alphanumeric.characters(map(picture, labels))
    after = alphanumeric.adapted(variants("M"), ["M"] * 5).characters(map(picture, labels))
    assert [character.label for character in after] == [character.label for character in before]
    for old, new in zip(before, after, strict=True):
        assert new.probability > old.probability - 0.05


def test_one_wrong_label_among_correct_ones_does_not_win(letters):
    labels = ["h", "h", "m", "h", "h"]
    assert letters.adapted(variants("H"), labels).character(picture("H", 130, 16)).label == "h"


def test_corrections_given_one_by_one_count_as_given_together(letters):
    together = letters.adapted([picture("3"), picture("1")], ["s", "i"])
    one_by_one = letters.adapted([picture("3")], ["s"]).adapted([picture("1")], ["i"])
    for first, second in zip(together.characters(ALL), one_by_one.characters(ALL), strict=True):
        assert first.probability == pytest.approx(second.probability, abs=1e-5)


def test_stored_glyphs_adapt_as_pictures_do(letters):
    glyphs = np.stack([character.glyph for character in letters.characters(variants("3"))])
    drawn = picture("3", side=130, pen=16, left=80)
    labels = [second_choice(letters, drawn)] * 5
    by_pictures = letters.adapted(variants("3"), labels).character(drawn)
    for stored in (glyphs, np.rint(glyphs * 255).astype(np.uint8)):
        by_glyphs = letters.adapted_to_glyphs(stored, labels).character(drawn)
        assert by_glyphs.label == by_pictures.label
        assert by_glyphs.probability == pytest.approx(by_pictures.probability, abs=0.02)


def test_drawings_adapt_too(letters):
    drawing = Drawing(tuple(placed("3")), 16, (280, 280))
    meant = second_choice(letters, drawing)
    assert letters.adapted([drawing] * 3, [meant] * 3).character(drawing).label == meant


def test_corrections_do_not_turn_a_negative_into_a_character(letters):
    grid = wild.draw(GRID, 150, 10, 60, 60)
    assert letters.adapted([grid] * 3, ["h"] * 3).character(grid).reason == "not a character"


def test_adapted_reader_keeps_the_acceptance_policy():
    reader = Recognizer.load("letters", coverage=0.9)
    adapted = reader.adapted([picture("T")], ["t"])
    for old, new in zip(reader.characters(ALL), adapted.characters(ALL), strict=True):
        assert len(new.alternatives) <= len(old.alternatives)  # the default policy gives five


def test_adaptation_counts_on_a_page(alphanumeric):
    drawn = picture("H", side=130, pen=16, left=80)
    adapted = alphanumeric.adapted(variants("H") * 2, ["h"] * 10)
    old, new = (
        dict(reader.read(drawn).lines[0].characters[0].alternatives) for reader in (alphanumeric, adapted)
    )
    assert new["h"] > 2 * old.get("h", 0)


def test_adaptation_counts_for_moved_boxes_and_explanations(letters):
    drawn, empty = picture("3", side=130, pen=16, left=80), np.full((280, 280), 255, np.uint8)
    meant = second_choice(letters, drawn)
    adapted = letters.adapted(variants("3"), [meant] * 5)
    assert adapted.reread(drawn, adapted.read(empty), [(80, 60, 130, 130)]).text == meant
    assert adapted.explain(drawn).character.label == meant


def test_impossible_corrections_are_refused_with_a_reason(digits, letters):
    with pytest.raises(ModelError, match="cannot read 'x'"):
        digits.adapted([picture("1")], ["x"])
    with pytest.raises(ModelError, match="cannot read ''"):
        letters.adapted([picture("1")], [""])
    with pytest.raises(ModelError, match="2 characters but 1 labels"):
        digits.adapted([picture("1"), picture("2")], ["1"])
    with pytest.raises(ModelError, match="28"):
        digits.adapted_to_glyphs(np.ones((1, 56, 56), np.uint8), ["1"])
    with pytest.raises(ImageError, match="correction 2 shows nothing"):
        digits.adapted([picture("1"), np.full((280, 280), 255, np.uint8)], ["1", "1"])


def test_label_case_is_ignored_without_capitals():
    assert label_indices([], ("a", "b")).tolist() == []
    assert label_indices("bA", ("a", "b")).tolist() == [1, 0]
    assert label_indices("bA", ("A", "a", "b")).tolist() == [2, 0]


def test_character_unlike_all_corrections_is_read_by_the_network():
    unlike = adaptation([[0, 1]], [[0.3, 0.4, 0.3]], [1], sharpness=50)
    adapted = unlike.adapt(CERTAIN, np.array([[1.0, 0]]))
    assert adapted[0].argmax() == 0
    assert adapted.sum() == pytest.approx(1)


def test_look_alike_without_corrections_keeps_its_share():
    """An o and a 0 look the same, and only the o was corrected, five times."""
    ambiguous, features = [[0.5, 0.5, 0]], np.array([[1.0, 0]])
    sharing, not_sharing = (
        adaptation([[1, 0]] * 5, ambiguous * 5, [0] * 5, sharing_exponent=exponent).adapt(
            np.array(ambiguous), features
        )[0]
        for exponent in (0.25, 1000)
    )
    assert sharing[1] > 0.4
    assert not_sharing[1] < 0.1


def test_features_of_zero_are_similar_to_nothing():
    adapted = adaptation([[0, 0]], [[0.9, 0.05, 0.05]], [0]).adapt(CERTAIN, np.zeros((1, 2)))
    assert np.isfinite(adapted).all()
    assert adapted[0].argmax() == 0


def test_same_features_have_similarity_one_and_others_less():
    features = np.random.default_rng(0).normal(size=(4, 20))
    corrected = WriterAdaptation(features[:2], np.full((2, 3), 1 / 3), np.array([0, 1]))
    similarity = corrected.max_similarity(features)
    np.testing.assert_allclose(similarity[:2], 1)
    assert (similarity[2:] < 0.5).all()
