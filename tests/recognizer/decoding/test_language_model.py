import itertools
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
import pytest

from recognizer import ModelError
from recognizer.decoding.language_model import (
    AGAIN,
    EDGE,
    IN_ORDER,
    LETTERS,
    NEXT,
    ROUND,
    SAME,
    TRIGRAMS,
    WORD,
    agreed,
    together,
    trigrams,
)

LOWER = tuple(ascii_lowercase)
EVERY = tuple(digits + ascii_uppercase + ascii_lowercase)


def looks(text: str, classes: tuple[str, ...] = LOWER, other: dict[int, tuple[str, float]] | None = None):
    """Shares of a text whose characters are 99 % sure, but for some that are another label to a share."""
    shares = np.full((len(text), len(classes)), 0.01 / (len(classes) - 1))
    for place, label in enumerate(text):
        shares[place, classes.index(label)] = 0.99
    for place, (label, share) in (other or {}).items():
        shares[place, classes.index(label)] = share
        shares[place, classes.index(text[place])] -= share
    return shares


def read(shares: np.ndarray, classes: tuple[str, ...] = LOWER) -> str:
    return "".join(classes[best] for best in shares.argmax(axis=1))


def joined(shares: np.ndarray, classes: tuple[str, ...] = LOWER, ends: list[int] | None = None):
    return together(shares, classes, ends or [len(shares)])


def test_what_follows_two_signs_are_probabilities():
    table = trigrams()
    assert table.shape == (27, 27, 27)
    assert (table >= 0).all()
    np.testing.assert_allclose(table.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "place", "other", "word"),
    [("martln", 4, "i", "martin"), ("hovse", 2, "u", "house"), ("garcla", 4, "i", "garcia")],
)
def test_a_letter_that_looks_like_two_is_the_one_that_makes_a_word(text, place, other, word):
    shares = looks(text, other={place: (other, 0.4)})
    assert read(shares) == text
    assert read(joined(shares)) == word


def test_a_row_of_one_letter_tells_what_those_are_that_look_like_another():
    shares = looks("aaahaaahaaa", other={3: ("a", 0.3), 7: ("a", 0.3)})
    assert read(joined(shares)) == "a" * 11
    shares = looks("aaahaaahaaa", other={3: ("a", 0.3), 7: ("a", 0.001)})
    assert read(joined(shares)) == "aaaaaaahaaa"  # this one is an h


@pytest.mark.parametrize(
    ("text", "places", "row"),
    [
        ("abcdgfgiijklmn", {4: ("e", 0.1), 7: ("h", 0.05)}, "abcdefghijklmn"),
        ("abcdgfgiijklmn", {4: ("e", 0.1), 7: ("h", 1e-6)}, "abcdefgiijklmn"),  # no h was written there
        ("abgde", {2: ("c", 0.3)}, "abcde"),
        ("xqgd", {2: ("c", 0.3)}, "xqgd"),  # so few are in order by chance
    ],
)
def test_the_alphabet_tells_what_a_letter_is_that_looks_like_another(text, places, row):
    shares = looks(text, other=places)
    assert read(shares) == text
    assert read(joined(shares)) == row


def test_digits_may_be_in_order():
    shares = looks("5634567890", tuple(digits), {0: ("1", 0.2), 1: ("2", 0.1)})
    assert read(joined(shares, tuple(digits)), tuple(digits)) == "1234567890"
    shares = looks("66345", tuple(digits), {0: ("1", 0.02), 1: ("2", 0.02)})
    assert read(joined(shares, tuple(digits)), tuple(digits)) == "66345"


@pytest.mark.parametrize("text", ["hdkmwrfz", "xqkzvj"])
def test_what_is_no_word_stays_as_it_looks(text):
    shares = looks(text, other={3: ("u", 0.4)})
    np.testing.assert_allclose(joined(shares), shares, atol=0.1)
    assert read(joined(shares)) == text


def test_one_letter_is_no_word():
    shares = looks("v", other={0: ("i", 0.49)})
    np.testing.assert_array_equal(joined(shares), shares)


def test_words_are_told_apart():
    shares = looks("housevworld", other={5: ("r", 0.4)})
    apart = joined(shares, ends=[5, 6, 11])
    np.testing.assert_array_equal(apart[5], shares[5])
    assert not np.allclose(joined(shares)[5], shares[5], atol=0.01)


def test_sure_digits_and_the_case_of_letters_are_as_before():
    shares = looks("7hovse29", EVERY, other={3: ("u", 0.3), 1: ("H", 0.3)})
    shares[3, EVERY.index("V")] += 0.1
    shares[3, EVERY.index("v")] -= 0.1
    after = joined(shares, EVERY)
    np.testing.assert_array_equal(after[[0, 6, 7]], shares[[0, 6, 7]])
    np.testing.assert_allclose(after.sum(axis=1), 1)
    for letter in "huv":
        cases = [EVERY.index(letter), EVERY.index(letter.upper())]
        for place in (1, 3):
            np.testing.assert_allclose(
                np.divide(*after[place, cases]), np.divide(*shares[place, cases]), rtol=1e-6
            )
    assert read(after, EVERY) == "7house29"


