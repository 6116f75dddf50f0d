"""What people do to characters: slant, turn, stretch, wobble, press harder, add or forget a serif.

Strokes that belong to one character, as the bar across a 7, are added by `training.synthesis.allographs`.
"""

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from recognizer.preprocessing.normalize import GLYPH, glyph
from training.synthesis.allographs import Habits, with_habits
from training.synthesis.pen import INK, arc, direction, drawn

SHEET = 8  # pixels around the 28x28 for strokes that are added
FINE = 112  # pixels a side to draw a heavy pen on
USUAL_PEN = 0.12  # of the longer side: in the middle of recognizer.preprocessing.normalize.PEN_RANGE
OTHER_PENS = (0.08, 0.32)  # of the longer side; the heaviest close loops, the finest are left as they are


@dataclass(frozen=True)
class Augmentation:
    """How much of each, at full strength; every character draws its own strength and amounts.

    The strength of some is 0, of the others uniform between 0 and 1: half of the characters stay near to
    what was written, so that the network's capacity is not spent on the extremes. Pixels are those of a
    glyph of 28x28; on a larger glyph there are as many more of them.
    """

    untouched: float = 0.0  # probability that the strength is 0
    rotation: float = 9.0  # degrees, standard deviation, cut at 15
    slant: float = 0.25  # tangent of the slant, standard deviation
    aspect: float = 0.16  # log of width over height, standard deviation
    size: float = 0.05  # of the longer side, uniform to either side
    bulge: float = 0.0  # of the half height, and width: how far the middle moves, standard deviation
    shift: float = 0.7  # pixels, standard deviation
    wobble: float = 0.8  # pixels, standard deviation of the elastic field
    wobble_knots: int = 5  # knots a side of that field
    thinner: float = 0.6  # of a pixel less ink all round, at most
    thicker: float = 1.0  # of a pixel more ink all round, at most
    serif: float = 0.2  # probability that a stroke gets a bar or a curl at its end
    loss: float = 0.15  # probability that a stroke loses its end
    blur: float = 0.3  # probability of a soft picture
    as_read: float = 0.0  # probability of another, often heavy pen, then thinned as the reader thins it
    habits: Habits = field(default_factory=Habits)  # strokes added by label


def augment(
    image: np.ndarray, label: str, recipe: str, how: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """One glyph as another hand might have written it, fitted again as its recipe fits.

    Args:
        image: uint8 (side, side), 255 = ink.
        label: what it is, in its true case; "" where that is not known for sure.
        recipe: "mnist" (centred by mass) or "emnist" (centred by the box).
        how: the amounts.
        rng: source of all chance.

    Returns:
        float32 (side, side) in [0, 1].
    """
    if not (image > 255 * INK).any():
        return image.astype(np.float32) / 255
    strength = rng.random() * (rng.random() >= how.untouched)
    unit = len(image) / GLYPH
    sheet = _sheet(image.astype(np.float32) / 255, unit)
    side = _side(sheet)
    sheet = with_habits(sheet, label, how.habits, unit, rng)
    if rng.random() < how.as_read:
        sheet = _sheet(_as_read(sheet, recipe, len(image), rng), unit)
    if rng.random() < how.serif * strength:
        sheet = _with_serif(sheet, unit, rng)
    if rng.random() < how.loss * strength:
        sheet = _without_end(sheet, unit, rng)
    varied = _moved(sheet, len(image), side, recipe, how, strength, rng)
    return worn(varied, how, strength, rng)


def worn(glyph: np.ndarray, how: Augmentation, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A glyph float32 (side, side) with a thinner or thicker pen, and sometimes softer."""
    worn = _with_pen(glyph, strength * rng.uniform(-how.thinner, how.thicker))
    if rng.random() < how.blur * strength:
        worn = cv2.GaussianBlur(worn, (3, 3), rng.uniform(0.3, 0.8))
    return worn / max(float(worn.max()), INK)  # both recipes use the full range


def _sheet(image: np.ndarray, unit: float) -> np.ndarray:
    margin = round(SHEET * unit)
    return cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_CONSTANT)


def _side(image: np.ndarray) -> int:
    """The longer side of the ink's box."""
    return max(cv2.boundingRect((image > INK).astype(np.uint8))[2:])


def _as_read(image: np.ndarray, recipe: str, size: int, rng) -> np.ndarray:
    """Redrawn with another pen, perhaps so heavy that loops close; then brought to a glyph by the reader."""
    ink = (cv2.resize(image, (FINE, FINE), interpolation=cv2.INTER_CUBIC) > 0.5).astype(np.uint8)
    grow = round((rng.uniform(*OTHER_PENS) - USUAL_PEN) / 2 * _side(image) * FINE / len(image))
    if grow > 0:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1)))
    return glyph(ink.astype(np.float32), recipe, size)


