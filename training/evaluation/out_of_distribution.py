"""Drawings that show no character, for testing: not from the distribution that networks are trained on.

`training.synthesis.negatives` makes negatives for training, as glyphs and from training rows. Here they are
drawn with a pen on a canvas, as a person would, or made of two digits of the wild sets.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.data import wild

CANVAS = wild.CANVAS
PENS = (6, 22)  # range of the pen width in pixels

Draw = ImageDraw.ImageDraw


def non_characters(count: int, digits: list[dict], seed: int = 7) -> list[tuple[str, np.ndarray]]:
    """Draw pictures that show no character; every kind is equally frequent.

    Args:
        count: number of pictures.
        digits: characters as pen strokes (training.data.wild) for pictures of two digits.
        seed: of all random numbers.

    Returns:
        For each picture its kind, and the picture: uint8 (CANVAS, CANVAS), 0 = ink.
    """
    rng = np.random.default_rng(seed)
    kinds = [*KINDS, "two digits", "noise"]
    drawings = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        if kind == "two digits":
            picture = _two_digits(digits, rng)
        elif kind == "noise":
            picture = _noise(rng)
        else:
            image = Image.new("L", (CANVAS, CANVAS), 255)
            KINDS[kind](ImageDraw.Draw(image), rng, int(rng.integers(*PENS)))
            picture = np.asarray(image)
        drawings.append((kind, picture))
    return drawings


def _line(draw: Draw, points, pen: int) -> None:
    """A stroke with round ends."""
    path = [tuple(map(float, point)) for point in points]
    draw.line(path, fill=0, width=pen, joint="curve")
    for x, y in (path[0], path[-1]):
        draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=0)


def _blank(draw: Draw, rng, pen: int) -> None:
    """Leaves the picture empty."""


def _dots(draw: Draw, rng, pen: int) -> None:
    for x, y in rng.uniform(50, CANVAS - 50, (rng.integers(2, 7), 2)):
        draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=0)


def _scribble(draw: Draw, rng, pen: int) -> None:
    """A random walk of the pen."""
    position, heading = rng.uniform(100, 180, 2), rng.uniform(0, 2 * np.pi)
    points, bend = [position], rng.uniform(0.4, 1.2)
    for _ in range(rng.integers(60, 160)):
        heading += rng.normal(0, bend)
        position = position + 14 * np.array([np.cos(heading), np.sin(heading)])
        if position.min() < 30 or position.max() > CANVAS - 30:
            heading += np.pi / 2
            position = np.clip(position, 30, CANVAS - 30)
        points.append(position)
    _line(draw, points, min(pen, 12))


def _dashes(draw: Draw, rng, pen: int) -> None:
    rows = np.sort(rng.uniform(70, 210, rng.integers(1, 4)))
    left, right = rng.uniform(30, 90), rng.uniform(190, 250)
    for y in rows:
        _line(draw, [(left + rng.normal(0, 8), y), (right + rng.normal(0, 8), y + rng.normal(0, 6))], pen)


def _geometric(draw: Draw, rng, pen: int) -> None:
    """A square with a cross, a star of lines, a house, a heart, an arrow, or nested squares."""
    shape, side = rng.integers(6), rng.uniform(80, 200)
    left, top = rng.uniform(20, CANVAS - side - 20, 2)

    def at(*points) -> list:
        return [(left + side * x, top + side * y) for x, y in points]

    if shape == 0:
        for line in ([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], [(0, 0), (1, 1)], [(1, 0), (0, 1)]):
            _line(draw, at(*line), min(pen, 14))
    elif shape == 1:
        for angle in np.arange(0, np.pi, np.pi / rng.integers(4, 7)):
            x, y = np.cos(angle) / 2, np.sin(angle) / 2
            _line(draw, at((0.5 - x, 0.5 - y), (0.5 + x, 0.5 + y)), min(pen, 12))
    elif shape == 2:
        _line(draw, at((0, 1), (0, 0.45), (0.5, 0), (1, 0.45), (1, 1), (0, 1)), min(pen, 14))
        _line(draw, at((0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1)), min(pen, 10))
    elif shape == 3:
        t = np.linspace(0, 2 * np.pi, 40)
        x = 0.5 + 0.5 * np.sin(t) ** 3
        y = 0.45 - (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 32
        _line(draw, at(*zip(x, y, strict=True)), min(pen, 14))
    elif shape == 4:
        _line(draw, at((0, 0.5), (1, 0.5)), min(pen, 14))
        for y in (0.2, 0.8):
            _line(draw, at((0.7, y), (1, 0.5)), min(pen, 14))
    else:
        for inset in (0, 0.18, 0.36):
            ends = inset, 1 - inset
            corners = [(ends[0], ends[0]), (ends[1], ends[0]), (ends[1], ends[1]), (ends[0], ends[1])]
            _line(draw, at(*corners, corners[0]), min(pen, 10))


KINDS: dict[str, Callable[[Draw, np.random.Generator, int], None]] = {
    "blank": _blank, "dots": _dots, "scribble": _scribble, "dashes": _dashes, "geometric": _geometric
}  # fmt: skip


def _two_digits(digits: list[dict], rng) -> np.ndarray:
    """Two digits side by side, close together or touching."""
    first, second = (digits[index]["strokes"] for index in rng.choice(len(digits), 2))
    pen, side = rng.uniform(6, 14), rng.uniform(70, 115)
    top = rng.uniform(30, 120)
    left_digit = wild.placed(first, side, pen, 30, top)
    edge = max(points[:, 0].max() for points in left_digit)
    right_digit = wild.placed(second, side * rng.uniform(0.85, 1.15), pen, edge + rng.uniform(0, 25), top)
    image = Image.new("L", (CANVAS, CANVAS), 255)
    for points in (*left_digit, *right_digit):
        _line(ImageDraw.Draw(image), points if len(points) > 1 else np.repeat(points, 2, axis=0), round(pen))
    return np.asarray(image)


def _noise(rng) -> np.ndarray:
    """Random grey values, pixel by pixel or blurred to clouds."""
    grey = Image.fromarray(rng.integers(0, 256, (CANVAS, CANVAS), dtype=np.uint8).astype(np.uint8))
    if rng.random() < 0.5:
        cloudy = np.asarray(grey.filter(ImageFilter.GaussianBlur(rng.uniform(2, 10))), float)
        cloudy = (cloudy - cloudy.min()) / max(np.ptp(cloudy), 1e-6) * 255
        return cloudy.astype(np.uint8)
    return np.asarray(grey)
