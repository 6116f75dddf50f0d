"""Clutter on a text line that is no character: signs, ruled lines, printed patterns, specks."""

from collections.abc import Callable

import cv2
import numpy as np

from recognizer.io.rasterizer import draw_stroke

# kinds of signs, by where they stand; "dot and dash" is a dot or comma, then a dash or equals sign
SIGNS_BEFORE = ("dollar", "hash", "equals", "slashes", "star", "dash", "colon")
SIGNS_AFTER = ("dash", "equals", "slashes", "hash", "star", "dot and dash", "dot", "colon", "comma")
SEPARATORS = ("dot", "comma", "apostrophe")  # between thousands

Place = tuple[float, float, float]  # x of the left edge, y of the baseline, height of a capital, in pixels


def draw_line(sheet: np.ndarray, points, pen: float, darkness: float = 1.0) -> np.ndarray:
    """The sheet, float32 (H, W), with a line through points (n, 2) of a darkness in [0, 1]."""
    drawn = np.zeros(sheet.shape, np.uint8)
    draw_stroke(drawn, points, 255, max(1, int(pen)))
    return np.maximum(sheet, drawn.astype(np.float32) * (darkness / 255))


def with_sign(sheet: np.ndarray, kind: str, place: Place, pen: int, rng) -> tuple[np.ndarray, float]:
    """Draw a sign.

    Args:
        sheet: float32 (H, W) in [0, 1].
        kind: a key of SIGNS, or "dot and dash".
        place: where it stands and how large it is.
        pen: pixels.
        rng: source of randomness.

    Returns:
        The new sheet, and the x where the next character may begin.
    """
    if kind == "dot and dash":
        sheet, x = with_sign(sheet, rng.choice(["dot", "comma"]), place, pen, rng)
        return with_sign(sheet, rng.choice(["dash", "equals"]), (x, *place[1:]), pen, rng)
    strokes = SIGNS[kind](rng)
    for points in strokes:
        shaken = np.asarray(points, float) + rng.normal(0, 0.03, (len(points), 2))
        on_sheet = np.array(place[:2]) + shaken * place[2] * (1, -1)
        sheet = draw_line(sheet, on_sheet, pen + (kind in ("dot", "colon")) * rng.integers(0, 2))
    width = max(x for points in strokes for x, _ in points)
    return sheet, place[0] + (width + rng.uniform(0.1, 0.2)) * place[2]


# Each of these gives the strokes of a sign: lists of points (x, y) in heights of a capital, measured from the
# left edge and the baseline, y up.


def _dot(rng) -> list:
    return [[(0.08, 0.05), (0.08, 0.02)]]


def _comma(rng) -> list:
    return [[(0.15, 0.08), (0.15 - rng.uniform(0, 0.15), -rng.uniform(0.05, 0.3))]]


def _apostrophe(rng) -> list:
    top = rng.uniform(0.85, 1.05)
    return [[(0.1, top), (0.1, top - rng.uniform(0.1, 0.25))]]


def _colon(rng) -> list:
    return [[(0.08, y), (0.08, y)] for y in (0.15, 0.5)]


def _dash(rng) -> list:
    y, length = rng.uniform(0.25, 0.65), rng.uniform(0.4, 2.2)
    return [[(0, y), (length / 2, y), (length, y)]]


def _equals(rng) -> list:
    y, length, distance = rng.uniform(0.3, 0.5), rng.uniform(0.4, 1.3), rng.uniform(0.15, 0.3)
    return [[(0, y), (length, y)], [(0, y + distance), (length, y + distance)]]


def _slashes(rng) -> list:
    # longer or more slanted than a 1
    lean, top, bottom = rng.uniform(0.35, 0.8), rng.uniform(1.1, 1.4), rng.uniform(-0.35, -0.05)
    distance = rng.uniform(0.2, 0.4)
    return [[(i * distance + lean, top), (i * distance, bottom)] for i in range(rng.integers(1, 3))]


def _hash(rng) -> list:
    width, lean, top = rng.uniform(0.5, 0.8), rng.uniform(0.05, 0.3), rng.uniform(0.85, 1.1)
    upright = [[(width * part + lean, top), (width * part, 0)] for part in (0.3, 0.7)]
    return upright + [[(0, part), (width + lean, part)] for part in (0.3, 0.7)]


