"""What the sessions draw: strokes as the canvas sends them, and the answers that the app owes for them."""

import base64
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from recognizer import Character, Drawing, Recognizer
from recognizer.io.rasterizer import draw_stroke
from training.data import wild
from training.data.datasets import DATA

CANVAS = 320  # pixels a side of the canvas of the Draw page
BACKGROUND = "#ffffff"
MODELS = {"Digits": "digits", "Letters": "letters", "Both": "anything"}  # as the Draw page reads one
ALONG = np.linspace(0, 1, 7)[:, None, None]  # of a curve: enough to find how far it reaches
SAME = 2.0  # of 255: the mean difference of a glyph and the JPEG of it is below, that of two glyphs above

# what Fabric.js says of every stroke of a pen
PATH: dict[str, Any] = {
    **dict.fromkeys(("lockMovementX", "lockMovementY", "lockRotation", "lockScalingX", "lockScalingY",
                     "lockSkewingX", "lockSkewingY", "lockScalingFlip"), False),
    "type": "Path", "version": "7.4.0", "originX": "center", "originY": "center", "fill": None,
    "stroke": "black", "strokeDashArray": None, "strokeLineCap": "round", "strokeDashOffset": 0,
    "strokeLineJoin": "round", "strokeUniform": False, "strokeMiterLimit": 10, "scaleX": 1, "scaleY": 1,
    "angle": 0, "flipX": False, "flipY": False, "opacity": 1, "shadow": None, "visible": True,
    "backgroundColor": "", "fillRule": "nonzero", "paintFirst": "fill",
    "globalCompositeOperation": "source-over", "skewX": 0, "skewY": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What the Draw page shows of one reading; of an empty canvas, nothing.

    Attributes:
        label: what is read; "" where nothing is.
        alternatives: label and probability, as they are written.
        glyph: what the model saw, uint8 (side, side), 0 = ink; None of an empty canvas.
    """

    label: str = ""
    alternatives: tuple[tuple[str, str], ...] = ()
    glyph: np.ndarray | None = None

    @classmethod
    def owed(cls, character: Character) -> "Answer":
        """What the page has to show of this character."""
        if character.reason == "blank":
            return cls()
        shown = "" if character.reason == "not a character" else character.label
        alternatives = tuple((label, f"{probability:.1%}") for label, probability in character.alternatives)
        return cls(shown, alternatives, np.rint((1 - character.glyph) * 255).astype(np.uint8))

    def same(self, other: "Answer") -> bool:
        """Whether both show the same, to the digit; the glyphs as well as a JPEG can tell."""
        if (self.label, self.alternatives) != (other.label, other.alternatives):
            return False
        if self.glyph is None or other.glyph is None:
            return self.glyph is other.glyph
        if self.glyph.shape != other.glyph.shape:
            return False
        return float(np.abs(self.glyph.astype(float) - other.glyph).mean()) < SAME


@dataclass(frozen=True)
class Drawn:
    """A character as it is drawn, and what has to be read of it after each of its strokes."""

    model: str  # as the page offers it
    strokes: tuple[np.ndarray, ...]  # points (n, 2) in pixels of the canvas
    pen: int
    answers: tuple[Answer, ...]

    def state(self, count: int) -> str:
        """What the canvas sends when the pen lifts from this stroke, the first being 1; 0: it was emptied."""
        return canvas_state(self.strokes[:count], self.pen)


def owed(strokes: Sequence[np.ndarray], pen: int, model: str) -> Drawn:
    """A drawing with the answers that the recognizer gives, here, without the app."""
    reader = _reader(MODELS[model])
    answers = []
    for count in range(1, len(strokes) + 1):
        raw = json.loads(canvas_state(strokes[:count], pen))["drawing"]["raw"]
        answers.append(Answer.owed(reader.character(Drawing.from_canvas(raw, (CANVAS, CANVAS)))))
    return Drawn(model, tuple(strokes), pen, tuple(answers))


_reader = functools.cache(Recognizer.load)


def of_many_people(seed: int) -> Iterator[tuple[list[np.ndarray], int]]:
    """Strokes and pen of characters of wild/strokes62, each at a random place and size, without end."""
    rows, rng = wild.strokes62(DATA), np.random.default_rng(seed)
    while True:
        row = rows[rng.integers(len(rows))]["strokes"]
        place = wild.free_place(row, rng)
        yield wild.placed(row, **place), round(place["pen"])


def canvas_state(strokes: Sequence[np.ndarray], pen: int) -> str:
    """The state that the canvas's component sends, as JSON: Fabric.js's paths, and a picture of them."""
    objects = [_path(points, pen) for points in strokes]
    raw = {"version": PATH["version"], "objects": objects, "background": BACKGROUND}
    return json.dumps({"drawing": {"raw": raw, "data": _picture(strokes, pen)}, "backgroundFit": None})


def _path(points: np.ndarray, pen: int) -> dict[str, Any]:
    """A stroke as Fabric.js smooths it: curves from middle to middle, bent towards the points."""
    points = np.round(np.asarray(points, float), 4)
    middles = np.round((points[:-1] + points[1:]) / 2, 4)
    starts, bends = np.concatenate([points[:1], middles])[:-1], points[:-1]
    curves = [["Q", *bend, *end] for bend, end in zip(bends.tolist(), middles.tolist(), strict=True)]
    path = [["M", *points[0].tolist()], *curves, ["L", *points[-1].tolist()]]
    along = (1 - ALONG) ** 2 * starts + 2 * ALONG * (1 - ALONG) * bends + ALONG**2 * middles
    every = np.concatenate([points[[0, -1]], along.reshape(-1, 2)])
    low, high = every.min(axis=0), every.max(axis=0)
    (left, top), (width, height) = ((low + high) / 2).tolist(), (high - low).tolist()
    place = {"left": left, "top": top, "width": width, "height": height}
    return {**PATH, **place, "strokeWidth": pen, "path": path}


def _picture(strokes: Sequence[np.ndarray], pen: int) -> str:
    """The canvas as a PNG in a data URL."""
    paper = np.full((CANVAS, CANVAS), 255, np.uint8)
    for points in strokes:
        draw_stroke(paper, np.asarray(points)[[0, *range(len(points))]], 0, pen)
    _, png = cv2.imencode(".png", cv2.cvtColor(paper, cv2.COLOR_GRAY2RGBA))
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
