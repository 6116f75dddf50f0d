"""Strokes of a pen, and the ink of a character that they are added to."""

from dataclasses import dataclass

import cv2
import numpy as np

INK = 0.3  # a pixel this dark belongs to the character

Stroke = np.ndarray  # points (n, 2), x and y


@dataclass(frozen=True)
class Ink:
    """Where a character's ink is, and the ends that strokes are added to."""

    xs: np.ndarray
    ys: np.ndarray
    foot_reach: float = 0.35  # of the height: how far a foot reaches to either side, at most

    @property
    def height(self) -> int:
        return int(np.ptp(self.ys)) + 1

    def end(self, x: float, y: float) -> np.ndarray:
        """The ink farthest in a direction."""
        index = np.argmax(x * self.xs + y * self.ys)
        return np.array([self.xs[index], self.ys[index]], float)

    def row(self, y: float) -> np.ndarray:
        """The middle of the ink at one height, or at the nearest that has ink."""
        away = np.abs(self.ys - y)
        return np.array([self.xs[away < away.min() + 1].mean(), y])


def drawn(points: Stroke, pen: int, shape: tuple[int, int]) -> np.ndarray:
    """A stroke through points (n, 2), `pen` pixels wide, as float32 (H, W) in [0, 1]."""
    path = np.rint(16 * points).astype(np.int32)[:, None]
    sheet = np.zeros(shape, np.uint8)
    return cv2.polylines(sheet, [path], False, 255, pen, cv2.LINE_AA, 4).astype(np.float32) / 255


def direction(angle: float) -> np.ndarray:
    """The unit vector at an angle in radians, clockwise from the right as y points down."""
    return np.array([np.cos(angle), np.sin(angle)])


def arc(centre: np.ndarray, radius: float, begin: float, turn: float) -> Stroke:
    """Points on a circle, from `begin` degrees on, clockwise as y points down."""
    return np.array(
        [centre + radius * direction(np.deg2rad(begin + turn * part)) for part in np.linspace(0, 1, 9)]
    )


def bezier(start: np.ndarray, first: np.ndarray, second: np.ndarray, end: np.ndarray) -> Stroke:
    """Points on a cubic curve from start to end, drawn towards the two points between."""
    t = np.linspace(0, 1, 9)[:, None]
    return (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end
