"""Use the neighbours of a character in its line: kinds of signs, words, repeated letters, sequences, numbers.

Digits stand among digits, letters among letters, and one capital before small letters. Adjacent letters may
be a word or a name, one letter repeated, a part of the alphabet, or any letters. Adjacent digits may be a
round number, digits in counting order, or any digits. How probable each of these is follows from the
characters themselves: "martln" becomes "martin", and a random code stays as it looks.
"""

import io
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS, read_json
from recognizer.models.verified import read_verified
from recognizer.numerics import TINY

TRIGRAMS_PATH = WEIGHTS / "spelling" / "trigrams.npy"  # made by training.tools.trigrams
LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
EDGE = len(LETTERS)  # index of the sign that stands before and after a word
# Prior probabilities that adjacent letters are a word or a name, or one letter repeated
P_WORD, P_REPEATED = 0.5, 0.1
P_SAME = 0.9  # that a letter of a repeated row is the repeated one; otherwise it may be any
P_IN_ORDER = 0.02  # prior that letters or digits are in order, as people write them to try a reader
P_NEXT = 0.9  # that a sign in order is the successor of the one before; otherwise it may be any
MIN_ORDER_LENGTH = 5  # signs: shorter rows are in order by chance
MIN_WORD_LENGTH = 2  # letters
P_ROUND = 0.25  # prior that a number is a round one, besides those that end in zeros by chance
MIN_ZEROS, MIN_NUMBER_LENGTH = (
    2,
    3,
)  # a round number has at least this many zeros at its end, and digits in all
MIN_KIND_PROBABILITY = 0.1  # a character joins a row of letters (digits) if it is one with this probability
PROBABILITY_FLOOR = 1e-6  # lower bound of a sign's probability
# Odds that a digit, a capital or a small letter (columns) follows one of these (rows)
KIND_ODDS = np.array([[1.0, 0.05, 0.05], [0.05, 1.0, 0.37], [0.05, 0.08, 1.0]])
# The log likelihood of a row if its signs may be any; then for each special row (a word, a round number, ...)
# its log likelihood and the posterior of its signs (characters, signs)
Hypotheses = tuple[float, list[tuple[float, np.ndarray]]]


@cache
def trigrams(path: Path = TRIGRAMS_PATH) -> np.ndarray:
    """The probability of each sign after two others: float64 (27, 27, 27) over LETTERS and EDGE.

    Raises:
        ModelError: the file is missing, or differs from its card.
    """
    card = read_json(path.with_suffix(".json"))
    if not isinstance(card, dict) or "sha256" not in card:
        raise ModelError(f"the card {path.stem}.json lacks the entry sha256: restore it")
    return np.load(io.BytesIO(read_verified(path, card["sha256"], "card")), allow_pickle=False).astype(float)


