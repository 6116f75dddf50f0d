"""What people do to characters: slant, turn, stretch, wobble, press harder, add or forget a serif.

Some habits the American forms of NIST hardly show, and most of the world has them: a 1 begins with
an upstroke and stands on a bar, a 7 is crossed. Those are drawn in, by label.
"""

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
    serif: float = 0.15  # probability that a stroke gets a bar or a curl at its end
    loss: float = 0.12  # probability that a stroke loses its end
    upstroke: float = 0.35  # probability that a 1 gets an upstroke
    foot: float = 0.25  # probability that a 1 gets a bar to stand on
    crossing: float = 0.15  # probability that a 7 gets a bar across
    blur: float = 0.25  # probability of a soft picture


def augment(
    glyph: np.ndarray, label: str, centred_by_mass: bool, how: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """One glyph as another hand might have written it, fitted again as its recipe fits.

    Args:
        glyph: uint8 (28, 28), 255 = ink.
        label: what it is; "" where that is not known for sure.
        centred_by_mass: True for the MNIST recipe, False for the EMNIST recipe (centred by the box).
        how: the amounts.
        rng: source of all chance.

    Returns:
        float32 (28, 28) in [0, 1].
    """
    image = glyph.astype(np.float32) / 255
    if not (image > INK).any():
        return image
    image = _with_habits(image, label, how, rng)
    if rng.random() < how.serif:
        image = _with_serif(image, rng)
    if rng.random() < how.loss:
        image = _without_end(image, rng)
    image = _moved(image, centred_by_mass, how, rng)
    image = _with_pen(image, rng.uniform(-how.pen, how.pen))
    if rng.random() < how.blur:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.3, 0.8))
    return image / max(float(image.max()), INK)  # both recipes use the full range


def _moved(image, centred_by_mass, how, rng) -> np.ndarray:
    """Affine change about the character's middle and elastic wobble, in one resampling."""
    ys, xs = np.nonzero(image > INK)
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


def _with_habits(image, label, how, rng) -> np.ndarray:
    """The upstroke and the foot of a 1, the bar across a 7."""
    ys, xs = np.nonzero(image > INK)
    top, bottom = ys.min(), ys.max()
    height = bottom - top + 1
    strokes = []
    if label == "1":
        x = xs[ys == top].mean()
        if rng.random() < how.upstroke:
            fall, length = np.deg2rad(rng.uniform(22, 65)), height * rng.uniform(0.22, 0.6)
            strokes.append((x, top + 1, x - length * np.cos(fall), top + 1 + length * np.sin(fall)))
        if rng.random() < how.foot:
            x, half = xs[ys == bottom].mean(), height * rng.uniform(0.12, 0.35)
            strokes.append((x - half, bottom - 1, x + half, bottom - 1 + rng.uniform(-2, 2)))
    elif label == "7" and rng.random() < how.crossing:
        y = top + height * rng.uniform(0.4, 0.65)
        x, half = xs[np.abs(ys - y) < 1].mean(), height * rng.uniform(0.15, 0.3)
        strokes.append((x - half, y, x + half, y + rng.uniform(-2, 2)))
    for x0, y0, x1, y1 in strokes:
        image = np.maximum(image, _line((x0, y0), (x1, y1), round(min(max(len(xs) / height, 1), 3))))
    return image


def _line(start: tuple[float, float], end: tuple[float, float], pen: int) -> np.ndarray:
    """A stroke of `pen` pixels from start to end, float32 (28, 28)."""
    ends = [(round(16 * x), round(16 * y)) for x, y in (start, end)]
    drawn = cv2.line(np.zeros((GLYPH, GLYPH), np.uint8), *ends, 255, pen, cv2.LINE_AA, shift=4)
    return drawn.astype(np.float32) / 255


def _end(image, rng) -> tuple[int, int]:
    """The ink farthest in a random direction, which is most often the end of a stroke."""
    ys, xs = np.nonzero(image > INK)
    angle = rng.uniform(0, 2 * np.pi)
    index = np.argmax(np.cos(angle) * xs + np.sin(angle) * ys)
    return int(xs[index]), int(ys[index])


def _with_serif(image, rng) -> np.ndarray:
    """A short bar or a curl at an end of a stroke, in any direction."""
    x, y = _end(image, rng)
    angle = rng.uniform(0, 2 * np.pi)
    if rng.random() < 0.5:
        length = rng.uniform(2, 5)
        return np.maximum(image, _line((x, y), (x + length * np.cos(angle), y + length * np.sin(angle)), 2))
    radius = rng.uniform(1.5, 2.5)
    centre = (round(16 * (x + radius * np.cos(angle))), round(16 * (y + radius * np.sin(angle))))
    begin = float(np.rad2deg(angle)) + 180  # where the curl touches the end
    turn = float(rng.choice([-1, 1]) * rng.uniform(110, 220))
    curl = np.zeros((GLYPH, GLYPH), np.uint8)
    cv2.ellipse(curl, centre, (round(16 * radius),) * 2, 0, begin, begin + turn, 255, 2, cv2.LINE_AA, shift=4)
    return np.maximum(image, curl.astype(np.float32) / 255)


def _without_end(image, rng) -> np.ndarray:
    """A disc of ink less at an end of a stroke."""
    disc = cv2.circle(np.ones((GLYPH, GLYPH), np.uint8), _end(image, rng), int(rng.integers(1, 4)), 0, -1)
    return image * disc