@pytest.mark.parametrize(
    ("text", "looks_like", "row"),
    [
        ("hou5e", {3: ("s", 0.3)}, "house"),
        ("hou5e", {3: ("s", 0.02)}, "hou5e"),  # surely a digit
        ("xqz5k", {3: ("s", 0.3)}, "xqz5k"),  # no word with an s either
        ("A3CDEFGH", {1: ("B", 0.3)}, "ABCDEFGH"),
        ("12oo0", {2: ("0", 0.4), 3: ("0", 0.4)}, "12000"),
    ],
)
def test_a_word_is_all_letters_and_a_round_number_all_digits(text, looks_like, row):
    shares = looks(text, EVERY, looks_like)
    assert read(shares, EVERY) == text
    assert read(joined(shares, EVERY), EVERY) == row


DIGITS = tuple(digits)


@pytest.mark.parametrize(
    ("text", "other", "number"),
    [
        ("12007", {4: ("0", 0.3)}, "12000"),
        ("1970", {1: ("0", 0.45), 2: ("0", 0.4)}, "1000"),
        ("12007", {4: ("0", 0.001)}, "12007"),  # this one is a 7
        ("17", {1: ("0", 0.45)}, "17"),
    ],
)
def test_a_number_may_be_a_round_one(text, other, number):
    assert read(joined(looks(text, DIGITS, other), DIGITS), DIGITS) == number


def test_probabilities_of_a_number_are_those_of_all_numbers_counted_one_by_one():
    shares = np.random.default_rng(1).dirichlet(np.full(10, 0.2), 5)
    shares = np.maximum(shares, 1e-6)
    shares /= shares.sum(axis=1, keepdims=True)
    counted = np.zeros_like(shares)
    for number in itertools.product(range(10), repeat=5):
        zeros = next((place for place, digit in enumerate(reversed(number)) if digit), 5)
        steps = [NEXT * ((one + 1) % 10 == two) + (1 - NEXT) / 10 for one, two in pairwise(number)]
        likely = (1 - ROUND - IN_ORDER) / 10**5 + IN_ORDER * np.prod(steps) / 10
        likely += sum(ROUND / 3 / 10 ** (5 - count) for count in (2, 3, 4) if count <= zeros)
        for place, digit in enumerate(number):
            counted[place, digit] += likely * np.prod(shares[range(5), number])
    counted /= counted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(joined(shares, DIGITS), counted, rtol=1e-3, atol=1e-9)


def test_thousands_that_stand_apart_are_of_one_number():
    shares = looks("12007", DIGITS, {4: ("0", 0.3)})
    assert read(together(shares, DIGITS, [2, 5]), DIGITS) == "12000"


def test_probabilities_are_those_of_all_texts_counted_one_by_one():
    shares = np.random.default_rng(1).dirichlet(np.full(26, 0.05), 3)
    shares = np.maximum(shares, 1e-6)
    shares /= shares.sum(axis=1, keepdims=True)
    table, counted = trigrams(), np.zeros_like(shares)
    for text in itertools.product(range(26), repeat=3):
        seen = np.prod(shares[range(3), text])
        signs = [EDGE, EDGE, *text, EDGE]
        word = np.prod([table[trigram] for trigram in zip(signs, signs[1:], signs[2:], strict=False)])
        rows = [[SAME * (one == row) + (1 - SAME) / 26 for one in text] for row in range(26)]
        again = np.mean(np.prod(rows, axis=1))
        likely = WORD * word + AGAIN * again * 26**3 / 27**4 + (1 - WORD - AGAIN) / 27**4
        for place, letter in enumerate(text):
            counted[place, letter] += likely * seen
    counted /= counted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(joined(shares), counted, rtol=1e-3, atol=1e-9)


def test_an_empty_line_stays_one():
    assert together(np.zeros((0, 26)), LOWER, []).shape == (0, 26)


def test_characters_that_can_be_nothing_stay_so():
    assert not together(np.zeros((3, 26)), LOWER, [3]).any()


def test_a_damaged_table_is_noticed(tmp_path):
    path = tmp_path / TRIGRAMS.name
    path.write_bytes(TRIGRAMS.read_bytes()[:-1] + b"x")
    card = path.with_suffix(".json")
    card.write_text(TRIGRAMS.with_suffix(".json").read_text())
    with pytest.raises(ModelError, match="SHA-256 differs"):
        trigrams(path)
    card.write_text("{}")
    with pytest.raises(ModelError, match="does not say sha256"):
        trigrams(path)
    card.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        trigrams(path)


def test_all_letters_have_a_place():
    assert len(LETTERS) == EDGE == 26


KINDS = ("0", "7", "O", "X", "o", "x")


def line(*said: dict[str, float]) -> np.ndarray:
    return np.array([[one.get(label, 0.001) for label in KINDS] for one in said])


def labels(shares: np.ndarray) -> str:
    return "".join(KINDS[index] for index in shares.argmax(axis=1))


OVAL = {"0": 0.4, "O": 0.35, "o": 0.25}  # nothing tells


@pytest.mark.parametrize(("said", "text"), [
    ([OVAL], "0"),
    ([OVAL, {"X": 0.9}], "OX"),
    ([{"7": 0.9}, OVAL, {"7": 0.9}], "707"),
    ([{"X": 0.9}, {"x": 0.9}, OVAL, {"x": 0.9}], "Xxox"),
    ([{"X": 0.9}, {"7": 0.999}, {"X": 0.9}], "X7X"),  # sure of itself
])  # fmt: skip
def test_neighbours_tell_what_a_character_alone_cannot(said, text):
    assert labels(agreed(line(*said), KINDS)) == text


def test_probabilities_of_a_line_sum_to_one():
    shares = agreed(line(OVAL, {"X": 0.9}, OVAL), KINDS)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert agreed(np.zeros((0, 6)), KINDS).shape == (0, 6)
