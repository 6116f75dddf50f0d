"""How letters follow each other in words and names: what neighbours tell of a letter that looks like two.

What stands side by side may be a word or a name, one letter again and again, or any letters at all. How much
each is believed follows from the letters themselves: a MARTLN becomes a MARTIN, a code stays as it looks.
"""

import io
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from recognizer.models import WEIGHTS, ModelError, checked, opened

TRIGRAMS = WEIGHTS / "spelling" / "trigrams.npy"  # made by training.trigrams
LETTERS = "abcdefghijklmnopqrstuvwxyz"
EDGE = len(LETTERS)  # what stands before and after a word
# the chances, before they are looked at, that letters side by side are a word or a name, and that they are
# one letter again and again; else they are any letters
WORD, AGAIN = 0.5, 0.1
SAME = 0.9  # of a row of one letter: the others may be any
SHORTEST = 2  # letters: one alone is no word
LEAST = 1e-6  # of a probability


@cache
def trigrams(path: Path = TRIGRAMS) -> np.ndarray:
    """The probability of each sign after two others, float64 (27, 27, 27); the signs are LETTERS and EDGE.

    Raises:
        ModelError: the file is missing, or not the one that its card describes.
    """
    card = opened(path.with_suffix(".json"))
    if not isinstance(card, dict) or "sha256" not in card:
        raise ModelError(f"the card {path.stem}.json does not say sha256 as it should: restore it")
    return np.load(io.BytesIO(checked(path, card)), allow_pickle=False).astype(float)


def spelled(shares: np.ndarray, classes: tuple[str, ...], ends: list[int]) -> np.ndarray:
    """What letters may be together, where words, names and rows of one letter are likelier than others.

    Between digits, and among one letter's two cases, nothing is changed.

    Args:
        shares: probabilities (characters, classes) of a line, of each character without the others.
        classes: the labels.
        ends: the places where its words end, the last one included.

    Returns:
        Probabilities (characters, classes).
    """
    letter_of = np.array([LETTERS.find(label.lower()) for label in classes])
    as_letters = np.eye(EDGE + 1)[letter_of][:, :EDGE]  # which letter each class is, if any
    folded = shares @ as_letters
    is_letter = folded.sum(axis=1) > 0.5 * shares.sum(axis=1)
    result = shares.copy()
    for start, end in _runs(is_letter, ends):
        seen = np.maximum(folded[start:end], LEAST)
        seen /= seen.sum(axis=1, keepdims=True)
        change = _in_a_row(seen) / seen
        change = np.column_stack([change, np.ones(len(change))])[:, letter_of]
        row = shares[start:end] * change
        result[start:end] = row / row.sum(axis=1, keepdims=True)
    return result


def _runs(is_letter: np.ndarray, ends: list[int]) -> list[tuple[int, int]]:
    """Where letters stand side by side within a word, long enough to be one."""
    edges = sorted({0, *ends, *(np.flatnonzero(np.diff(is_letter)) + 1).tolist()})
    return [(start, end) for start, end in pairwise(edges) if is_letter[start] and end - start >= SHORTEST]


def _in_a_row(seen: np.ndarray) -> np.ndarray:
    """The probabilities (letters, 26) after all neighbours are known, from those of each by its looks alone.

    The mean of what each kind of row makes of them, weighted by how likely these letters are in such a row.
    """
    log_any = -(len(seen) + 1) * np.log(EDGE + 1)  # every sign is equally likely
    answers = [_in_a_word(seen), _again(seen), (seen, log_any)]
    logs = np.log([WORD, AGAIN, 1 - WORD - AGAIN]) + [log for _, log in answers]
    shares = np.exp(logs - logs.max())
    return np.tensordot(shares / shares.sum(), [answer for answer, _ in answers], 1)


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
    together = np.empty_like(seen)
    for place in range(len(seen) - 1, -1, -1):
        both = (states[place] * rest).sum(axis=0)[:EDGE]
        together[place] = both / both.sum()
        rest = np.matmul(after, (seen[place] * rest[:, :EDGE])[:, :, None])[:, :, 0].T
        rest /= rest.max()
    return together, log


def _again(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """One letter again and again, as in an exercise, and the log of how likely these letters are in one."""
    other = (1 - SAME) / EDGE
    each = SAME * seen + other  # (letters, 26): how likely each place is where this is the letter of the row
    logs = np.log(each).sum(axis=0) - np.log(EDGE)
    of_row = np.exp(logs - logs.max())
    log = float(np.log(of_row.sum()) + logs.max()) + len(seen) * np.log(EDGE / (EDGE + 1)) - np.log(EDGE + 1)
    of_row /= of_row.sum()
    together = seen * (of_row * SAME / each) + seen * other * (of_row / each).sum(axis=1, keepdims=True)
    return together, log
