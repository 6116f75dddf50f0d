import itertools
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
import pytest

from recognizer import ModelError
from recognizer.decoding.language_model import (
    EDGE,
    LETTERS,
    P_IN_ORDER,
    P_NEXT,
    P_REPEATED,
    P_ROUND,
    P_SAME,
    P_WORD,
    TRIGRAMS_PATH,
    apply_kind_prior,
    apply_text_prior,
    trigrams,
)

LOWERCASE = tuple(ascii_lowercase)
DIGITS = tuple(digits)
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)


def looks_like(
    text: str, labels: tuple[str, ...] = LOWERCASE, doubts: dict[int, tuple[str, float]] | None = None
) -> np.ndarray:
    """Probabilities (characters, labels) of a text read with 99 % certainty.

    `doubts` has, for the index of a character, another label and the probability that goes to it instead.
    """
    probabilities = np.full((len(text), len(labels)), 0.01 / (len(labels) - 1))
    for index, label in enumerate(text):
        probabilities[index, labels.index(label)] = 0.99
    for index, (label, probability) in (doubts or {}).items():
        probabilities[index, labels.index(label)] = probability
        probabilities[index, labels.index(text[index])] -= probability
    return probabilities


def read(probabilities: np.ndarray, labels: tuple[str, ...] = LOWERCASE) -> str:
    return "".join(labels[best] for best in probabilities.argmax(axis=1))


def weighed(
    probabilities: np.ndarray, labels: tuple[str, ...] = LOWERCASE, ends: list[int] | None = None
) -> np.ndarray:
    """The text prior applied to one word, or to several with these ends."""
    return apply_text_prior(probabilities, labels, ends or [len(probabilities)])


def random_probabilities(concentration: float, shape: tuple[int, int]) -> np.ndarray:
    characters, labels = shape
    rows = np.random.default_rng(1).dirichlet(np.full(labels, concentration), characters)
    rows = np.maximum(rows, 1e-6)
    return rows / rows.sum(axis=1, keepdims=True)


def test_trigrams_are_probabilities_of_the_third_sign():
    table = trigrams()
    assert table.shape == (27, 27, 27)
    assert (table >= 0).all()
    np.testing.assert_allclose(table.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "index", "doubt", "word"),
    [("martln", 4, "i", "martin"), ("hovse", 2, "u", "house"), ("garcla", 4, "i", "garcia")],
)
def test_ambiguous_letter_is_read_so_that_it_makes_a_word(text, index, doubt, word):
    probabilities = looks_like(text, doubts={index: (doubt, 0.4)})
    assert read(probabilities) == text
    assert read(weighed(probabilities)) == word


def test_ambiguous_letters_in_a_repeated_row_are_read_as_the_repeated_letter():
    probabilities = looks_like("aaahaaahaaa", doubts={3: ("a", 0.3), 7: ("a", 0.3)})
    assert read(weighed(probabilities)) == "a" * 11
    probabilities = looks_like("aaahaaahaaa", doubts={3: ("a", 0.3), 7: ("a", 0.001)})
    assert read(weighed(probabilities)) == "aaaaaaahaaa"  # the second h is certain


@pytest.mark.parametrize(
    ("text", "doubts", "expected"),
    [
        ("abcdgfgiijklmn", {4: ("e", 0.1), 7: ("h", 0.05)}, "abcdefghijklmn"),
        ("abcdgfgiijklmn", {4: ("e", 0.1), 7: ("h", 1e-6)}, "abcdefgiijklmn"),  # the first i is certain
        ("abgde", {2: ("c", 0.3)}, "abcde"),
        ("xqgd", {2: ("c", 0.3)}, "xqgd"),  # too short: two letters are in order by chance
    ],
)
def test_ambiguous_letter_in_alphabetical_order_continues_the_order(text, doubts, expected):
    probabilities = looks_like(text, doubts=doubts)
    assert read(probabilities) == text
    assert read(weighed(probabilities)) == expected


