"""Decode a whole line of writing at once with connectionist temporal classification (Graves et al. 2006).

A network slides along the line and gives for each frame, a narrow column of the strip, the probability of
every character and of the blank, "no character here". So segmentation and recognition are one decision, even
for characters that touch, and a pattern is matched against the line as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recognizer.layout.line_strips import Strip

FRAME_WIDTH = 2  # pixels of the strip for each frame of the network's output
WIDTH_MULTIPLE = 32  # pixels: a batch is as wide as its widest strip, rounded up to a multiple of this
MAX_BATCH_COLUMNS = 6_000  # columns of pixels in a batch: more would cost memory and gain no time
PROBABILITY_FLOOR = 1e-9  # added to each allowed label, so that the sum over labels is never zero
MIN_LOG_PROBABILITY = -14.0  # lower bound, so that one unlikely frame does not rule out a whole pattern


@dataclass(frozen=True)
class PatternPosition:
    """What one position of a pattern allows.

    Attributes:
        allowed: bool (labels,), the labels that fit.
        literal: a sign that is not a label, so that it is copied to the text, not read; "" otherwise.
    """

    allowed: np.ndarray
    literal: str = ""


@dataclass(frozen=True)
class Span:
    """One decoded character and the frames that it covers.

    Attributes:
        start: the first frame.
        end: the frame after the last one.
        label_index: which label it is.
        position: index of its position in the pattern; 0 without a pattern.
    """

    start: int
    end: int
    label_index: int
    position: int


def strip_logits(strips: list[Strip], network: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """Run a network on all strips, in batches of similar width.

    Args:
        strips: of one height, any widths.
        network: float32 (N, height, width) -> logits (N, frames, classes).

    Returns:
        For each strip its logits (frames, classes), without the padding.
    """
    by_width = sorted(range(len(strips)), key=lambda index: strips[index].ink.shape[1])
    results: dict[int, np.ndarray] = {}
    while by_width:
        width = -(-strips[by_width[-1]].ink.shape[1] // WIDTH_MULTIPLE) * WIDTH_MULTIPLE
        batch_size = min(len(by_width), max(1, MAX_BATCH_COLUMNS // width))
        indices = [by_width.pop() for _ in range(batch_size)]
        batch = np.zeros((len(indices), len(strips[indices[0]].ink), width), np.float32)
        for row, index in enumerate(indices):
            batch[row, :, : strips[index].ink.shape[1]] = strips[index].ink
        for index, logits in zip(indices, network(batch), strict=True):
            results[index] = logits[: strips[index].ink.shape[1] // FRAME_WIDTH]
    return [results[index] for index in range(len(strips))]


def frame_probabilities(
    logits: np.ndarray, classes: tuple[str, ...], labels: tuple[str, ...], allowed: np.ndarray
) -> np.ndarray:
    """The probability of each label in each frame, and of the blank in the last column: (frames, labels + 1).

    The probability of labels that are not allowed goes to the allowed ones, not to the blank.

    Args:
        logits: (frames, classes) of the line model.
        classes: of the line model; the last is the blank, "no character here".
        labels: the labels to read; without capitals, case is merged.
        allowed: bool (labels,), which of them may be read.
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    of_classes = powers / powers.sum(axis=1, keepdims=True)
    of_labels = of_classes[:, :-1] @ merge_matrix(classes[:-1], labels, allowed)
    of_labels += PROBABILITY_FLOOR * allowed
    of_labels *= (1 - of_classes[:, -1:]) / of_labels.sum(axis=1, keepdims=True)
    return np.column_stack([of_labels, of_classes[:, -1]])


def merge_matrix(classes: tuple[str, ...], labels: tuple[str, ...], allowed: np.ndarray) -> np.ndarray:
    """A matrix (classes, labels) of 0 and 1 that adds each class to its label, if that is allowed."""
    has_capitals = any(label.isupper() for label in labels)
    fold: Callable[[str], str] = str if has_capitals else str.lower
    return np.array([[fold(name) == label for label in labels] for name in classes], float) * allowed


