import numpy as np
import pytest

from recognizer import Drawing, ImageError, ModelError, Recognizer
from recognizer.personalization.adaptation import Blend, Hand, columns_of
from tests.characters import GRID, STROKES, picture, placed
from training.data import wild

ALL = [picture(label) for label in STROKES]
PLACES = [(150, 14, 60), (120, 10, 40), (170, 18, 70), (100, 12, 90), (140, 20, 50)]  # side, pen, left
SURE = np.array([[0.96, 0.02, 0.02]])


def hands(label: str) -> list[np.ndarray]:
    """One of the characters five times, at other places and with other pens."""
    return [picture(label, side, pen, left) for side, pen, left in PLACES]


def second(reader: Recognizer, drawn: np.ndarray | Drawing) -> str:
    """What somebody says who corrects a reader: the second of its alternatives."""
    return reader.character(drawn).alternatives[1][0]


def seen(reader: Recognizer) -> list:
    return [(one.label, one.probability, one.alternatives, one.reason) for one in reader.characters(ALL)]


def hand(features: list, known: list, columns: list, **blend) -> Hand:
    return Hand(np.array(features, float), np.array(known), np.array(columns), Blend(**blend))


@pytest.mark.parametrize("name", ["digits", "letters", "alphanumeric"])
def test_without_corrections_nothing_changes(name):
    reader = Recognizer.load(name)
    before = seen(reader)
    assert seen(reader.adapted([], [])) == before
    assert seen(reader.adapted_to_glyphs(np.zeros((0, 28, 28), np.uint8), [])) == before


def test_what_is_corrected_is_read_so_and_the_first_reader_stays_as_it_was(letters):
    before, drawn = seen(letters), picture("3", side=130, pen=16, left=80)
    meant = second(letters, drawn)
    adapted = letters.adapted(hands("3"), [meant.upper()] * 5)
    assert adapted.character(drawn).label == meant
    assert seen(letters) == before


def test_a_few_corrections_outvote_a_network_that_is_sure_and_one_does_not(alphanumeric):
    drawn = picture("H", side=130, pen=16, left=80)
    assert alphanumeric.character(drawn).probability > 0.99
    assert alphanumeric.adapted(hands("H")[:1], ["h"]).character(drawn).label == "H"
    assert alphanumeric.adapted(hands("H") * 2, ["h"] * 10).character(drawn).label == "h"


def test_what_was_read_rightly_and_confirmed_stays_right(digits):
    labels = [label for label in STROKES if label.isdigit()]
    adapted = digits.adapted([picture(label) for label in labels], labels)
    read = adapted.characters(picture(label, 110, 10) for label in labels)
    assert [one.label for one in read] == labels
    assert all(one.accepted for one in read)


def test_other_characters_do_not_suffer(alphanumeric):
    """Five corrections of one class take nothing from those of which there are none."""
    labels = sorted(set(STROKES) - set("1HM"))
    plain = alphanumeric.characters(map(picture, labels))
    after = alphanumeric.adapted(hands("M"), ["M"] * 5).characters(map(picture, labels))
    assert [one.label for one in after] == [one.label for one in plain]
    for old, new in zip(plain, after, strict=True):
        assert new.probability > old.probability - 0.05


def test_one_wrong_label_among_right_ones_does_not_win(letters):
    labels = ["h", "h", "m", "h", "h"]
    assert letters.adapted(hands("H"), labels).character(picture("H", 130, 16)).label == "h"


def test_corrections_may_come_one_after_the_other(letters):
    at_once = letters.adapted([picture("3"), picture("1")], ["s", "i"])
    in_turn = letters.adapted([picture("3")], ["s"]).adapted([picture("1")], ["i"])
    for one, other in zip(at_once.characters(ALL), in_turn.characters(ALL), strict=True):
        assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_stored_glyphs_teach_as_pictures_do(letters):
    glyphs = np.stack([one.glyph for one in letters.characters(hands("3"))])
    drawn = picture("3", side=130, pen=16, left=80)
    labels = [second(letters, drawn)] * 5
    taught = letters.adapted(hands("3"), labels).character(drawn)
    for stored in (glyphs, np.rint(glyphs * 255).astype(np.uint8)):
        read = letters.adapted_to_glyphs(stored, labels).character(drawn)
        assert read.label == taught.label
        assert read.probability == pytest.approx(taught.probability, abs=0.02)