def test_ambiguous_digits_in_counting_order_continue_the_order():
    probabilities = looks_like("5634567890", DIGITS, {0: ("1", 0.2), 1: ("2", 0.1)})
    assert read(weighed(probabilities, DIGITS), DIGITS) == "1234567890"
    probabilities = looks_like("66345", DIGITS, {0: ("1", 0.02), 1: ("2", 0.02)})
    assert read(weighed(probabilities, DIGITS), DIGITS) == "66345"


@pytest.mark.parametrize("text", ["hdkmwrfz", "xqkzvj"])
def test_random_letters_stay_as_they_look(text):
    probabilities = looks_like(text, doubts={3: ("u", 0.4)})
    np.testing.assert_allclose(weighed(probabilities), probabilities, atol=0.1)
    assert read(weighed(probabilities)) == text


def test_single_letter_is_not_taken_for_a_word():
    probabilities = looks_like("v", doubts={0: ("i", 0.49)})
    np.testing.assert_array_equal(weighed(probabilities), probabilities)


def test_words_do_not_influence_each_other():
    probabilities = looks_like("housevworld", doubts={5: ("r", 0.4)})
    separate = weighed(probabilities, ends=[5, 6, 11])
    np.testing.assert_array_equal(separate[5], probabilities[5])
    assert not np.allclose(weighed(probabilities)[5], probabilities[5], atol=0.01)


def test_word_changes_neither_certain_digits_nor_the_odds_between_cases():
    probabilities = looks_like("7hovse29", ALPHANUMERIC, doubts={3: ("u", 0.3), 1: ("H", 0.3)})
    probabilities[3, ALPHANUMERIC.index("V")] += 0.1
    probabilities[3, ALPHANUMERIC.index("v")] -= 0.1
    after = weighed(probabilities, ALPHANUMERIC)
    np.testing.assert_array_equal(after[[0, 6, 7]], probabilities[[0, 6, 7]])
    np.testing.assert_allclose(after.sum(axis=1), 1)
    for letter in "huv":
        cases = [ALPHANUMERIC.index(letter), ALPHANUMERIC.index(letter.upper())]
        for index in (1, 3):
            np.testing.assert_allclose(
                np.divide(*after[index, cases]), np.divide(*probabilities[index, cases]), rtol=1e-6
            )
    assert read(after, ALPHANUMERIC) == "7house29"


@pytest.mark.parametrize(
    ("text", "doubts", "expected"),
    [
        ("hou5e", {3: ("s", 0.3)}, "house"),
        ("hou5e", {3: ("s", 0.02)}, "hou5e"),  # the 5 is certain
        ("xqz5k", {3: ("s", 0.3)}, "xqz5k"),  # an s would not make a word
        ("A3CDEFGH", {1: ("B", 0.3)}, "ABCDEFGH"),
        ("12oo0", {2: ("0", 0.4), 3: ("0", 0.4)}, "12000"),
    ],
)
def test_words_have_only_letters_and_round_numbers_only_digits(text, doubts, expected):
    probabilities = looks_like(text, ALPHANUMERIC, doubts)
    assert read(probabilities, ALPHANUMERIC) == text
    assert read(weighed(probabilities, ALPHANUMERIC), ALPHANUMERIC) == expected


@pytest.mark.parametrize(
    ("text", "doubts", "number"),
    [
        ("12007", {4: ("0", 0.3)}, "12000"),
        ("1970", {1: ("0", 0.45), 2: ("0", 0.4)}, "1000"),
        ("12007", {4: ("0", 0.001)}, "12007"),  # the 7 is certain
        ("17", {1: ("0", 0.45)}, "17"),
    ],
)
def test_ambiguous_digit_is_read_so_that_it_makes_a_round_number(text, doubts, number):
    assert read(weighed(looks_like(text, DIGITS, doubts), DIGITS), DIGITS) == number


