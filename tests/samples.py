"""The sample pictures of the README, drawn from stroke templates in a tidy hand on shaded paper.

python -m tests.samples      writes docs/sample.png, docs/digit.png and docs/number.png
"""

from pathlib import Path

import cv2
import numpy as np

from recognizer.io.rasterizer import draw_stroke
from training.synthesis.stroke_templates import templates
from training.tools.browser import ROOT

PAPER = np.array([226.0, 238.0, 242.0])  # blue, green, red
INK = np.array([110.0, 55.0, 30.0])
WIDTH = 0.68  # of a character, relative to its template's square box
SLANT = 0.12  # horizontal shift per unit of height
GAP, SPACE = 0.28, 0.6  # between characters and between words, relative to their height
MARGIN, PITCH = 60, 1.75  # pixels around the writing; distance of lines relative to their height


def character(label: str, rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes of the first template of a character, slightly varied: points (n, 2), y down."""
    width, slant = WIDTH * np.exp(rng.normal(0, 0.08)), rng.normal(SLANT, 0.04)
    hand = np.array([[width, -slant], [0, 1]])
    return [smooth(stroke + rng.normal(0, 0.014, stroke.shape)) @ hand.T for stroke in templates()[label][0]]


def smooth(points: np.ndarray) -> np.ndarray:
    """Round the corners of a polyline (Chaikin 1974)."""
    for _ in range(3):
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.vstack([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
    return points


def written(lines: tuple[str, ...], height: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes of lines of characters, each `height` pixels tall, in pixels of the sheet."""
    strokes: list[np.ndarray] = []
    for row, text in enumerate(lines):
        x, baseline = float(MARGIN), MARGIN + height * (1 + PITCH * row)
        for label in text:
            if label == " ":
                x += SPACE * height
                continue
            drawn = character(label, rng)
            points = np.vstack(drawn)
            corner, extent = points.min(axis=0), np.ptp(points, axis=0)
            scale = min(height * rng.uniform(0.92, 1.05) / extent[1], height / max(extent[0], 1e-6))
            place = np.array([x, baseline - scale * extent[1] + rng.normal(0, 0.02 * height)])
            strokes += [scale * (stroke - corner) + place for stroke in drawn]
            x += scale * extent[0] + GAP * height * rng.uniform(0.85, 1.15)
    return strokes


def sheet(*lines: str, height: int = 64, pen: int = 6, seed: int = 1) -> np.ndarray:
    """A picture of handwriting: uint8 (H, W, 3), blue, green, red."""
    rng = np.random.default_rng(seed)
    strokes = written(lines, height, rng)
    tall = round(2 * MARGIN + height * (1 + PITCH * (len(lines) - 1)))
    wide = round(max(stroke[:, 0].max() for stroke in strokes) + MARGIN)
    ink = np.zeros((tall, wide), np.uint8)
    for stroke in strokes:
        draw_stroke(ink, stroke, 255, pen)
    share = ink[..., None] / 255
    light = np.linspace(1, 0.95, tall)[:, None, None] * np.linspace(1, 0.86, wide)[:, None]
    return np.rint((PAPER * (1 - share) + INK * share) * light).astype(np.uint8)


def write(folder: Path) -> None:
    """Write the sample pictures into a folder."""
    pictures = {
        "sample.png": sheet("HANDWRITING", "TURNS INTO TEXT", "ON 24 MAY 2026"),
        "digit.png": sheet("7", height=120, pen=12),
        "number.png": sheet("10110"),
    }
    for name, picture in pictures.items():
        (folder / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())


if __name__ == "__main__":
    write(ROOT / "docs")
