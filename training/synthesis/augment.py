"""Augmentation of one glyph: slant, rotation, stretch, wobble, pen width, serifs added or lost.

Strokes that belong to one character, such as the bar across a 7, come from `training.synthesis.allographs`.
"""

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from recognizer.preprocessing.normalize import GLYPH, glyph
from training.synthesis.allographs import AllographRates, with_allographs
from training.synthesis.pen import INK_THRESHOLD, arc, direction, stroke_on_blank

SHEET_MARGIN = 8  # pixels around the 28x28 glyph, room for added strokes
PEN_SHEET = 112  # pixels a side of the sheet on which the pen is changed
# pen widths, as fractions of the character's longer side
USUAL_PEN = 0.12  # the middle of recognizer.preprocessing.normalize.PEN_RANGE
OTHER_PENS = (
    0.08,
    0.32,
)  # min and max; the heaviest close loops, those below USUAL_PEN leave the ink as it is


@dataclass(frozen=True)
class Augmentation:
    """How much a glyph may vary at full strength; each glyph draws its own strength and amounts.

    The strength is 0 for some glyphs, and uniform in [0, 1] for the others: half of them stay close to the
    original, so the network spends little capacity on extremes. Pixels are those of a 28x28 glyph; a larger
    glyph has proportionally more. The field names are stored in model cards.
    """

    untouched: float = 0.0  # probability that the strength is 0
    rotation: float = 9.0  # degrees, standard deviation, clipped at 15
    slant: float = 0.25  # tangent of the slant, standard deviation
    aspect: float = 0.16  # log of width over height, standard deviation
    size: float = 0.05  # fraction of the longer side, uniform to either side
    bulge: float = 0.0  # shift of the middle, as a fraction of half the height and width, standard deviation
    shift: float = 0.7  # pixels, standard deviation
    wobble: float = 0.8  # pixels, standard deviation of the elastic field
    wobble_knots: int = 5  # knots a side of that field
    thinner: float = 0.6  # maximum erosion, in pixels all round
    thicker: float = 1.0  # maximum dilation, in pixels all round
    serif: float = 0.2  # probability of a bar or a curl at the end of a stroke
    loss: float = 0.15  # probability that a stroke loses its end
    blur: float = 0.3  # probability of blur
    as_read: float = 0.0  # probability of another, often heavy pen, then normalized as the reader does
    habits: AllographRates = field(default_factory=AllographRates)  # probabilities of allographs


def augment(
    image: np.ndarray, label: str, recipe: str, how: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """Vary one glyph as another hand might write it, and fit it again by its recipe.

    Args:
        image: uint8 (side, side), 255 = ink.
        label: the character in its true case; "" if that is not certain.
        recipe: "mnist" (centre of mass) or "emnist" (centre of the bounding box).
        how: the amounts.
        rng: source of randomness.

    Returns:
        float32 (side, side) in [0, 1].
    """
    if not (image > 255 * INK_THRESHOLD).any():
        return image.astype(np.float32) / 255
    strength = rng.random() * (rng.random() >= how.untouched)
    unit = len(image) / GLYPH
    sheet = on_sheet(image.astype(np.float32) / 255, unit)
    longer_side = _longer_side(sheet)
    sheet = with_allographs(sheet, label, how.habits, unit, rng)
    if rng.random() < how.as_read:
        sheet = on_sheet(with_other_pen(sheet, recipe, len(image), rng), unit)
    if rng.random() < how.serif * strength:
        sheet = with_serif(sheet, unit, rng)
    if rng.random() < how.loss * strength:
        sheet = without_stroke_end(sheet, unit, rng)
    moved = _moved(sheet, len(image), longer_side, recipe, how, strength, rng)
    return _with_pen_and_blur(moved, how, strength, rng)


def on_sheet(image: np.ndarray, unit: float) -> np.ndarray:
    """A glyph (side, side) with SHEET_MARGIN * unit blank pixels around it."""
    margin = round(SHEET_MARGIN * unit)
    return cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_CONSTANT)


def with_other_pen(sheet: np.ndarray, recipe: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """Redraw a sheet with a random pen, perhaps so heavy that loops close, and normalize it like the reader.

    Args:
        sheet: float32 (H, H) in [0, 1].
        recipe: "mnist" or "emnist".
        size: pixels a side of the result.
        rng: source of randomness.

    Returns:
        float32 (size, size) in [0, 1].
    """
    ink = (cv2.resize(sheet, (PEN_SHEET, PEN_SHEET), interpolation=cv2.INTER_CUBIC) > 0.5).astype(np.uint8)
    grow = round((rng.uniform(*OTHER_PENS) - USUAL_PEN) / 2 * _longer_side(sheet) * PEN_SHEET / len(sheet))
    if grow > 0:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1)))
    return glyph(ink.astype(np.float32), recipe, size)


def with_serif(sheet: np.ndarray, unit: float, rng: np.random.Generator) -> np.ndarray:
    """Add a short bar or a curl in a random direction at the end of a stroke.

    Args:
        sheet: float32 (H, W) in [0, 1].
        unit: pixels of the sheet per pixel of a 28x28 glyph.
        rng: source of randomness.
    """
    end = np.array(_stroke_end(sheet, rng), float)
    angle = rng.uniform(0, 360)
    if rng.random() < 0.5:
        stroke = np.array([end, end + unit * rng.uniform(2, 5) * direction(np.deg2rad(angle))])
    else:
        radius = unit * rng.uniform(1.5, 2.5)
        sweep = rng.choice([-1, 1]) * rng.uniform(110, 220)
        stroke = arc(end - radius * direction(np.deg2rad(angle)), radius, angle, sweep)
    return np.maximum(sheet, stroke_on_blank(stroke, round(2 * unit), sheet.shape))


