"""What neighbours tell of a character that looks like two: kinds, words, names, exercises, round numbers.

Digits stand among digits, letters among letters, and one capital before small ones. Letters side by side may
be a word or a name, one letter again and again, a part of the alphabet, or any letters at all; digits may be
a number that ends in zeros, digits in their order, or any digits. How much each is believed follows from the
characters themselves: a MARTLN becomes a MARTIN, a code stays as it looks.
"""

import io
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS, read_json, read_verified
from recognizer.numerics import TINY

TRIGRAMS = WEIGHTS / "spelling" / "trigrams.npy"  # made by training.tools.trigrams
LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
EDGE = len(LETTERS)  # what stands before and after a word
# the chances, before they are looked at, that letters side by side are a word or a name, and that they are
# one letter again and again; else they are any letters
WORD, AGAIN = 0.5, 0.1
SAME = 0.9  # of a row of one letter: the others may be any
IN_ORDER = 0.02  # the chance that letters or digits are in order, as whoever tries a reader writes them
NEXT = 0.9  # of a row in order: one follows on the one before it; the others may be any
SHORTEST_ORDER = 5  # signs: fewer are in order by chance
SHORTEST_WORD = 2  # letters: one alone is no word
ROUND = 0.25  # the chance that a number ends in zeros, beside those that do so as any digits
ZEROS, SHORTEST_NUMBER = 2, 3  # a round number has at least so many zeros, of so many digits
PERHAPS = 0.1  # a character that is a letter at least so likely may be one of a row of letters; so a digit
LEAST = 1e-6  # of a probability
# How likely a digit, a capital and a small letter (columns) follow one of these (rows), as odds
FOLLOWS = np.array([[1.0, 0.05, 0.05], [0.05, 1.0, 0.37], [0.05, 0.08, 1.0]])
# the log of how likely signs are in a row of any; for each special row the same, and what they are in it:
# probabilities (characters, signs)
Rows = tuple[float, list[tuple[float, np.ndarray]]]


@cache
def trigrams(path: Path = TRIGRAMS) -> np.ndarray:
    """The probability of each sign after two others, float64 (27, 27, 27); the signs are LETTERS and EDGE.

    Raises:
        ModelError: the file is missing, or not the one that its card describes.
    """
    card = read_json(path.with_suffix(".json"))
    if not isinstance(card, dict) or "sha256" not in card:
        raise ModelError(f"the card {path.stem}.json does not say sha256 as it should: restore it")
    return np.load(io.BytesIO(read_verified(path, card)), allow_pickle=False).astype(float)


