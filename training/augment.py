"""What people do to characters: slant, turn, stretch, wobble, press harder, add or forget a serif."""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.glyphs import GLYPH

INK = 0.3  # a pixel this dark belongs to the character when its box is measured
GRID_X, GRID_Y = np.meshgrid(np.arange(GLYPH, dtype=np.float32), np.arange(GLYPH, dtype=np.float32))


@dataclass(frozen=True)
class Augmentation:
    """How much of each; every character draws its own amounts."""

    rotation: float = 7.0  # degrees, standard deviation, cut at 15
    slant: float = 0.18  # tangent of the slant, standard deviation
    aspect: float = 0.12  # log of width over height, standard deviation
    size: float = 0.05  # of the longer side, uniform to either side
    shift: float = 0.7  # pixels, standard deviation
    wobble: float = 0.7  # pixels, standard deviation of the elastic field
    wobble_knots: int = 5  # knots a side of that field
    pen: float = 0.6  # how far towards one pixel more or less, uniform
    serif: float = 0.12  # probability that a stroke gets a bar at its end
    loss: float = 0.12  # probability that a stroke loses its end
    blur: float = 0.25  # probability of a soft picture


def augment(glyph: np.ndarray, centred_by_mass: bool, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """One glyph as another hand might have written it, fitted again as its recipe fits.

    Args:
        glyph: uint8 (28, 28), 255 = ink.
        centred_by_mass: True for the MNIST recipe, False for the EMNIST recipe (centred by the box).
        how: the amounts.
        rng: source of all chance.

    Returns:
        float32 (28, 28) in [0, 1].
    """
    image = glyph.astype(np.float32) / 255
    ys, xs = np.nonzero(image > INK)
    if not len(xs):
        return image
    if rng.random() < how.serif:
        image = _with_serif(image, xs, ys, rng)
    if rng.random() < how.loss:
        image = _without_end(image, xs, ys, rng)
    image = _moved(image, xs, ys, centred_by_mass, how, rng)
    image = _with_pen(image, rng.uniform(-how.pen, how.pen))
    if rng.random() < how.blur:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.3, 0.8))
    return image / max(float(image.max()), INK)  # both recipes use the full range


def _moved(image, xs, ys, centred_by_mass, how, rng) -> np.ndarray:
    """Affine change about the character's middle and elastic wobble, in one resampling."""
    forward = _affine(how, rng)
    points = forward @ np.stack([xs, ys]).astype(np.float32)
    low, high = points.min(axis=1), points.max(axis=1)
    before = max(np.ptp(xs), np.ptp(ys)) + 1
    scale = before / ((high - low).max() + 1) * rng.uniform(1 - how.size, 1 + how.size)
    if centred_by_mass:
        middle = points @ image[ys, xs] / image[ys, xs].sum()
        centre = 14.0
    else:
        middle = (low + high) / 2
        centre = 13.5
    back = np.linalg.inv(forward * scale).astype(np.float32)
    shift = rng.normal(0, how.shift, 2).astype(np.float32) + centre
    start = np.linalg.inv(forward).astype(np.float32) @ middle.astype(np.float32) - back @ shift
    knots = rng.normal(0, how.wobble, (2, how.wobble_knots, how.wobble_knots)).astype(np.float32)
    wobble_x, wobble_y = (cv2.resize(field, (GLYPH, GLYPH), interpolation=cv2.INTER_CUBIC) for field in knots)
    map_x = back[0, 0] * GRID_X + back[0, 1] * GRID_Y + (start[0] + wobble_x)
    map_y = back[1, 0] * GRID_X + back[1, 1] * GRID_Y + (start[1] + wobble_y)
    return np.clip(cv2.remap(image, map_x, map_y, cv2.INTER_CUBIC), 0, 1)


def _affine(how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    angle = np.deg2rad(np.clip(rng.normal(0, how.rotation), -15, 15))
    stretch = np.exp(rng.normal(0, how.aspect) / 2)
    slant = rng.normal(0, how.slant)
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return rotation @ np.array([[stretch, slant], [0, 1 / stretch]], np.float32)


def _with_pen(image: np.ndarray, amount: float) -> np.ndarray:
    """Towards one pixel more of ink all round (amount 1) or less (amount -1)."""
    change = cv2.dilate if amount > 0 else cv2.erode
    thick = change(image, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return image + abs(amount) * (thick - image)


def _end(xs, ys, rng) -> tuple[int, int]:
    """The ink farthest in a random direction, which is most often the end of a stroke."""
    angle = rng.uniform(0, 2 * np.pi)
    index = np.argmax(np.cos(angle) * xs + np.sin(angle) * ys)
    return int(xs[index]), int(ys[index])


def _with_serif(image, xs, ys, rng) -> np.ndarray:
    """A short bar from an end of a stroke, in any direction, as thick as the pen is about."""
    x, y = _end(xs, ys, rng)
    angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(2, 5)
    end = (round(16 * (x + length * np.cos(angle))), round(16 * (y + length * np.sin(angle))))
    bar = cv2.line(np.zeros((GLYPH, GLYPH), np.uint8), (16 * x, 16 * y), end, 255, 2, cv2.LINE_AA, shift=4)
    return np.maximum(image, bar.astype(np.float32) / 255)


def _without_end(image, xs, ys, rng) -> np.ndarray:
    """A disc of ink less at an end of a stroke."""
    disc = cv2.circle(np.ones((GLYPH, GLYPH), np.uint8), _end(xs, ys, rng), int(rng.integers(1, 4)), 0, -1)
    return image * disc
