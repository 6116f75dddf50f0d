"""Handwriting of other writers with other pens, for testing and error analysis only.

Never for training: a test checks that `training.train` does not import this module. The functions give
pictures as a caller of `Recognizer` would have them, and their labels.
"""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from recognizer import Drawing
from recognizer.io.rasterizer import draw_stroke

CANVAS = 280  # pixels a side of the canvas
SIZES = (0.25, 0.80)  # longer side of a randomly placed character, as a fraction of the canvas: min and max
PENS = (8.0, 24.0)  # pen width of a randomly placed character in pixels: min and max


def strokes62(data_dir: Path) -> list[dict]:
    """Characters of 62 classes as pen strokes from a tablet: label, writer, strokes [[x, y], ...], y down."""
    return _strokes(data_dir / "wild" / "strokes62.json.gz")


def pen_digits(data_dir: Path) -> list[dict]:
    """Digits as pen strokes (UCI pendigits): as `strokes62`, without the writer."""
    return _strokes(data_dir / "wild" / "pen_digits.json.gz")


def draw(strokes: list, side: float, pen: float, left: float, top: float, canvas: int = CANVAS) -> np.ndarray:
    """Draw strokes with a round pen, black on white, like the canvas of the app.

    Args:
        strokes: lists of points [x, y], in any unit, y down.
        side: pixels of the longer side, the pen included.
        pen: pen width in pixels.
        left, top: upper left corner in pixels, the pen included.

    Returns:
        uint8 (canvas, canvas), 0 = ink.
    """
    picture = np.full((canvas, canvas), 255, np.uint8)
    for points in placed(strokes, side, pen, left, top):
        points = points[[0, *range(len(points))]]  # repeat the first point, so that a dot is a line too
        draw_stroke(picture, points, 0, max(1, round(pen)))
    return picture


def placed(strokes: list, side: float, pen: float, left: float, top: float) -> list[np.ndarray]:
    """Scale and move strokes as `draw` does: points in pixels of the canvas, float (n, 2) each."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    corner, extent = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1e-6)
    scale = max(side - pen, 1) / extent
    return [(np.asarray(stroke, float) - corner) * scale + pen / 2 + (left, top) for stroke in strokes]


def free_place(strokes: list, rng: np.random.Generator) -> dict[str, float]:
    """A random size, pen and position for a character, as arguments of `draw` and `placed`."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    side, pen = rng.uniform(*SIZES) * CANVAS, rng.uniform(*PENS)
    extent = np.ptp(points, axis=0)
    width, height = extent / max(extent.max(), 1e-6) * max(side - pen, 1) + pen
    left, top = rng.uniform(0, CANVAS - width), rng.uniform(0, CANVAS - height)
    return {"side": side, "pen": pen, "left": left, "top": top}


def drawn_freely(rows: list[dict], seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Draw each row once with a random position, size and pen width: pictures and labels (N,)."""
    rng = np.random.default_rng(seed)
    pictures = [draw(row["strokes"], **free_place(row["strokes"], rng)) for row in rows]
    return pictures, np.array([row["label"] for row in rows])


def as_strokes(rows: list[dict], seed: int) -> tuple[list[Drawing], np.ndarray]:
    """The same as `drawn_freely`, but as the strokes that a canvas records."""
    rng = np.random.default_rng(seed)
    drawings = []
    for row in rows:
        place = free_place(row["strokes"], rng)
        drawings.append(Drawing(tuple(placed(row["strokes"], **place)), place["pen"], (CANVAS, CANVAS)))
    return drawings, np.array([row["label"] for row in rows])


def photo_characters(data_dir: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """Photographed characters on paper: small colour crops, uint8 (H, W, 3), 62 classes."""
    with zipfile.ZipFile(data_dir / "wild" / "photo_characters.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode())))
        opened = (Image.open(io.BytesIO(archive.read(row["file"]))) for row in rows)
        pictures = [np.asarray(image.convert("RGB")) for image in opened]
    return pictures, np.array([row["label"] for row in rows])


def character_set(data_dir: Path, name: str) -> tuple[list[np.ndarray], np.ndarray]:
    """`cut_characters`, `capitals_by_writer` or `drawn_lower`: grey pictures, uint8 (H, W)."""
    with np.load(data_dir / "wild" / f"{name}.npz", allow_pickle=False) as arrays:
        return list(arrays["images"]), arrays["labels"]


def _strokes(path: Path) -> list[dict]:
    with gzip.open(path, "rt") as file:
        return json.load(file)