def without_stroke_end(sheet: np.ndarray, unit: float, rng: np.random.Generator) -> np.ndarray:
    """Erase a disc of ink at the end of a stroke; arguments as of `with_serif`."""
    radius = round(unit * int(rng.integers(1, 4)))
    return sheet * cv2.circle(np.ones(sheet.shape, np.uint8), _stroke_end(sheet, rng), radius, 0, -1)


def _stroke_end(image, rng) -> tuple[int, int]:
    """The ink pixel farthest in a random direction: most often the end of a stroke."""
    ys, xs = np.nonzero(image > INK_THRESHOLD)
    angle = rng.uniform(0, 2 * np.pi)
    index = np.argmax(np.cos(angle) * xs + np.sin(angle) * ys)
    return int(xs[index]), int(ys[index])


def _longer_side(image: np.ndarray) -> int:
    """The longer side of the ink's bounding box, in pixels."""
    return max(cv2.boundingRect((image > INK_THRESHOLD).astype(np.uint8))[2:])


def _moved(sheet, size, longer_side, recipe, how, strength, rng) -> np.ndarray:
    """Map a sheet to a glyph: an affine change about the middle and elastic wobble, in one resampling.

    Args:
        size: pixels a side of the glyph.
        longer_side: pixels of the character's longer side in the glyph.
    """
    ys, xs = np.nonzero(sheet > INK_THRESHOLD)
    forward = _affine(how, strength, rng)
    points = forward @ np.stack([xs, ys]).astype(np.float32)
    low, high = points.min(axis=1), points.max(axis=1)
    scale = longer_side / ((high - low).max() + 1) * (1 + strength * rng.uniform(-how.size, how.size))
    if recipe == "mnist":
        middle = points @ sheet[ys, xs] / sheet[ys, xs].sum()
        centre = size / 2
    else:
        middle = (low + high) / 2
        centre = (size - 1) / 2
    unit = size / GLYPH
    back = np.linalg.inv(forward * scale).astype(np.float32)
    shift = rng.normal(0, strength * how.shift * unit, 2).astype(np.float32) + centre
    start = np.linalg.inv(forward).astype(np.float32) @ middle.astype(np.float32) - back @ shift
    knots = rng.normal(0, strength * how.wobble * unit, (2, how.wobble_knots, how.wobble_knots))
    wobble_x, wobble_y = (
        cv2.resize(axis.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC) for axis in knots
    )
    grid_x, grid_y = _pixel_grid(size)
    map_x = back[0, 0] * grid_x + back[0, 1] * grid_y + (start[0] + wobble_x)
    map_y = back[1, 0] * grid_x + back[1, 1] * grid_y + (start[1] + wobble_y)
    if how.bulge:
        map_x, map_y = (
            _bulged(coordinates, ink, strength * how.bulge, rng)
            for coordinates, ink in ((map_x, xs), (map_y, ys))
        )
    return np.clip(cv2.remap(sheet, map_x, map_y, cv2.INTER_CUBIC), 0, 1)


def _bulged(coordinates: np.ndarray, ink: np.ndarray, amount: float, rng) -> np.ndarray:
    """Source coordinates with which one half of the character grows and the other shrinks; its ends stay."""
    half = np.float32(np.ptp(ink) / 2 + 0.5)
    along = np.clip((coordinates - np.float32(ink.min() + np.ptp(ink) / 2)) / half, -1, 1)
    shift = np.float32(np.clip(rng.normal(0, amount), -0.4, 0.4))
    return coordinates + shift * half * (1 - along**2)


@cache
def _pixel_grid(size: int) -> list[np.ndarray]:
    return np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))


def _affine(how: Augmentation, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A random rotation after a random stretch and slant, (2, 2)."""
    angle = np.deg2rad(np.clip(rng.normal(0, strength * how.rotation), -15, 15))
    stretch = np.exp(rng.normal(0, strength * how.aspect) / 2)
    slant = rng.normal(0, strength * how.slant)
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return rotation @ np.array([[stretch, slant], [0, 1 / stretch]], np.float32)


def _with_pen_and_blur(glyph: np.ndarray, how: Augmentation, strength: float, rng) -> np.ndarray:
    """A glyph float32 (side, side) with a thinner or thicker pen, sometimes blurred, at full range."""
    varied = _with_pen(glyph, strength * rng.uniform(-how.thinner, how.thicker))
    if rng.random() < how.blur * strength:
        varied = cv2.GaussianBlur(varied, (3, 3), rng.uniform(0.3, 0.8))
    return varied / max(float(varied.max()), INK_THRESHOLD)  # both recipes use the full range


def _with_pen(image: np.ndarray, amount: float) -> np.ndarray:
    """Blend towards one more pixel of ink all round (amount 1) or one less (amount -1)."""
    change = cv2.dilate if amount > 0 else cv2.erode
    changed = change(image, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return image + abs(amount) * (changed - image)
