"""Assign the ink and the pen strokes of a line to its characters."""

from collections.abc import Sequence

import cv2
import numpy as np

from recognizer.decoding.ctc import FRAME_WIDTH, Span
from recognizer.layout.line_strips import Strip

MAX_DISTANCE = 0.35  # of the strip's height: ink farther from every character belongs to none
MAX_DOT_SIDE = 0.2  # of the strip's height: smaller ink in the lower half of the strip is punctuation
MIN_ON_LINE = 0.3  # share of a stroke's points on the ink of a line, for the stroke to belong to that line
MIN_VOTES = 0.75  # share of a stroke's points on one character's ink that gives it the whole stroke


def assign_ink(spans: list[Span], ink: np.ndarray) -> np.ndarray:
    """Which character each pixel of a strip belongs to: int (height, W), numbers from 1, 0 is none.

    A connected component goes to the character in whose part of the line it lies; one that reaches several is
    cut between them. Ink far from every character, such as a dot between thousands, belongs to none.

    Args:
        spans: the characters of the line.
        ink: float32 (height, W) in [0, 1] of the strip.
    """
    owner = np.zeros(ink.shape, np.int32)
    if not spans:
        return owner
    centres = np.array([FRAME_WIDTH * (span.start + span.end) / 2 for span in spans])
    columns = np.arange(ink.shape[1])
    _, components, stats, _ = cv2.connectedComponentsWithStats((ink >= 0.5).astype(np.uint8), connectivity=8)
    for number, (left, top, width, height, _) in enumerate(stats[1:], 1):
        window = np.s_[top : top + height, left : left + width]
        reached = np.flatnonzero((centres >= left - 1) & (centres <= left + width))
        if not len(reached):
            nearest = int(np.abs(centres - (left + width / 2)).argmin())
            distance = abs(centres[nearest] - (left + width / 2))
            if _belongs_to_none(distance, top, max(width, height), len(ink)):
                continue
            reached = np.array([nearest])
        own_columns = columns[left : left + width]
        nearest_reached = np.abs(own_columns[:, None] - centres[reached]).argmin(axis=1)
        numbers = reached[nearest_reached] + 1
        owner[window] = np.where(components[window] == number, numbers, owner[window])
    return owner


def _belongs_to_none(distance: float, top: int, side: int, strip_height: int) -> bool:
    """Whether ink is too far from the nearest character, or is punctuation at the foot of the line."""
    is_dot = side < MAX_DOT_SIDE * strip_height and top > strip_height / 2
    return distance > MAX_DISTANCE * strip_height or is_dot


def character_ink(
    strip: Strip, owner: np.ndarray, number: int
) -> tuple[np.ndarray, tuple[float, float, float, float]] | None:
    """Cut out the ink of one character.

    Args:
        strip: of the line.
        owner: int (height, W), from `assign_ink`.
        number: of the character, from 1.

    Returns:
        Its ink, float32 (h, w), and its box (x, y, width, height) in pixels of the page's ink; None if no ink
        belongs to it.
    """
    left, top, width, height = cv2.boundingRect((owner == number).astype(np.uint8))
    if not width:
        return None
    own = owner[top : top + height, left : left + width] == number
    ys, xs = np.nonzero(own)
    page_xs, page_ys = strip.to_page @ np.stack([xs + left, ys + top, np.ones(len(xs))])
    pixel = strip.to_page[1, 1]  # side of one pixel of the strip, on the page
    box = page_xs.min(), page_ys.min(), np.ptp(page_xs) + pixel, np.ptp(page_ys) + pixel
    return strip.ink[top : top + height, left : left + width] * own, box


def character_strokes(
    strip: Strip, owner: np.ndarray, strokes: Sequence[np.ndarray]
) -> dict[int, list[np.ndarray]]:
    """The pen strokes of each character of a strip; a stroke that writes several characters is cut.

    Args:
        strip: of the line.
        owner: int (height, W), from `assign_ink`.
        strokes: points (n, 2) of each, in pixels of the page's ink. Strokes of other lines are ignored.

    Returns:
        Strokes by the character's number, from 1.
    """
    to_strip = cv2.invertAffineTransform(strip.to_page)
    by_character: dict[int, list[np.ndarray]] = {}
    for stroke in strokes:
        points = _resampled(stroke, 1 / to_strip[1, 1])
        x, y = np.rint(to_strip @ np.column_stack([points, np.ones(len(points))]).T).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < owner.shape[1]) & (y < owner.shape[0])
        numbers = np.where(inside, owner[np.where(inside, y, 0), np.where(inside, x, 0)], 0)
        votes = np.bincount(numbers)[1:]
        if votes.sum() < MIN_ON_LINE * len(points):
            continue
        if votes.max() >= MIN_VOTES * votes.sum():
            by_character.setdefault(int(votes.argmax()) + 1, []).append(stroke)
            continue
        # a point beside all ink goes with the nearest point of the stroke that is on ink
        on_ink = np.flatnonzero(numbers)
        numbers = numbers[on_ink[np.abs(np.arange(len(points))[:, None] - on_ink).argmin(axis=1)]]
        for run in np.split(np.arange(len(points)), np.flatnonzero(np.diff(numbers)) + 1):
            by_character.setdefault(int(numbers[run[0]]), []).append(points[run])
    return by_character


def _resampled(points: np.ndarray, step: float) -> np.ndarray:
    """Points along a stroke, at most `step` apart."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    distances = np.linspace(0, along[-1], max(2, int(np.ceil(along[-1] / step)) + 1))
    return np.column_stack([np.interp(distances, along, values) for values in points.T])
