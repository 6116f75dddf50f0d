"""How a character was written: the order and the direction of its pen strokes, where a canvas gives them.

A picture leaves open what the pen tells: a 7 begins to the right and a 1 upwards, an open 9 begins where no 3
does. A small network sees the strokes as one path, and its opinion counts beside that of the picture.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from recognizer.models import store
from recognizer.numerics import softmax

PLACES = 48  # along the path, equally far apart
SEEN = 5  # at each place: x, y, the direction's cosine and sine, and 1 where the pen is down
NAME = "strokes"
DOUBT = 0.03  # what it leaves to all labels alike: somebody writes them in a way that it never saw
TINY = 1e-6  # of the path's size

Strokes = Sequence[np.ndarray]


def path(strokes: Strokes) -> np.ndarray:
    """What the network sees of a character's strokes.

    Args:
        strokes: points (n, 2) each, x and y, y down, in any unit.

    Returns:
        float32 (PLACES, SEEN); the longer side of the character is 1, its middle is at 0, 0. From a stroke's
        end to the next one's beginning the path goes straight, with the pen up.
    """
    points = np.concatenate(strokes)
    down = np.concatenate([np.arange(len(stroke)) > 0 for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / max((high - low).max(), TINY)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    moved = np.append(True, lengths > TINY)
    points, down = points[moved], down[moved]
    if len(points) < 2:
        return np.zeros((PLACES, SEEN), np.float32)
    along = np.append(0, np.cumsum(lengths[moved[1:]]))
    ends = np.linspace(0, along[-1], PLACES + 1)
    x, y = (np.interp(ends, along, values) for values in points.T)
    middles = (ends[1:] + ends[:-1]) / 2
    piece = np.clip(np.searchsorted(along, middles, side="right"), 1, len(points) - 1)
    steps = np.diff(np.stack([x, y]), axis=1)
    direction = steps / (np.hypot(*steps) + TINY)
    at = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    return np.column_stack([*at, *direction, down[piece]]).astype(np.float32)


def helped(
    name: str,
    labels: tuple[str, ...],
    shares: np.ndarray,
    strokes: Sequence[Strokes],
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """What a model says of pictures of characters, weighed with what their strokes say.

    Args:
        name: of the model; whether it is helped stands in the card of the network of strokes.
        labels: of the model.
        shares: (N, labels), each row summing to 1.
        strokes: of each character, as `path` takes them; none where they are not known.
        weight: how much its strokes count for each, (N,) in [0, 1]; fully where it is left out.

    Returns:
        (N, labels), each row summing to 1; a row without strokes as it was.

    Raises:
        ModelError: the network of strokes cannot be loaded.
    """
    known = [number for number, one in enumerate(strokes) if len(one)]
    if not known or name not in _card()["helps"]:
        return shares
    logits = _network().logits(np.stack([path(strokes[number]) for number in known]))
    opinion = softmax(logits, _card()["temperature"]) @ _columns(labels)
    opinion /= np.maximum(opinion.sum(axis=1, keepdims=True), TINY)
    opinion = (1 - DOUBT) * opinion + DOUBT / len(labels)
    both = shares.copy()
    both[known] *= opinion if weight is None else opinion ** weight[known, None]
    return both / both.sum(axis=1, keepdims=True)


@cache
def _card() -> dict[str, Any]:
    return store.read_card(NAME)


@cache
def _network() -> store.Model:
    return store.load_model(NAME)


@cache
def _columns(labels: tuple[str, ...]) -> np.ndarray:
    """Which of the network's classes are which label, (classes, labels); case counts where they have both."""
    return np.array(
        [[one == label or (one.lower() == label and label.upper() not in labels) for label in labels]
         for one in _card()["classes"]], float)  # fmt: skip
