"""What people do to characters: slant, turn, stretch, wobble, press harder, add or forget a serif.

Some habits the American forms of NIST hardly show, and most of the world has them: a 1 begins with
an upstroke and stands on a bar, a 7 is crossed, a 9 ends in a bow, a 3 in a curl. Those are drawn
in, by label.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.glyphs import GLYPH

INK = 0.3  # a pixel this dark belongs to the character when its box is measured
GRID_X, GRID_Y = np.meshgrid(np.arange(GLYPH, dtype=np.float32), np.arange(GLYPH, dtype=np.float32))


@dataclass(frozen=True)
class Augmentation:
    """How much of each, at full strength; every character draws its own strength and amounts.

    The strength is uniform between 0 and 1: half of the characters stay near to what was written,
    so that the network's capacity is not spent on the extremes.
    """

    rotation: float = 9.0  # degrees, standard deviation, cut at 15
    slant: float = 0.25  # tangent of the slant, standard deviation
    aspect: float = 0.16  # log of width over height, standard deviation
    size: float = 0.05  # of the longer side, uniform to either side
    shift: float = 0.7  # pixels, standard deviation
    wobble: float = 0.8  # pixels, standard deviation of the elastic field
    wobble_knots: int = 5  # knots a side of that field
    thinner: float = 0.6  # of a pixel less ink all round, at most
    thicker: float = 1.0  # of a pixel more ink all round, at most
    serif: float = 0.2  # probability that a stroke gets a bar or a curl at its end
    loss: float = 0.15  # probability that a stroke loses its end
    upstroke: float = 0.5  # probability that a 1 gets an upstroke
    foot: float = 0.25  # probability that a 1 gets a bar to stand on
    foot_reach: float = 0.35  # of the height: how far that bar reaches to either side, at most
    crossing: float = 0.15  # probability that a 7 gets a bar across
    bow: float = 0.25  # probability that a 9 ends in a bow to the left
    curl: float = 0.2  # probability that a 3 ends in a curl
    blur: float = 0.3  # probability of a soft picture


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
    strength = rng.random()
    image = _with_habits(image, label, how, rng)
    if rng.random() < how.serif * strength:
        image = _with_serif(image, rng)
    if rng.random() < how.loss * strength:
        image = _without_end(image, rng)
    image = _moved(image, centred_by_mass, how, strength, rng)
    image = _with_pen(image, strength * rng.uniform(-how.thinner, how.thicker))
    if rng.random() < how.blur * strength:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.3, 0.8))
    return image / max(float(image.max()), INK)  # both recipes use the full range


def _moved(image, centred_by_mass, how, strength, rng) -> np.ndarray:
    """Affine change about the character's middle and elastic wobble, in one resampling."""
    ys, xs = np.nonzero(image > INK)
    forward = _affine(how, strength, rng)
    points = forward @ np.stack([xs, ys]).astype(np.float32)
    low, high = points.min(axis=1), points.max(axis=1)
    before = max(np.ptp(xs), np.ptp(ys)) + 1
    scale = before / ((high - low).max() + 1) * (1 + strength * rng.uniform(-how.size, how.size))
    if centred_by_mass:
        middle = points @ image[ys, xs] / image[ys, xs].sum()
        centre = 14.0
    else:
        middle = (low + high) / 2
        centre = 13.5
    back = np.linalg.inv(forward * scale).astype(np.float32)
    shift = rng.normal(0, strength * how.shift, 2).astype(np.float32) + centre
    start = np.linalg.inv(forward).astype(np.float32) @ middle.astype(np.float32) - back @ shift
    knots = rng.normal(0, strength * how.wobble, (2, how.wobble_knots, how.wobble_knots)).astype(np.float32)
    wobble_x, wobble_y = (cv2.resize(field, (GLYPH, GLYPH), interpolation=cv2.INTER_CUBIC) for field in knots)
    map_x = back[0, 0] * GRID_X + back[0, 1] * GRID_Y + (start[0] + wobble_x)
    map_y = back[1, 0] * GRID_X + back[1, 1] * GRID_Y + (start[1] + wobble_y)
    return np.clip(cv2.remap(image, map_x, map_y, cv2.INTER_CUBIC), 0, 1)


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


def _with_habits(image, label, how, rng) -> np.ndarray:
    """What is added to a 1, 3, 7 or 9, with a pen as wide as its own."""
    if label not in HABITS:
        return image
    ys, xs = np.nonzero(image > INK)
    pen = round(min(max(len(xs) / (np.ptp(ys) + 1) / STROKES[label], 1), 2))
    for stroke in HABITS[label](xs, ys, how, rng):
        image = np.maximum(image, _drawn(stroke, pen))
    return image