def apply_kind_prior(probabilities: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
    """Weigh each character by the kinds of its neighbours: digits among digits, letters among letters.

    A Markov chain over three kinds: digit, capital, small letter (forward-backward, Rabiner 1989). So an
    O among capitals is not a 0, and a digit that is certain stays a digit.

    Args:
        probabilities: (characters, labels), of each character without its neighbours.
        labels: the labels.

    Returns:
        Probabilities (characters, labels).
    """
    kinds = np.array([0 if label.isdigit() else 1 if label.isupper() else 2 for label in labels])
    of_kinds = np.stack([probabilities[:, kinds == kind].sum(axis=1) for kind in range(3)], axis=1)
    before, after = np.ones_like(of_kinds), np.ones_like(of_kinds)
    for index in range(1, len(probabilities)):
        before[index] = _normalized((before[index - 1] * of_kinds[index - 1]) @ KIND_ODDS)
        after[-index - 1] = _normalized(KIND_ODDS @ (after[-index] * of_kinds[-index]))
    weighted = probabilities * (before * after)[:, kinds]
    return weighted / np.maximum(weighted.sum(axis=1, keepdims=True), TINY)


def _normalized(values: np.ndarray) -> np.ndarray:
    return values / max(values.sum(), TINY)


def apply_text_prior(probabilities: np.ndarray, labels: tuple[str, ...], word_ends: list[int]) -> np.ndarray:
    """Weigh the characters of a line by what letters or digits side by side may be.

    In a row of any signs each character is a letter or a digit as likely as before; in a word, a round number
    or a row in order all are of one kind. The odds between a letter's two cases do not change.

    Args:
        probabilities: (characters, labels) of a line, of each character without its neighbours.
        labels: the labels.
        word_ends: the index after the last character of each word.

    Returns:
        Probabilities (characters, labels).
    """
    number_ends = [len(probabilities)]  # a gap may separate the thousands of one number
    probabilities = _weigh_rows(
        LETTERS, MIN_WORD_LENGTH, _letter_hypotheses, probabilities, labels, word_ends
    )
    return _weigh_rows(DIGITS, MIN_NUMBER_LENGTH, _digit_hypotheses, probabilities, labels, number_ends)


def _weigh_rows(
    signs: str,
    min_length: int,
    hypotheses: Callable[[np.ndarray], Hypotheses],
    probabilities: np.ndarray,
    labels: tuple[str, ...],
    ends: list[int],
) -> np.ndarray:
    """Weigh each row of signs by what the row may be.

    Args:
        signs: letters without case, or digits.
        min_length: of a row.
        hypotheses: from the probabilities (characters, signs) of a row to what it may be.
        probabilities, labels: as `apply_text_prior` takes them.
        ends: indices at which rows end, whatever stands there.
    """
    sign_of_label = np.array([signs.find(label.lower()) for label in labels])
    of_signs = probabilities @ np.eye(len(signs) + 1)[sign_of_label][:, :-1]
    is_sign = of_signs.sum(axis=1) / np.maximum(probabilities.sum(axis=1), TINY)
    in_row = is_sign > MIN_KIND_PROBABILITY
    edges = sorted({0, *ends, *(np.flatnonzero(np.diff(in_row)) + 1).tolist()})
    result = probabilities.copy()
    for start, end in pairwise(edges):
        if in_row[start] and end - start >= min_length:
            seen = np.maximum(of_signs[start:end], PROBABILITY_FLOOR)
            seen /= seen.sum(axis=1, keepdims=True)
            log_any, special = hypotheses(seen)
            log_all_signs = np.log(is_sign[start:end]).sum()
            logs = np.array([log_any, *(log + log_all_signs for log, _ in special)])
            weights = np.exp(logs - logs.max())
            weights /= weights.sum()
            posterior = np.tensordot(weights[1:], [of_row for _, of_row in special], 1)
            change = np.column_stack([posterior / seen, np.zeros(len(seen))])[:, sign_of_label]
            change /= is_sign[start:end, None]
            row = probabilities[start:end] * (weights[0] + change)
            result[start:end] = row / row.sum(axis=1, keepdims=True)
    return result


def _digit_hypotheses(seen: np.ndarray) -> Hypotheses:
    """What adjacent digits may be: any number, a round one, digits in order."""
    length = len(seen)
    special, p_any = [], 1 - P_ROUND
    log_zeros = np.log(seen[::-1, 0]).cumsum()  # that the last one, two, ... digits are zeros
    for count in range(MIN_ZEROS, length):
        log = np.log(P_ROUND / (length - MIN_ZEROS)) + log_zeros[count - 1] - (length - count) * np.log(10)
        special.append((log, np.concatenate([seen[:-count], np.eye(10)[np.zeros(count, int)]])))
    if length >= MIN_ORDER_LENGTH:
        posterior, log_order = _in_order(seen)
        special.append((np.log(P_IN_ORDER) + log_order, posterior))
        p_any -= P_IN_ORDER
    return np.log(p_any) - length * np.log(10), special


def _letter_hypotheses(seen: np.ndarray) -> Hypotheses:
    """What adjacent letters may be: any letters, a word, one letter repeated, a part of the alphabet."""
    length = len(seen)
    # the trigrams also predict the end of a word; so do these, with letters and end equally likely
    log_end = length * np.log(EDGE / (EDGE + 1)) - np.log(EDGE + 1)
    (word, log_word), (repeated, log_repeated) = _as_word(seen), _as_repeated(seen)
    special = [
        (np.log(P_WORD) + log_word, word),
        (np.log(P_REPEATED) + log_repeated + log_end, repeated),
    ]
    p_any = 1 - P_WORD - P_REPEATED
    if length >= MIN_ORDER_LENGTH:
        posterior, log_order = _in_order(seen)
        special.append((np.log(P_IN_ORDER) + log_order + log_end, posterior))
        p_any -= P_IN_ORDER
    return np.log(p_any) - (length + 1) * np.log(EDGE + 1), special


def _as_word(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior (letters, 26) of letters that form a word or a name, and the log likelihood of that.

    A Markov chain over pairs of letters (forward-backward, Rabiner 1989).
    """
    table = trigrams()
    by_middle = table.transpose(1, 0, 2)[:, :, :EDGE]  # middle sign, from the first to the third
    state = np.zeros((EDGE + 1, EDGE + 1))  # the probability of each pair of signs
    state[EDGE, EDGE] = 1
    states, log = [], 0.0
    for letter in seen:
        following = np.zeros_like(state)
        following[:, :EDGE] = np.matmul(state.T[:, None], by_middle)[:, 0] * letter
        total = following.sum()
        state = following / total
        states.append(state)
        log += float(np.log(total))
    rest = table[:, :, EDGE]  # the likelihood of all that follows each pair, up to a factor
    log += float(np.log((state * rest).sum()))
    posterior = np.empty_like(seen)
    for index in range(len(seen) - 1, -1, -1):
        joint = (states[index] * rest).sum(axis=0)[:EDGE]
        posterior[index] = joint / joint.sum()
        rest = np.matmul(by_middle, (seen[index] * rest[:, :EDGE])[:, :, None])[:, :, 0].T
        rest /= rest.max()
    return posterior, log


def _as_repeated(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior of one letter repeated, as in a writing exercise, and the log likelihood of that."""
    other = (1 - P_SAME) / EDGE
    of_each = P_SAME * seen + other  # (letters, 26): likelihood of each character if this letter is repeated
    logs = np.log(of_each).sum(axis=0) - np.log(EDGE)
    repeated = np.exp(logs - logs.max())
    log = float(np.log(repeated.sum()) + logs.max())
    repeated /= repeated.sum()
    posterior = seen * (repeated * P_SAME / of_each)
    posterior = posterior + seen * other * (repeated / of_each).sum(axis=1, keepdims=True)
    return posterior, log


def _in_order(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior of signs in alphabetical or counting order, and the log likelihood of that.

    A Markov chain (forward-backward, Rabiner 1989); the first sign follows the last one again.
    """
    signs = seen.shape[1]
    transitions = P_NEXT * np.roll(np.eye(signs), 1, axis=1) + (1 - P_NEXT) / signs
    before, log = [np.full(signs, 1 / signs)], 0.0
    for sign in seen:
        state = before[-1] * sign
        log += float(np.log(state.sum()))
        before.append(_normalized(state) @ transitions)
    after, posterior = np.ones(signs), np.empty_like(seen)
    for index in range(len(seen) - 1, -1, -1):
        posterior[index] = _normalized(before[index] * seen[index] * after)
        after = _normalized(transitions @ (seen[index] * after))
    return posterior, log
