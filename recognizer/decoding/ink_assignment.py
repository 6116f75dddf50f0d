"""Which ink, and which pen strokes, of a line belong to which of its characters."""

from collections.abc import Sequence

import cv2
import numpy as np

from recognizer.decoding.ctc import STEP, Step
from recognizer.layout.line_strips import Strip

ASIDE = 0.35  # of the strip's height: ink this far from every character is nobody's
DOT = 0.2  # of the strip's height: ink this small at the foot of the line is a dot
OF_LINE = 0.3  # of a stroke's points lie on a line's ink, where it is of that line
WHOLE = 0.75  # of its votes for one character: a stroke is that character's alone


def owners(steps: list[Step], ink: np.ndarray) -> np.ndarray:
    """Which character each pixel of a strip's ink belongs to: int (high, W), its number from 1 on, 0 is none.

    Ink that hangs together goes to the character in whose part of the line it lies; where it reaches into
    several, it is cut between them. What is far from every character, a dot between thousands, is nobody's.
    """
    owner = np.zeros(ink.shape, np.int32)
    if not steps:
        return owner
    middles = np.array([STEP * (step.start + step.end) / 2 for step in steps])
    columns = np.arange(ink.shape[1])
    _, parts, stats, _ = cv2.connectedComponentsWithStats((ink >= 0.5).astype(np.uint8), connectivity=8)
    for number, (left, top, width, height, _) in enumerate(stats[1:], 1):
        window = np.s_[top : top + height, left : left + width]
        reached = np.flatnonzero((middles >= left - 1) & (middles <= left + width))
        if not len(reached):
            nearest = int(np.abs(middles - (left + width / 2)).argmin())
            if _is_far(abs(middles[nearest] - (left + width / 2)), top, max(width, height), len(ink)):
                continue
            reached = np.array([nearest])
        here = columns[left : left + width]
        mine = reached[np.abs(here[:, None] - middles[reached]).argmin(axis=1)] + 1
        owner[window] = np.where(parts[window] == number, mine, owner[window])
    return owner


def _is_far(away: float, top: int, side: int, high: int) -> bool:
    """Whether ink is no part of the nearest character: too far aside, or a dot at the foot of the line."""
    return away > ASIDE * high or (side < DOT * high and top > high / 2)


def own_ink(
    strip: Strip, owner: np.ndarray, number: int
) -> tuple[np.ndarray, tuple[float, float, float, float]] | None:
    """A character's ink, float32 (h, w), and its box (x, y, width, height) in pixels of the page's ink.

    None where no ink is its own.
    """
    left, top, width, height = cv2.boundingRect((owner == number).astype(np.uint8))
    if not width:
        return None
    mine = owner[top : top + height, left : left + width] == number
    ys, xs = np.nonzero(mine)
    across, down = strip.to_page @ np.stack([xs + left, ys + top, np.ones(len(xs))])
    pixel = strip.to_page[1, 1]  # one of the strip's, on the page
    box = across.min(), down.min(), np.ptp(across) + pixel, np.ptp(down) + pixel
    return strip.ink[top : top + height, left : left + width] * mine, box


def own_strokes(
    strip: Strip, owner: np.ndarray, strokes: Sequence[np.ndarray]
) -> dict[int, list[np.ndarray]]:
    """For each character of a strip its pen strokes: whole ones, but for those that write several.

    Args:
        strip: of the line.
        owner: int (high, W), from `owners`.
        strokes: points (n, 2) each, in pixels of the page's ink; those of other lines are left out.
    """
    to_strip = cv2.invertAffineTransform(strip.to_page)
    found: dict[int, list[np.ndarray]] = {}
    for stroke in strokes:
        points = _dense(stroke, 1 / to_strip[1, 1])
        x, y = np.rint(to_strip @ np.column_stack([points, np.ones(len(points))]).T).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < owner.shape[1]) & (y < owner.shape[0])
        numbers = np.where(inside, owner[np.where(inside, y, 0), np.where(inside, x, 0)], 0)
        votes = np.bincount(numbers)[1:]
        if votes.sum() < OF_LINE * len(points):
            continue
        if votes.max() >= WHOLE * votes.sum():
            found.setdefault(int(votes.argmax()) + 1, []).append(stroke)
            continue
        known = np.flatnonzero(numbers)
        numbers = numbers[known[np.abs(np.arange(len(points))[:, None] - known).argmin(axis=1)]]
        for run in np.split(np.arange(len(points)), np.flatnonzero(np.diff(numbers)) + 1):
            found.setdefault(int(numbers[run[0]]), []).append(points[run])
    return found


def _dense(points: np.ndarray, step: float) -> np.ndarray:
    """Points along a stroke, at most `step` apart."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.linspace(0, along[-1], max(2, int(np.ceil(along[-1] / step)) + 1))
    return np.column_stack([np.interp(places, along, values) for values in points.T])