def agreed(shares: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """What the characters of a line may be together: digits stand among digits, letters among letters.

    A chain of three kinds (digit, capital, small letter), each place weighted by what all others say of its
    kind (forward-backward, Rabiner 1989): so an O among capitals is no 0, and one sure digit stays a digit.

    Args:
        shares: probabilities (characters, classes), of each character without the others.
        classes: the labels.

    Returns:
        Probabilities (characters, classes).
    """
    kinds = np.array([0 if label.isdigit() else 1 if label.isupper() else 2 for label in classes])
    of_kind = np.stack([shares[:, kinds == kind].sum(axis=1) for kind in range(3)], axis=1)
    before, after = np.ones_like(of_kind), np.ones_like(of_kind)
    for place in range(1, len(shares)):
        before[place] = _scaled((before[place - 1] * of_kind[place - 1]) @ FOLLOWS)
        after[-place - 1] = _scaled(FOLLOWS @ (after[-place] * of_kind[-place]))
    together = shares * (before * after)[:, kinds]
    return together / np.maximum(together.sum(axis=1, keepdims=True), TINY)


def _scaled(values: np.ndarray) -> np.ndarray:
    return values / max(values.sum(), TINY)


def together(shares: np.ndarray, classes: tuple[str, ...], ends: list[int]) -> np.ndarray:
    """What characters may be together, where some rows of letters and of digits are likelier than others.

    In a row of any signs each is a letter or a digit as likely as before; in a word, a round number or a row
    in order all are of one kind. A letter's case stays as likely as it was.

    Args:
        shares: probabilities (characters, classes) of a line, of each character without the others.
        classes: the labels.
        ends: the places where its words end, the last one included.

    Returns:
        Probabilities (characters, classes).
    """
    number_ends = [len(shares)]  # thousands may stand apart
    letters = _with_rows_of(LETTERS, SHORTEST_WORD, _letters, shares, classes, ends)
    return _with_rows_of(DIGITS, SHORTEST_NUMBER, _numbers, letters, classes, number_ends)


def _with_rows_of(
    signs: str,
    shortest: int,
    rows: Callable[[np.ndarray], Rows],
    shares: np.ndarray,
    classes: tuple[str, ...],
    ends: list[int],
) -> np.ndarray:
    """Rows of some signs as they may be together.

    Args:
        signs: letters without case, or digits.
        shortest: of such a row.
        rows: from probabilities (characters, signs) by the looks of each to the rows that they may be.
        shares, classes, ends: as `together` takes them.
    """
    sign_of = np.array([signs.find(label.lower()) for label in classes])
    folded = shares @ np.eye(len(signs) + 1)[sign_of][:, :-1]  # to one column a sign
    of_signs = folded.sum(axis=1) / np.maximum(shares.sum(axis=1), TINY)
    may_be = of_signs > PERHAPS
    edges = sorted({0, *ends, *(np.flatnonzero(np.diff(may_be)) + 1).tolist()})
    result = shares.copy()
    for start, end in pairwise(edges):
        if may_be[start] and end - start >= shortest:
            seen = np.maximum(folded[start:end], LEAST)
            seen /= seen.sum(axis=1, keepdims=True)
            log_any, special = rows(seen)
            all_are = np.log(of_signs[start:end]).sum()
            logs = np.array([log_any, *(log + all_are for log, _ in special)])
            weights = np.exp(logs - logs.max())
            weights /= weights.sum()
            known = np.tensordot(weights[1:], [answer for _, answer in special], 1)
            change = np.column_stack([known / seen, np.zeros(len(seen))])[:, sign_of]
            change /= of_signs[start:end, None]
            row = shares[start:end] * (weights[0] + change)
            result[start:end] = row / row.sum(axis=1, keepdims=True)
    return result


def _numbers(seen: np.ndarray) -> Rows:
    """What digits side by side may be: any number, a round one, digits in order."""
    length = len(seen)
    special, left = [], 1 - ROUND
    zeros = np.log(seen[::-1, 0]).cumsum()  # of the last one, two, ... places
    for count in range(ZEROS, length):
        log = np.log(ROUND / (length - ZEROS)) + zeros[count - 1] - (length - count) * np.log(10)
        special.append((log, np.concatenate([seen[:-count], np.eye(10)[np.zeros(count, int)]])))
    if length >= SHORTEST_ORDER:
        order, log_order = _in_order(seen)
        special.append((np.log(IN_ORDER) + log_order, order))
        left -= IN_ORDER
    return np.log(left) - length * np.log(10), special


def _letters(seen: np.ndarray) -> Rows:
    """What letters side by side may be: any, a word, one again and again, a part of the alphabet."""
    length = len(seen)
    ends_there = length * np.log(EDGE / (EDGE + 1)) - np.log(EDGE + 1)  # in a row of any letters
    (word, log_word), (again, log_again) = _in_a_word(seen), _again(seen)
    special = [(np.log(WORD) + log_word, word), (np.log(AGAIN) + log_again + ends_there, again)]
    left = 1 - WORD - AGAIN
    if length >= SHORTEST_ORDER:
        order, log_order = _in_order(seen)
        special.append((np.log(IN_ORDER) + log_order + ends_there, order))
        left -= IN_ORDER
    return np.log(left) - (length + 1) * np.log(EDGE + 1), special


def _in_a_word(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """Letters in a word or a name, and the log of how likely they are in one.

    A chain over pairs of letters (forward-backward, Rabiner 1989).
    """
    table = trigrams()
    after = table.transpose(1, 0, 2)[:, :, :EDGE]  # by the middle sign, from the first to the third
    state = np.zeros((EDGE + 1, EDGE + 1))  # the probability of each pair of signs
    state[EDGE, EDGE] = 1
    states, log = [], 0.0
    for one in seen:
        following = np.zeros_like(state)
        following[:, :EDGE] = np.matmul(state.T[:, None], after)[:, 0] * one
        total = following.sum()
        state = following / total
        states.append(state)
        log += float(np.log(total))
    rest = table[:, :, EDGE]  # the probability of what follows each pair, up to a factor
    log += float(np.log((state * rest).sum()))
    answer = np.empty_like(seen)
    for place in range(len(seen) - 1, -1, -1):
        both = (states[place] * rest).sum(axis=0)[:EDGE]
        answer[place] = both / both.sum()
        rest = np.matmul(after, (seen[place] * rest[:, :EDGE])[:, :, None])[:, :, 0].T
        rest /= rest.max()
    return answer, log


def _again(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """One letter again and again, as in an exercise, and the log of how likely these letters are in one."""
    other = (1 - SAME) / EDGE
    each = SAME * seen + other  # (letters, 26): how likely each place is where this is the letter of the row
    logs = np.log(each).sum(axis=0) - np.log(EDGE)
    of_row = np.exp(logs - logs.max())
    log = float(np.log(of_row.sum()) + logs.max())
    of_row /= of_row.sum()
    answer = seen * (of_row * SAME / each) + seen * other * (of_row / each).sum(axis=1, keepdims=True)
    return answer, log


def _in_order(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """Signs in the order of the alphabet or of numbers, and the log of how likely they are in such a row.

    A chain (forward-backward, Rabiner 1989); after the last sign comes the first again.
    """
    signs = seen.shape[1]
    follows = NEXT * np.roll(np.eye(signs), 1, axis=1) + (1 - NEXT) / signs
    before, log = [np.full(signs, 1 / signs)], 0.0
    for one in seen:
        state = before[-1] * one
        log += float(np.log(state.sum()))
        before.append(_scaled(state) @ follows)
    after, answer = np.ones(signs), np.empty_like(seen)
    for place in range(len(seen) - 1, -1, -1):
        answer[place] = _scaled(before[place] * seen[place] * after)
        after = _scaled(follows @ (seen[place] * after))
    return answer, log
