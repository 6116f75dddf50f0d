"""Handwriting of other people, with other pens: for measuring and for looking at mistakes.

Never for training: `training.train` does not import this module, and a test holds it to that.
Every function gives pictures as a caller of `Recognizer` would have them, and their labels.
"""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from recognizer import Drawing

CANVAS = 280  # pixels a side of the canvas that strokes are drawn on
SIZES = (0.25, 0.80)  # of the canvas: the longer side of a freely drawn character
PENS = (8.0, 24.0)  # pixels: the pen of a freely drawn character
FRACTION_BITS = 4  # cv2 takes coordinates in sixteenths of a pixel


def strokes62(data_dir: Path) -> list[dict]:
    """Characters of 62 classes as pen strokes on a tablet: label, writer, strokes [[x, y], ...], y down."""
    return _strokes(data_dir / "wild" / "strokes62.json.gz")


def pen_digits(data_dir: Path) -> list[dict]:
    """Digits as pen strokes (UCI pendigits), as `strokes62` without the writer."""
    return _strokes(data_dir / "wild" / "pen_digits.json.gz")


def draw(strokes: list, side: float, pen: float, left: float, top: float, canvas: int = CANVAS) -> np.ndarray:
    """Draw pen strokes with a round pen, black on white, as the canvas of the app does.

    Args:
        strokes: lists of points [x, y], in any units, y down.
        side: pixels of the longer side, the pen included.
        pen: pen width in pixels.
        left, top: pixels of the drawing's upper left corner, the pen included.

    Returns:
        uint8 (canvas, canvas), 0 = ink.
    """
    picture = np.full((canvas, canvas), 255, np.uint8)
    for points in placed(strokes, side, pen, left, top):
        path = np.rint(points[[0, *range(len(points))]] * 2**FRACTION_BITS).astype(
            np.int32
        )  # a dot is a line too
        cv2.polylines(picture, [path[:, None]], False, 0, max(1, round(pen)), cv2.LINE_AA, FRACTION_BITS)
    return picture


def placed(strokes: list, side: float, pen: float, left: float, top: float) -> list[np.ndarray]:
    """The strokes' points in pixels of a canvas, each float (n, 2)."""
    every = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    corner, extent = every.min(axis=0), max(np.ptp(every, axis=0).max(), 1e-6)
    scale = max(side - pen, 1) / extent
    return [(np.asarray(stroke, float) - corner) * scale + pen / 2 + (left, top) for stroke in strokes]


def free_place(strokes: list, rng: np.random.Generator) -> dict[str, float]:
    """A random size, pen and place for a character, as arguments of `draw` and `placed`."""
    every = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    side, pen = rng.uniform(*SIZES) * CANVAS, rng.uniform(*PENS)
    extent = np.ptp(every, axis=0)
    width, height = extent / max(extent.max(), 1e-6) * max(side - pen, 1) + pen
    left, top = rng.uniform(0, CANVAS - width), rng.uniform(0, CANVAS - height)
    return {"side": side, "pen": pen, "left": left, "top": top}


def drawn_freely(rows: list[dict], seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Every row drawn once at a random place, size and pen width."""
    rng = np.random.default_rng(seed)
    pictures = [draw(row["strokes"], **free_place(row["strokes"], rng)) for row in rows]
    return pictures, np.array([row["label"] for row in rows])


def as_strokes(rows: list[dict], seed: int) -> tuple[list[Drawing], np.ndarray]:
    """Every row as `drawn_freely` draws it, but as the strokes that a canvas records."""
    rng = np.random.default_rng(seed)
    drawings = []
    for row in rows:
        how = free_place(row["strokes"], rng)
        drawings.append(Drawing(tuple(placed(row["strokes"], **how)), how["pen"], (CANVAS, CANVAS)))
    return drawings, np.array([row["label"] for row in rows])


def photo_characters(data_dir: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """Characters on paper, photographed: small colour crops, uint8 (H, W, 3), 62 classes."""
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
