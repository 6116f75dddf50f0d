"""A whole line of writing, read at once: where its characters are, and which.

A network slides along the line and says for each place which character it has before it, or none
(connectionist temporal classification, Graves et al. 2006). So cutting and reading are one decision, also
where characters touch, and a pattern is followed by the line as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recognizer.layout.line_strips import Strip

STEP = 2  # pixels of the strip for one place of the network's answer
UNIT = 32  # pixels: strips of one pass are as wide as the widest, in these units
AT_ONCE = 6_000  # columns of pixels: more strips would cost memory and gain no time
LEAST = 1e-9  # of a probability
LOG_LEAST = -14.0  # of a probability


@dataclass(frozen=True)
class Position:
    """What may stand at one position of a text."""

    allowed: np.ndarray  # bool (classes,)
    literal: str = ""  # a sign that no class is: it is taken as given


@dataclass(frozen=True)
class Step:
    """One character of the best reading of a line."""

    start: int  # places of the network's answer, the end not included
    end: int
    best: int  # the class
    position: int  # of the pattern; 0 where there is none


def logits_of(strips: list[Strip], network: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """What a network says of every strip, (places, classes) each; strips of like width go together."""
    order = sorted(range(len(strips)), key=lambda index: strips[index].ink.shape[1])
    found: dict[int, np.ndarray] = {}
    while order:
        wide = -(-strips[order[-1]].ink.shape[1] // UNIT) * UNIT
        some = [order.pop() for _ in range(min(len(order), max(1, AT_ONCE // wide)))]
        sheet = np.zeros((len(some), len(strips[some[0]].ink), wide), np.float32)
        for row, index in enumerate(some):
            sheet[row, :, : strips[index].ink.shape[1]] = strips[index].ink
        for index, logits in zip(some, network(sheet), strict=True):
            found[index] = logits[: strips[index].ink.shape[1] // STEP]
    return [found[index] for index in range(len(strips))]


def probabilities(
    logits: np.ndarray, classes: tuple[str, ...], wanted: tuple[str, ...], allowed: np.ndarray
) -> np.ndarray:
    """For each place of a line the probability of what is wanted, and of no character: (places, wanted + 1).

    Args:
        logits: (places, classes) of a network of lines.
        classes: its labels; the last is "no character here".
        wanted: the labels asked for, in small letters alone where case does not count.
        allowed: bool (wanted,), which of them may be read.
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    known = powers / powers.sum(axis=1, keepdims=True)
    result = known[:, :-1] @ merging(classes[:-1], wanted, allowed)
    result += LEAST * allowed  # so that a place where nothing allowed is likely has a sum
    result *= (1 - known[:, -1:]) / result.sum(axis=1, keepdims=True)  # a character is one that is allowed
    return np.column_stack([result, known[:, -1]])


def merging(classes: tuple[str, ...], wanted: tuple[str, ...], allowed: np.ndarray) -> np.ndarray:
    """Which of the wanted labels each class is, where it is allowed: 0 or 1, (classes, wanted)."""
    # else case is merged
    fold: Callable[[str], str] = str if any(label.isupper() for label in wanted) else str.lower
    return np.array([[fold(label) == one for one in wanted] for label in classes], float) * allowed


def positions(pattern: str, classes: tuple[str, ...]) -> list[Position]:
    """The positions of a pattern: 9 is a digit, A a letter, * any character, anything else itself."""
    kinds: dict[str, Callable[[str], bool]] = {"9": str.isdigit, "A": str.isalpha, "*": bool}
    found = []
    for sign in pattern:
        fits = kinds.get(sign, lambda label, sign=sign: label.lower() == sign.lower())
        allowed = np.array([bool(label) and fits(label) for label in classes])
        found.append(Position(allowed, "" if sign in kinds or allowed.any() else sign))
    return found


def filled(wanted: list[Position], labels: dict[int, str]) -> str:
    """A pattern's text: its literals, and the labels read at its other positions."""
    return "".join(position.literal or labels.get(index, "") for index, position in enumerate(wanted))


def best_steps(logs: np.ndarray) -> list[Step]:
    """The most probable reading of a line, place by place.

    Args:
        logs: log probabilities (places, classes); the last class is "no character here".
    """
    best = logs.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best)) + 1
    runs = zip([0, *edges], [*edges, len(best)], strict=True)
    return [Step(int(a), int(b), int(best[a]), 0) for a, b in runs if best[a] != logs.shape[1] - 1]


def steps_by_pattern(logs: np.ndarray, wanted: list[Position]) -> list[Step]:
    """The most probable reading of a line that fits a pattern (Viterbi); none where nothing fits.

    Args:
        logs: log probabilities (places, classes); the last class is "no character here".
        wanted: the pattern's positions. A literal that no class is may be left out, or be whatever is there.
    """
    logs = np.maximum(logs, LOG_LEAST)
    read = [index for index, position in enumerate(wanted) if not position.literal]
    if not read:
        return []
    # states: none before the first, then for each position its classes, and none after it
    nothing = logs.shape[1] - 1
    every, of = [nothing], [-1.0]
    for index in read:
        classes = np.flatnonzero(wanted[index].allowed)
        every += [*classes.tolist(), nothing]
        of += [float(index)] * len(classes) + [index + 0.5]
    states, owners = np.array(every), np.array(of)
    order = {owner: rank for rank, owner in enumerate(sorted(set(owners)))}
    ranks = np.array([order[owner] for owner in owners])  # even: none; odd: a character
    same = states[:, None] == states[None]
    step = ranks[None] - ranks[:, None]  # from row to column
    may = (step == 0) & same | (step == 1) | ((step == 2) & (ranks[None] % 2 == 1) & ~same)
    moves = np.where(may, 0.0, -np.inf)
    score = np.where(ranks <= 1, logs[0, states], -np.inf)
    back = np.zeros((len(logs), len(states)), int)
    for place in range(1, len(logs)):
        ways = score[:, None] + moves
        back[place] = ways.argmax(axis=0)
        score = ways.max(axis=0) + logs[place, states]
    score = np.where(ranks >= ranks.max() - 1, score, -np.inf)
    state = int(score.argmax())
    if not np.isfinite(score[state]):
        return []
    backwards = [state]
    for place in range(len(logs) - 1, 0, -1):
        backwards.append(int(back[place, backwards[-1]]))
    way = np.array(backwards[::-1])
    edges = np.flatnonzero(np.diff(way)) + 1
    runs = zip([0, *edges], [*edges, len(way)], strict=True)
    return [
        Step(int(a), int(b), int(states[way[a]]), int(owners[way[a]]))
        for a, b in runs
        if ranks[way[a]] % 2 == 1
    ]