def test_digits_agree_with_a_sum_over_all_numbers():
    probabilities = random_probabilities(0.2, (5, 10))
    expected = np.zeros_like(probabilities)
    for number in itertools.product(range(10), repeat=5):
        zeros = next((count for count, digit in enumerate(reversed(number)) if digit), 5)
        steps = [
            P_NEXT * ((digit + 1) % 10 == following) + (1 - P_NEXT) / 10
            for digit, following in pairwise(number)
        ]
        prior = (1 - P_ROUND - P_IN_ORDER) / 10**5 + P_IN_ORDER * np.prod(steps) / 10
        prior += sum(P_ROUND / 3 / 10 ** (5 - count) for count in (2, 3, 4) if count <= zeros)
        for index, digit in enumerate(number):
            expected[index, digit] += prior * np.prod(probabilities[range(5), number])
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weighed(probabilities, DIGITS), expected, rtol=1e-3, atol=1e-9)


def test_gap_before_thousands_does_not_split_a_number():
    probabilities = looks_like("12007", DIGITS, {4: ("0", 0.3)})
    assert read(weighed(probabilities, DIGITS, ends=[2, 5]), DIGITS) == "12000"


def test_letters_agree_with_a_sum_over_all_texts():
    probabilities = random_probabilities(0.05, (3, 26))
    table, expected = trigrams(), np.zeros_like(probabilities)
    for text in itertools.product(range(26), repeat=3):
        likelihood = np.prod(probabilities[range(3), text])
        signs = [EDGE, EDGE, *text, EDGE]
        word = np.prod([table[trigram] for trigram in zip(signs, signs[1:], signs[2:], strict=False)])
        of_each = [[P_SAME * (letter == row) + (1 - P_SAME) / 26 for letter in text] for row in range(26)]
        repeated = np.mean(np.prod(of_each, axis=1))
        prior = P_WORD * word + P_REPEATED * repeated * 26**3 / 27**4 + (1 - P_WORD - P_REPEATED) / 27**4
        for index, letter in enumerate(text):
            expected[index, letter] += prior * likelihood
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weighed(probabilities), expected, rtol=1e-3, atol=1e-9)


def test_empty_line_stays_empty():
    assert apply_text_prior(np.zeros((0, 26)), LOWERCASE, []).shape == (0, 26)


def test_characters_without_any_probability_keep_none():
    assert not weighed(np.zeros((3, 26))).any()


def test_damaged_trigrams_are_refused(tmp_path):
    path = tmp_path / TRIGRAMS_PATH.name
    path.write_bytes(TRIGRAMS_PATH.read_bytes()[:-1] + b"x")
    card = path.with_suffix(".json")
    card.write_text(TRIGRAMS_PATH.with_suffix(".json").read_text())
    with pytest.raises(ModelError, match="SHA-256 differs"):
        trigrams(path)
    card.write_text("{}")
    with pytest.raises(ModelError, match="lacks the entry sha256"):
        trigrams(path)
    card.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        trigrams(path)


def test_edge_comes_after_all_letters():
    assert len(LETTERS) == EDGE == 26


KIND_LABELS = ("0", "7", "O", "X", "o", "x")
OVAL = {"0": 0.4, "O": 0.35, "o": 0.25}  # by its shape a zero, a capital or a small letter


def line(*characters: dict[str, float]) -> np.ndarray:
    return np.array([[character.get(label, 0.001) for label in KIND_LABELS] for character in characters])


@pytest.mark.parametrize(("characters", "text"), [
    ([OVAL], "0"),
    ([OVAL, {"X": 0.9}], "OX"),
    ([{"7": 0.9}, OVAL, {"7": 0.9}], "707"),
    ([{"X": 0.9}, {"x": 0.9}, OVAL, {"x": 0.9}], "Xxox"),
    ([{"X": 0.9}, {"7": 0.999}, {"X": 0.9}], "X7X"),  # the digit is certain
])  # fmt: skip
def test_neighbours_tell_the_kind_of_an_ambiguous_character(characters, text):
    assert read(apply_kind_prior(line(*characters), KIND_LABELS), KIND_LABELS) == text


def test_probabilities_after_the_kind_prior_sum_to_one():
    probabilities = apply_kind_prior(line(OVAL, {"X": 0.9}, OVAL), KIND_LABELS)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert apply_kind_prior(np.zeros((0, 6)), KIND_LABELS).shape == (0, 6)
