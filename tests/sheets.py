"""Pages of writing for tests, of the characters that tests.characters writes down."""

import cv2
import numpy as np

from recognizer.io.rasterizer import draw_stroke
from recognizer.layout import line_strips
from recognizer.layout.segmentation import Page
from recognizer.preprocessing.page_foreground import page_ink
from tests.characters import STROKES
from training.data import wild

PAPER = 225
INK = 60


def page(
    *lines: str,
    tall: int = 60,
    gap: float = 0.35,
    turn: float = 0.0,
    shade: bool = False,
    ruled: bool = False,
) -> np.ndarray:
    """Lines of writing with a pen on paper, a blank for each space: uint8 (H, W).

    Args:
        lines: texts of characters that tests.characters has.
        tall: pixels of a character.
        gap: between characters, of their height.
        turn: degrees that the page is turned clockwise.
        shade: light falls from the left and a shadow lies across.
        ruled: every line stands on a printed one.
    """
    width = int(tall * (2 + max(map(len, lines), default=4) * (0.8 + gap)))
    height = int(tall * (1.5 + 2 * max(1, len(lines))))
    sheet = np.full((height, width), PAPER, np.uint8)
    for row, text in enumerate(lines):
        x, base = float(tall), int(tall * (2 + 2 * row))
        if ruled:
            cv2.line(sheet, (0, base + 2), (width, base + 2), 170, 2)
        for label in text:
            if label != " ":
                x = _write(sheet, label, x, base, tall)
            x += gap * tall if label != " " else 0.8 * tall
    if turn:
        about = cv2.getRotationMatrix2D((width / 2, height / 2), -turn, 0.85)
        sheet = cv2.warpAffine(sheet, about, (width, height), borderValue=PAPER)
    if shade:
        light = np.linspace(1.0, 0.55, width)[None] * np.ones((height, 1))
        light[height // 2 :] *= 0.8
        sheet = np.rint(sheet * cv2.blur(light, (31, 31))).astype(np.uint8)
    return sheet


def _write(sheet: np.ndarray, label: str, x: float, base: int, tall: int) -> float:
    """Draw one character that stands on `base`; gives the x of its right edge."""
    strokes = STROKES[label]
    every = np.concatenate([np.array(stroke, float) for stroke in strokes])
    extent = np.ptp(every, axis=0)
    pen = max(2, round(0.11 * tall))
    side = tall * max(extent) / extent[1]
    for points in wild.placed(strokes, side, pen, x, base - tall):
        draw_stroke(sheet, points, INK, pen)
    return x + tall * extent[0] / extent[1]


def strips(sheet: np.ndarray) -> list[line_strips.Strip]:
    """The lines of a page, 32 pixels high, as a network sees them."""
    laid_out = Page(page_ink(np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)]))[0])
    return [line_strips.strip(laid_out, line, 32, 21) for line in laid_out.lines()]
