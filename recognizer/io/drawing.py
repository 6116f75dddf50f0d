"""Pen strokes, as a drawing canvas records them: a picture whose pen can be chosen after it was drawn.

A heavy pen closes the loops of small letters, and no picture shows what was under it. The strokes do: drawn
again with a pen as fine as those of NIST's forms, more of them are read (training/README.md has by how much).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

FINE_PEN = 0.08  # of the character's longer side: a little finer than normalize.PEN_RANGE
THINNEST = 2.0  # pixels
WORD = 1.5  # a drawing wider than this many times its height is taken for a word
BEND = np.linspace(0, 1, 7)[1:, None]  # a curve is drawn as six straight pieces
FRACTION_BITS = 4  # cv2 takes coordinates in sixteenths of a pixel
MOST_SIDE = 5_000  # pixels: no canvas is larger


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes on a canvas; `Recognizer` takes it as it takes a picture.

    Attributes:
        strokes: points (n, 2) each, x and y in pixels of the canvas, y down.
        pen: the width in pixels that they were drawn with.
        size: width and height of the canvas in pixels.
    """

    strokes: tuple[np.ndarray, ...]
    pen: float
    size: tuple[int, int]

    @classmethod
    def from_canvas(cls, drawn: dict[str, Any] | None, size: tuple[int, int]) -> "Drawing | None":
        """The strokes of a Fabric.js canvas, such as streamlit-drawable-canvas gives as `json_data`.

        Args:
            drawn: the canvas as JSON.
            size: its width and height in pixels.

        Returns:
            None where nothing was drawn, or anything but pen strokes: then only the picture tells.
        """
        paths = (drawn or {}).get("objects", [])
        if not paths or any(one.get("type", "").lower() != "path" for one in paths):
            return None
        strokes = tuple(_on_canvas(one) for one in paths)
        return cls(strokes, float(np.median([one["strokeWidth"] for one in paths])), size)

    def picture(self) -> np.ndarray:
        """What it looks like, drawn with a fine pen.

        Returns:
            uint8 (height, width), black on white.
        """
        width, height = (min(side, MOST_SIDE) for side in self.size)
        paper = np.full((height, width), 255, np.uint8)
        pen = max(1, round(self._fine_pen()))
        for points in self.strokes:
            # a dot is a line too
            path = np.rint(points[[0, *range(len(points))]] * 2**FRACTION_BITS).astype(np.int32)
            cv2.polylines(paper, [path[:, None]], False, 0, pen, cv2.LINE_AA, FRACTION_BITS)
        return paper

    def scaled(self, by: float) -> "Drawing":
        """The same on a larger or smaller canvas.

        Args:
            by: how many times as large.
        """
        strokes = tuple(by * points for points in self.strokes)
        width, height = (max(1, round(by * side)) for side in self.size)
        return Drawing(strokes, by * self.pen, (width, height))

    def of(self, strokes: list[np.ndarray]) -> "Drawing":
        """Some of its strokes, or parts of them, alone on a canvas that they fill.

        Args:
            strokes: points (n, 2) each, in pixels of this canvas.
        """
        every = np.concatenate(strokes)
        low, (width, height) = every.min(axis=0), np.ptp(every, axis=0)
        room = 2 * self.pen
        size = int(width + 2 * room) + 1, int(height + 2 * room) + 1
        return Drawing(tuple(points - low + room for points in strokes), self.pen, size)

    def _fine_pen(self) -> float:
        every = np.concatenate(self.strokes)
        width, height = np.ptp(every, axis=0) + self.pen
        side = height if width > WORD * height else max(width, height)
        return min(self.pen, max(FINE_PEN * side, THINNEST))


def _on_canvas(path: dict[str, Any]) -> np.ndarray:
    """A Fabric.js path as points (n, 2) on the canvas, wherever it was moved to, turned or scaled."""
    points = _points(path["path"])
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    flip = np.array([-1 if path.get("flipX") else 1, -1 if path.get("flipY") else 1])
    scaled = (points - centre) * flip * (path.get("scaleX", 1), path.get("scaleY", 1))
    angle = np.deg2rad(path.get("angle", 0))
    cosine, sine = np.cos(angle), np.sin(angle)
    return scaled @ np.array([[cosine, sine], [-sine, cosine]]) + (path["left"], path["top"])


def _points(commands: list[list[Any]]) -> np.ndarray:
    """Move, line and quadratic Bezier commands as points (n, 2)."""
    points = [np.array(commands[0][1:3], float)]
    for name, *numbers in commands[1:]:
        end = np.array(numbers[-2:], float)
        if name == "Q":
            bend = np.array(numbers[:2], float)
            start = points[-1]
            points += list((1 - BEND) ** 2 * start + 2 * BEND * (1 - BEND) * bend + BEND**2 * end)
        else:
            points.append(end)
    return np.array(points)