def _dollar(rng) -> list:
    part = np.linspace(0, 1, 12)
    bend = 0.25 - 0.25 * np.sin(2 * np.pi * part + 0.6)
    bars = (0.5,) if rng.random() < 0.5 else (0.35, 0.65)
    upright = [[(x / 2 + 0.05, 1.15), (x / 2, -0.15)] for x in bars]
    return [list(zip(bend, 1 - part, strict=True)), *upright]


def _star(rng) -> list:
    centre, reach, turn = np.array([0.3, rng.uniform(0.4, 0.7)]), rng.uniform(0.15, 0.3), rng.uniform(0, 3)
    arms = [reach * np.array([np.cos(turn + k), np.sin(turn + k)]) for k in (0, 1.05, 2.1)]
    return [[centre - arm, centre + arm] for arm in arms]


SIGNS: dict[str, Callable] = {
    "dot": _dot, "comma": _comma, "apostrophe": _apostrophe, "colon": _colon, "dash": _dash,
    "equals": _equals, "slashes": _slashes, "hash": _hash, "dollar": _dollar, "star": _star,
}  # fmt: skip


def with_clutter(sheet: np.ndarray, pen: int, rng) -> np.ndarray:
    """A strip as cut from a photograph: with random clutter, blur and contrast.

    Args:
        sheet: float32 (H, W) in [0, 1], 1 = ink.
        pen: pixels.
        rng: source of randomness.
    """
    for add, rate in (
        (_ruled_line, 0.2),
        (_printed_pattern, 0.25),
        (_neighbour_strokes, 0.2),
        (_specks, 0.15),
        (_rule_remains, 0.12),
    ):
        if rng.random() < rate:
            sheet = add(sheet, pen, rng)
    if rng.random() < 0.4:
        sheet = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(0.3, 0.9)) * rng.uniform(1.0, 1.4)
    if rng.random() < 0.15:
        sheet = (sheet - 0.5) * 4 + 0.5
    return np.clip(sheet, 0, 1).astype(np.float32)


def _ruled_line(sheet, pen, rng) -> np.ndarray:
    height, width = sheet.shape
    y, xs = rng.uniform(0.75, 1.0) * height, np.sort(rng.uniform(-0.2, 1.2, 2)) * width
    points = [(x, y + rng.normal(0, 1)) for x in xs]
    return draw_line(sheet, points, rng.integers(1, 3), rng.uniform(0.3, 1))


def _printed_pattern(sheet, pen, rng) -> np.ndarray:
    """Fine wavy lines in random patches, as on cheques."""
    height, width = sheet.shape
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    angle = rng.uniform(-0.6, 0.6) + rng.choice([0, np.pi / 2])
    wave = rng.uniform(0, 3) * np.sin(x / rng.uniform(8, 30))
    phase = (x * np.sin(angle) + y * np.cos(angle) + wave) / rng.uniform(3, 9)
    patches = cv2.resize(rng.random((3, max(2, width // 20))), (width, height)) > 0.45
    lines = np.clip(3 * np.cos(2 * np.pi * phase) - 2, 0, 1) * patches
    return np.maximum(sheet, rng.uniform(0.1, 0.5) * lines).astype(np.float32)


def _rule_remains(sheet, pen, rng) -> np.ndarray:
    """Short level pieces, as left when ruled lines are removed."""
    height, width = sheet.shape
    for _ in range(rng.integers(3, 14)):
        x, y, length = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(2, 12)
        sheet = draw_line(
            sheet, [(x, y), (x + length, y + rng.normal(0, 0.5))], rng.integers(1, 3), rng.uniform(0.3, 1)
        )
    return sheet


def _neighbour_strokes(sheet, pen, rng) -> np.ndarray:
    """Ends of strokes from the line above or below."""
    height, width = sheet.shape
    for _ in range(rng.integers(1, 4)):
        x, edge = rng.uniform(0, width), rng.choice([0, height])
        inward = rng.uniform(1, 6) * (1 if edge == 0 else -1)
        sheet = draw_line(sheet, [(x, edge), (x + rng.normal(0, 5), edge + inward)], pen, rng.uniform(0.4, 1))
    return sheet


def _specks(sheet, pen, rng) -> np.ndarray:
    height, width = sheet.shape
    for _ in range(rng.integers(1, 8)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        sheet = draw_line(sheet, [(x, y), (x + rng.normal(0, 1), y)], 1, rng.uniform(0.2, 1))
    return sheet
