"""How a character was written: the order and direction of its pen strokes, where a canvas gives them.

A picture leaves open what the pen shows: a 7 starts to the right and a 1 upwards, an open 9 starts where no 3
does. A small network sees the strokes as one path, and its answer is combined with that for the picture.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from recognizer.models import store
from recognizer.models.engines import Engine
from recognizer.numerics import softmax

PATH_POINTS = 48  # along the path, at equal distances
POINT_FEATURES = 5  # of each point: x, y, cosine and sine of the direction, and 1 where the pen is down
# share of the stroke network's probability spread evenly over all labels: somebody may write a character in a
# way that it never saw
UNIFORM_SHARE = 0.03
MIN_LENGTH = 1e-6  # of the path's size; also guards divisions

Strokes = Sequence[np.ndarray]


def pen_path(strokes: Strokes) -> np.ndarray:
    """A character's strokes as the network sees them.

    Args:
        strokes: points (n, 2) of each, x and y, y down, in any unit.

    Returns:
        float32 (PATH_POINTS, POINT_FEATURES). The longer side of the character is 1, its centre is at 0, 0.
        From the end of a stroke to the start of the next one the path is straight, with the pen up.
    """
    points = np.concatenate(strokes)
    down = np.concatenate([np.arange(len(stroke)) > 0 for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / max((high - low).max(), MIN_LENGTH)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    moved = np.append(True, lengths > MIN_LENGTH)
    points, down = points[moved], down[moved]
    if len(points) < 2:
        return np.zeros((PATH_POINTS, POINT_FEATURES), np.float32)
    distances = np.append(0, np.cumsum(lengths[moved[1:]]))
    ends = np.linspace(0, distances[-1], PATH_POINTS + 1)
    x, y = (np.interp(ends, distances, values) for values in points.T)
    middles = (ends[1:] + ends[:-1]) / 2
    segment = np.clip(np.searchsorted(distances, middles, side="right"), 1, len(points) - 1)
    steps = np.diff(np.stack([x, y]), axis=1)
    direction = steps / (np.hypot(*steps) + MIN_LENGTH)
    centres = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    return np.column_stack([*centres, *direction, down[segment]]).astype(np.float32)


def combine(
    model: store.Model,
    labels: tuple[str, ...],
    shares: np.ndarray,
    strokes: Sequence[Strokes],
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """Combine a model's probabilities for pictures with those of the stroke network.

    Args:
        model: gave the probabilities. The stroke network's card names the models it is combined with; it
            runs on the same engine.
        labels: of the model.
        shares: (N, labels), each row summing to 1.
        strokes: of each character, as `pen_path` takes them; empty where they are not known.
        weight: of the strokes of each character, (N,) in [0, 1]; 1 by default.

    Returns:
        (N, labels), each row summing to 1; a row without strokes is unchanged.

    Raises:
        ModelError: the stroke network cannot be loaded.
    """
    drawn = [number for number, pen_strokes in enumerate(strokes) if len(pen_strokes)]
    if not drawn or model.name not in _card()["helps"]:
        return shares
    logits = _network(model.engine).logits(np.stack([pen_path(strokes[number]) for number in drawn]))
    by_strokes = softmax(logits, _card()["temperature"]) @ _label_matrix(labels)
    by_strokes /= np.maximum(by_strokes.sum(axis=1, keepdims=True), MIN_LENGTH)
    by_strokes = (1 - UNIFORM_SHARE) * by_strokes + UNIFORM_SHARE / len(labels)
    combined = shares.copy()
    combined[drawn] *= by_strokes if weight is None else by_strokes ** weight[drawn, None]
    return combined / combined.sum(axis=1, keepdims=True)


@cache
def _card() -> dict[str, Any]:
    return store.read_card(store.STROKES)


@cache
def _network(engine: Engine) -> store.Model:
    return store.load_model(store.STROKES, engine=engine)


@cache
def _label_matrix(labels: tuple[str, ...]) -> np.ndarray:
    """Which class of the network counts for which label: (classes, labels).

    Case is merged for labels that come in one case only.
    """
    return np.array(
        [[name == label or (name.lower() == label and label.upper() not in labels) for label in labels]
         for name in _card()["classes"]], float)  # fmt: skip