def _moved(image, size, side, recipe, how, strength, rng) -> np.ndarray:
    """From the sheet into the glyph: affine change about the middle and elastic wobble, in one resampling.

    Args:
        size: pixels a side of the glyph.
        side: pixels of the character's longer side in it.
    """
    ys, xs = np.nonzero(image > INK)
    forward = _affine(how, strength, rng)
    points = forward @ np.stack([xs, ys]).astype(np.float32)
    low, high = points.min(axis=1), points.max(axis=1)
    scale = side / ((high - low).max() + 1) * (1 + strength * rng.uniform(-how.size, how.size))
    if recipe == "mnist":
        middle = points @ image[ys, xs] / image[ys, xs].sum()
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
        cv2.resize(one.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC) for one in knots
    )
    grid_x, grid_y = _grid(size)
    map_x = back[0, 0] * grid_x + back[0, 1] * grid_y + (start[0] + wobble_x)
    map_y = back[1, 0] * grid_x + back[1, 1] * grid_y + (start[1] + wobble_y)
    if how.bulge:
        map_x, map_y = (
            _bulged(places, ink, strength * how.bulge, rng) for places, ink in ((map_x, xs), (map_y, ys))
        )
    return np.clip(cv2.remap(image, map_x, map_y, cv2.INTER_CUBIC), 0, 1)


def _bulged(places: np.ndarray, ink: np.ndarray, amount: float, rng) -> np.ndarray:
    """Where to take ink from so that a character's one half grows at the cost of the other; its ends stay."""
    half = np.float32(np.ptp(ink) / 2 + 0.5)
    along = np.clip((places - np.float32(ink.min() + np.ptp(ink) / 2)) / half, -1, 1)
    moved = np.float32(np.clip(rng.normal(0, amount), -0.4, 0.4))
    return places + moved * half * (1 - along**2)


@cache
def _grid(size: int) -> list[np.ndarray]:
    return np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))


def _affine(how: Augmentation, strength: float, rng: np.random.Generator) -> np.ndarray:
    angle = np.deg2rad(np.clip(rng.normal(0, strength * how.rotation), -15, 15))
    stretch = np.exp(rng.normal(0, strength * how.aspect) / 2)
    slant = rng.normal(0, strength * how.slant)
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return rotation @ np.array([[stretch, slant], [0, 1 / stretch]], np.float32)


def _with_pen(image: np.ndarray, amount: float) -> np.ndarray:
    """Towards one pixel more of ink all round (amount 1) or less (amount -1)."""
    change = cv2.dilate if amount > 0 else cv2.erode
    thick = change(image, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return image + abs(amount) * (thick - image)


def _end(image, rng) -> tuple[int, int]:
    """The ink farthest in a random direction, which is most often the end of a stroke."""
    ys, xs = np.nonzero(image > INK)
    angle = rng.uniform(0, 2 * np.pi)
    index = np.argmax(np.cos(angle) * xs + np.sin(angle) * ys)
    return int(xs[index]), int(ys[index])


def _with_serif(image, unit, rng) -> np.ndarray:
    """A short bar or a curl at an end of a stroke, in any direction."""
    end = np.array(_end(image, rng), float)
    angle = rng.uniform(0, 360)
    if rng.random() < 0.5:
        stroke = np.array([end, end + unit * rng.uniform(2, 5) * direction(np.deg2rad(angle))])
    else:
        radius = unit * rng.uniform(1.5, 2.5)
        turn = rng.choice([-1, 1]) * rng.uniform(110, 220)
        stroke = arc(end - radius * direction(np.deg2rad(angle)), radius, angle, turn)
    return np.maximum(image, drawn(stroke, round(2 * unit), image.shape))


def _without_end(image, unit, rng) -> np.ndarray:
    """A disc of ink less at an end of a stroke."""
    radius = round(unit * int(rng.integers(1, 4)))
    return image * cv2.circle(np.ones(image.shape, np.uint8), _end(image, rng), radius, 0, -1)