def parse_pattern(pattern: str, labels: tuple[str, ...]) -> list[PatternPosition]:
    """Parse a pattern: 9 is a digit, A a letter, * any character, any other sign itself."""
    kinds: dict[str, Callable[[str], bool]] = {"9": str.isdigit, "A": str.isalpha, "*": bool}
    positions = []
    for sign in pattern:
        fits = kinds.get(sign, lambda label, sign=sign: label.lower() == sign.lower())
        allowed = np.array([bool(label) and fits(label) for label in labels])
        positions.append(PatternPosition(allowed, "" if sign in kinds or allowed.any() else sign))
    return positions


def fill_pattern(pattern: list[PatternPosition], labels: dict[int, str]) -> str:
    """The text of a pattern: its literals, and the label that was read at each other position."""
    return "".join(position.literal or labels.get(index, "") for index, position in enumerate(pattern))


def decode_greedy(log_probabilities: np.ndarray) -> list[Span]:
    """The most probable label of each frame, equal neighbours joined and blanks dropped.

    Args:
        log_probabilities: (frames, labels + 1); the last column is the blank.
    """
    best = log_probabilities.argmax(axis=1)
    blank = log_probabilities.shape[1] - 1
    return [Span(start, end, int(best[start]), 0) for start, end in _runs(best) if best[start] != blank]


def decode_pattern(log_probabilities: np.ndarray, pattern: list[PatternPosition]) -> list[Span]:
    """The most probable reading of a line that fits a pattern (Viterbi); empty if nothing fits.

    A literal that is not a label needs no frame; ink that looks like it is taken for blank.

    Args:
        log_probabilities: (frames, labels + 1); the last column is the blank.
        pattern: from `parse_pattern`.
    """
    log_probabilities = np.maximum(log_probabilities, MIN_LOG_PROBABILITY)
    readable = [index for index, position in enumerate(pattern) if not position.literal]
    if not readable:
        return []
    # States: a blank, then for each position its allowed labels and another blank, which lies half-way to the
    # next position. A stage is one blank, or all labels of one position.
    blank = log_probabilities.shape[1] - 1
    state_columns, state_positions = [blank], [-1.0]
    for index in readable:
        label_indices = np.flatnonzero(pattern[index].allowed)
        state_columns += [*label_indices.tolist(), blank]
        state_positions += [float(index)] * len(label_indices) + [index + 0.5]
    columns, positions = np.array(state_columns), np.array(state_positions)
    _, stages = np.unique(positions, return_inverse=True)  # even: a blank; odd: a character
    same_column = columns[:, None] == columns[None]
    advance = stages[None] - stages[:, None]  # in stages, from the state of the row to that of the column
    # two different characters need no blank between them
    skips_blank = (advance == 2) & (stages[None] % 2 == 1) & ~same_column
    possible = (advance == 0) & same_column | (advance == 1) | skips_blank
    transitions = np.where(possible, 0.0, -np.inf)
    path = _viterbi(log_probabilities[:, columns], transitions, stages <= 1, stages >= stages.max() - 1)
    if path is None:
        return []
    return [
        Span(start, end, int(columns[path[start]]), int(positions[path[start]]))
        for start, end in _runs(path)
        if stages[path[start]] % 2 == 1
    ]


def _viterbi(
    emissions: np.ndarray, transitions: np.ndarray, is_first: np.ndarray, is_last: np.ndarray
) -> np.ndarray | None:
    """The most probable path through the states of a hidden Markov model; None if there is none.

    Args:
        emissions: log probabilities (frames, states).
        transitions: log probabilities (states, states), from the row to the column.
        is_first, is_last: bool (states,), where a path may begin and end.

    Returns:
        int (frames,), the state in each frame.
    """
    scores = np.where(is_first, emissions[0], -np.inf)
    previous = np.zeros(emissions.shape, int)
    for frame in range(1, len(emissions)):
        candidates = scores[:, None] + transitions
        previous[frame] = candidates.argmax(axis=0)
        scores = candidates.max(axis=0) + emissions[frame]
    scores = np.where(is_last, scores, -np.inf)
    last = int(scores.argmax())
    if not np.isfinite(scores[last]):
        return None
    path = [last]
    for frame in range(len(emissions) - 1, 0, -1):
        path.append(int(previous[frame, path[-1]]))
    return np.array(path[::-1])


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Start and end of each run of equal values."""
    edges = (np.flatnonzero(np.diff(values)) + 1).tolist()
    return list(zip([0, *edges], [*edges, len(values)], strict=True))