def test_strokes_teach_too(letters):
    drawing = Drawing(tuple(placed("3")), 16, (280, 280))
    meant = second(letters, drawing)
    assert letters.adapted([drawing] * 3, [meant] * 3).character(drawing).label == meant


def test_what_is_no_character_stays_none(letters):
    grid = wild.draw(GRID, 150, 10, 60, 60)
    assert letters.adapted([grid] * 3, ["h"] * 3).character(grid).reason == "not a character"


def test_demands_stay():
    several = Recognizer.load("letters", coverage=0.9)
    adapted = several.adapted([picture("T")], ["t"])
    for old, new in zip(several.characters(ALL), adapted.characters(ALL), strict=True):
        assert len(new.alternatives) <= len(old.alternatives)  # by the usual demands there are five


def test_a_page_knows_the_hand(alphanumeric):
    drawn = picture("H", side=130, pen=16, left=80)
    adapted = alphanumeric.adapted(hands("H") * 2, ["h"] * 10)
    old, new = (
        dict(reader.read(drawn).lines[0].characters[0].alternatives) for reader in (alphanumeric, adapted)
    )
    assert new["h"] > 2 * old.get("h", 0)


def test_a_moved_box_and_an_explanation_know_the_hand(letters):
    drawn, empty = picture("3", side=130, pen=16, left=80), np.full((280, 280), 255, np.uint8)
    meant = second(letters, drawn)
    adapted = letters.adapted(hands("3"), [meant] * 5)
    assert adapted.reread(drawn, adapted.read(empty), [(80, 60, 130, 130)]).text == meant
    assert adapted.explain(drawn).character.label == meant


def test_what_cannot_be_learnt_is_said(digits, letters):
    with pytest.raises(ModelError, match="cannot say 'x'"):
        digits.adapted([picture("1")], ["x"])
    with pytest.raises(ModelError, match="cannot say ''"):
        letters.adapted([picture("1")], [""])
    with pytest.raises(ModelError, match="2 characters but 1 labels"):
        digits.adapted([picture("1"), picture("2")], ["1"])
    with pytest.raises(ModelError, match="28"):
        digits.adapted_to_glyphs(np.ones((1, 56, 56), np.uint8), ["1"])
    with pytest.raises(ImageError, match="correction 2 shows nothing"):
        digits.adapted([picture("1"), np.full((280, 280), 255, np.uint8)], ["1", "1"])


def test_labels_are_found_and_case_folded_where_there_is_none():
    assert columns_of([], ("a", "b")).tolist() == []
    assert columns_of("bA", ("a", "b")).tolist() == [1, 0]
    assert columns_of("bA", ("A", "a", "b")).tolist() == [2, 0]


def test_what_looks_like_no_correction_is_read_by_the_network():
    moved = hand([[0, 1]], [[0.3, 0.4, 0.3]], [1], sharpness=50).adapted(SURE, np.array([[1.0, 0]]))
    assert moved[0].argmax() == 0
    assert moved.sum() == pytest.approx(1)


def test_a_look_alike_without_corrections_keeps_its_part():
    """An o and a 0 look the same; only the o was corrected, five times."""
    alike = [[0.5, 0.5, 0]]
    sharing, selfish = (
        hand([[1, 0]] * 5, alike * 5, [0] * 5, likeness=power).adapted(np.array(alike), np.array([[1.0, 0]]))[
            0
        ]
        for power in (0.25, 1000)
    )
    assert sharing[1] > 0.4
    assert selfish[1] < 0.1


def test_a_hand_without_features_is_no_error():
    """What no feature answers to has no direction, and is like nothing."""
    moved = hand([[0, 0]], [[0.9, 0.05, 0.05]], [0]).adapted(SURE, np.zeros((1, 2)))
    assert np.isfinite(moved).all()
    assert moved[0].argmax() == 0


def test_the_same_character_is_near_and_others_are_less():
    features = np.random.default_rng(0).normal(size=(4, 20))
    hand = Hand(features[:2], np.full((2, 3), 1 / 3), np.array([0, 1]))
    near = hand.nearness(features)
    np.testing.assert_allclose(near[:2], 1)
    assert (near[2:] < 0.5).all()
