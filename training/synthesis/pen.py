"""Pen strokes, and the ink of a character to which they are added."""

from dataclasses import dataclass

import numpy as np

from recognizer.io.rasterizer import draw_stroke

INK_THRESHOLD = 0.3  # a pixel above this belongs to the character; 1 = full ink

Stroke = np.ndarray  # points (n, 2), x and y


@dataclass(frozen=True)
class Ink:
    """The ink pixels of a character, and the points where strokes can be attached."""

    xs: np.ndarray
    ys: np.ndarray
    foot_reach: float = 0.35  # fraction of the height: maximum reach of a foot bar to either side

    @property
    def height(self) -> int:
        return int(np.ptp(self.ys)) + 1

    def end(self, x: float, y: float) -> np.ndarray:
        """The ink pixel farthest in the direction (x, y)."""
        index = np.argmax(x * self.xs + y * self.ys)
        return np.array([self.xs[index], self.ys[index]], float)

    def row(self, y: float) -> np.ndarray:
        """The point at height y in the middle of the ink there, or of the ink in the nearest row with ink."""
        distance = np.abs(self.ys - y)
        return np.array([self.xs[distance < distance.min() + 1].mean(), y])


def stroke_on_blank(points: Stroke, pen: int, shape: tuple[int, int]) -> np.ndarray:
    """Draw a line through points (n, 2), `pen` pixels wide, on a blank float32 (H, W) in [0, 1]."""
    sheet = np.zeros(shape, np.uint8)
    draw_stroke(sheet, points, 255, pen)
    return sheet.astype(np.float32) / 255


def direction(angle: float) -> np.ndarray:
    """The unit vector at an angle in radians, clockwise from the right because y points down."""
    return np.array([np.cos(angle), np.sin(angle)])


def arc(centre: np.ndarray, radius: float, start: float, sweep: float) -> Stroke:
    """Points on a circle from `start` degrees over `sweep` degrees, clockwise because y points down."""
    return np.array(
        [centre + radius * direction(np.deg2rad(start + sweep * part)) for part in np.linspace(0, 1, 9)]
    )


def bezier(start: np.ndarray, control_1: np.ndarray, control_2: np.ndarray, end: np.ndarray) -> Stroke:
    """Points on a cubic Bezier curve."""
    t = np.linspace(0, 1, 9)[:, None]
    return (
        (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * control_1 + 3 * (1 - t) * t**2 * control_2 + t**3 * end
    )
