"""Pen strokes recorded by a drawing canvas, drawn as a picture with a finer pen than the writer's.

A heavy pen closes the loops of small letters, and no picture shows what it covered. The strokes still do:
drawn again with a pen as fine as on NIST's forms, more characters are read correctly.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from recognizer.io.rasterizer import draw_stroke

FINE_PEN = 0.08  # of the character's longer side: a little finer than preprocessing.normalize.PEN_RANGE
MIN_PEN = 2.0  # pixels
WORD_ASPECT = 1.5  # a drawing wider than this many times its height is taken for a word
CURVE_STEPS = np.linspace(0, 1, 7)[1:, None]  # a curve is drawn as six straight pieces
MAX_SIDE = 5_000  # pixels; a larger canvas is cut off


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes on a canvas. `Recognizer` takes a drawing wherever it takes a picture.

    Attributes:
        strokes: points (n, 2) each, x and y in pixels of the canvas, y down.
        pen: the writer's pen width in pixels.
        size: width and height of the canvas in pixels.
    """

    strokes: tuple[np.ndarray, ...]
    pen: float
    size: tuple[int, int]

    @classmethod
    def from_canvas(cls, drawn: dict[str, Any] | None, size: tuple[int, int]) -> "Drawing | None":
        """Take the strokes from a Fabric.js canvas, such as the `json_data` of streamlit-drawable-canvas.

        Args:
            drawn: the canvas as JSON.
            size: width and height of the canvas in pixels.

        Returns:
            The drawing; None if the canvas is empty or holds anything but pen strokes: then use its picture.
        """
        paths = (drawn or {}).get("objects", [])
        if not paths or any(path.get("type", "").lower() != "path" for path in paths):
            return None
        strokes = tuple(_stroke_on_canvas(path) for path in paths)
        return cls(strokes, float(np.median([path["strokeWidth"] for path in paths])), size)

    def picture(self) -> np.ndarray:
        """Draw the strokes with a fine pen.

        Returns:
            uint8 (height, width), black on white.
        """
        width, height = (min(side, MAX_SIDE) for side in self.size)
        paper = np.full((height, width), 255, np.uint8)
        pen = max(1, round(self._fine_pen()))
        for points in self.strokes:
            with_start_twice = points[[0, *range(len(points))]]  # makes a line of a dot, too
            draw_stroke(paper, with_start_twice, 0, pen)
        return paper

    def scaled(self, factor: float) -> "Drawing":
        """The same drawing on a larger or smaller canvas.

        Args:
            factor: new size over old size.
        """
        strokes = tuple(factor * points for points in self.strokes)
        width, height = (max(1, round(factor * side)) for side in self.size)
        return Drawing(strokes, factor * self.pen, (width, height))

    def cropped_to(self, strokes: list[np.ndarray]) -> "Drawing":
        """Some of the strokes, or parts of them, on a canvas of their own that they fill.

        Args:
            strokes: points (n, 2) each, in pixels of this canvas.
        """
        points = np.concatenate(strokes)
        corner, (width, height) = points.min(axis=0), np.ptp(points, axis=0)
        margin = 2 * self.pen
        size = int(width + 2 * margin) + 1, int(height + 2 * margin) + 1
        return Drawing(tuple(points - corner + margin for points in strokes), self.pen, size)

    def _fine_pen(self) -> float:
        width, height = np.ptp(np.concatenate(self.strokes), axis=0) + self.pen
        character_side = height if width > WORD_ASPECT * height else max(width, height)
        return min(self.pen, max(FINE_PEN * character_side, MIN_PEN))


def _stroke_on_canvas(path: dict[str, Any]) -> np.ndarray:
    """The points (n, 2) of a Fabric.js path on the canvas, after it was moved, turned or scaled there."""
    points = _path_points(path["path"])
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    flip = np.array([-1 if path.get("flipX") else 1, -1 if path.get("flipY") else 1])
    scaled = (points - centre) * flip * (path.get("scaleX", 1), path.get("scaleY", 1))
    angle = np.deg2rad(path.get("angle", 0))
    cosine, sine = np.cos(angle), np.sin(angle)
    return scaled @ np.array([[cosine, sine], [-sine, cosine]]) + (path["left"], path["top"])


def _path_points(commands: list[list[Any]]) -> np.ndarray:
    """Turn move, line and quadratic Bézier commands into points (n, 2)."""
    points = [np.array(commands[0][1:3], float)]
    for name, *numbers in commands[1:]:
        end = np.array(numbers[-2:], float)
        if name == "Q":
            control = np.array(numbers[:2], float)
            start, step = points[-1], CURVE_STEPS
            points += list((1 - step) ** 2 * start + 2 * step * (1 - step) * control + step**2 * end)
        else:
            points.append(end)
    return np.array(points)