def _one(xs, ys, how, rng) -> list[np.ndarray]:
    top = np.array([xs[ys == ys.min()].mean(), ys.min()])
    bottom = np.array([xs[ys == ys.max()].mean(), ys.max()])
    stem = bottom - top
    height = np.linalg.norm(stem) + 1
    strokes = []
    if rng.random() < how.upstroke:
        along = np.arctan2(stem[1], stem[0])
        angle = min(along + np.deg2rad(rng.uniform(22, 60)), np.deg2rad(152))
        strokes.append(np.array([top, top + height * rng.uniform(0.2, 0.7) * _direction(angle)]))
    if rng.random() < how.foot:
        half = np.array([height * rng.uniform(0.12, how.foot_reach), rng.uniform(-1, 1)])
        strokes.append(np.array([bottom - half, bottom + half]))
    return strokes


def _seven(xs, ys, how, rng) -> list[np.ndarray]:
    if rng.random() >= how.crossing:
        return []
    height = np.ptp(ys) + 1
    y = ys.min() + height * rng.uniform(0.4, 0.65)
    middle = np.array([xs[np.abs(ys - y) < 1].mean(), y])
    half = np.array([height * rng.uniform(0.15, 0.3), rng.uniform(-1, 1)])
    return [np.array([middle - half, middle + half])]


def _nine(xs, ys, how, rng) -> list[np.ndarray]:
    if rng.random() >= how.bow:
        return []
    radius = (np.ptp(ys) + 1) * rng.uniform(0.12, 0.3)
    end = np.array([xs[ys == ys.max()].mean(), ys.max()])
    return [_arc(end - (radius, 0), radius, 0, rng.uniform(80, 200))]


def _three(xs, ys, how, rng) -> list[np.ndarray]:
    if rng.random() >= how.curl:
        return []
    radius = (np.ptp(ys) + 1) * rng.uniform(0.12, 0.2)
    index = np.argmax(ys - xs)  # the lower left end
    return [_arc(np.array([xs[index], ys[index] - radius]), radius, 90, rng.uniform(120, 330))]


HABITS = {"1": _one, "3": _three, "7": _seven, "9": _nine}
STROKES = {"1": 1.0, "3": 2.5, "7": 1.6, "9": 2.5}  # length of the path over the height


def _direction(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), np.sin(angle)])


def _arc(centre: np.ndarray, radius: float, begin: float, turn: float) -> np.ndarray:
    """Points on a circle, from `begin` degrees on, clockwise as y points down."""
    return np.array(
        [centre + radius * _direction(np.deg2rad(begin + turn * part)) for part in np.linspace(0, 1, 9)]
    )


def _drawn(points: np.ndarray, pen: int) -> np.ndarray:
    """A stroke through points (n, 2), `pen` pixels wide, as float32 (28, 28)."""
    path = np.rint(16 * points).astype(np.int32)[:, None]
    sheet = np.zeros((GLYPH, GLYPH), np.uint8)
    return cv2.polylines(sheet, [path], False, 255, pen, cv2.LINE_AA, 4).astype(np.float32) / 255


def _end(image, rng) -> tuple[int, int]:
    """The ink farthest in a random direction, which is most often the end of a stroke."""
    ys, xs = np.nonzero(image > INK)
    angle = rng.uniform(0, 2 * np.pi)
    index = np.argmax(np.cos(angle) * xs + np.sin(angle) * ys)
    return int(xs[index]), int(ys[index])


def _with_serif(image, rng) -> np.ndarray:
    """A short bar or a curl at an end of a stroke, in any direction."""
    end = np.array(_end(image, rng), float)
    angle = rng.uniform(0, 360)
    if rng.random() < 0.5:
        stroke = np.array([end, end + rng.uniform(2, 5) * _direction(np.deg2rad(angle))])
    else:
        radius = rng.uniform(1.5, 2.5)
        turn = rng.choice([-1, 1]) * rng.uniform(110, 220)
        stroke = _arc(end - radius * _direction(np.deg2rad(angle)), radius, angle, turn)
    return np.maximum(image, _drawn(stroke, 2))


def _without_end(image, rng) -> np.ndarray:
    """A disc of ink less at an end of a stroke."""
    disc = cv2.circle(np.ones((GLYPH, GLYPH), np.uint8), _end(image, rng), int(rng.integers(1, 4)), 0, -1)
    return image * disc
