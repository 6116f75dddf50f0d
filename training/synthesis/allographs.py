"""Strokes that many people add to a character and NIST's American forms hardly show.

A 1 begins with an upstroke and stands on a bar, a 4 is one zigzag that a short stem crosses low, a 7 begins
with a tick and is crossed, as a z is, sometimes by a hooked bar, a 9 has a small loop and ends in a bow, a 3
in a curl. An A has a flat top. Letters are written as in joined writing (training.synthesis.joined_strokes).
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.preprocessing.foreground import pen_width
from training.synthesis.joined_strokes import JOINED
from training.synthesis.pen import INK, Ink, Stroke, arc, bezier, direction, drawn

PENS = (1, 2)  # pixels of a 28x28 glyph: what is added is drawn with a pen this wide

Habit = Callable[["Ink", np.random.Generator], Stroke]


@dataclass(frozen=True)
class Habits:
    """How often each stroke is added, as a probability."""

    upstroke: float = 0.5  # of a 1
    foot: float = 0.25  # a bar for a 1 to stand on
    foot_reach: float = 0.35  # of the height: how far that bar reaches to either side, at most
    short_stem: float = 0.15  # of a 4: it begins just above the bar
    zigzag: float = 0.0  # a 4 drawn anew, its bar low and its stem short
    tick: float = 0.1  # down, at the beginning of a 7
    crossing: float = 0.15  # a bar across a 7
    hooked: float = 0.0  # the same, with a hook at its beginning or its end
    bow: float = 0.25  # to the left, at the end of a 9
    small_loop: float = 0.0  # of a 9
    nose: float = 0.0  # to the right of a 9, where its loop meets the stem
    hook: float = 0.0  # a closed curl at the beginning of a 2
    curl: float = 0.2  # at the end of a 3
    flat: float = 0.0  # top of an A, in place of its point
    joined: float = 0.0  # each habit of joined writing that a letter can have


def with_habits(
    image: np.ndarray, label: str, how: Habits, unit: float, rng: np.random.Generator
) -> np.ndarray:
    """Add strokes that people add to this character, with a pen as wide as its own.

    Args:
        image: float32 (H, W) in [0, 1], 1 = ink.
        label: what it is, in its true case; "" where that is not known for sure.
        how: how often.
        unit: pixels of the image for one of a 28x28 glyph.
        rng: source of all chance.
    """
    chances = _chances(label, how)
    if not chances:
        return image
    inside = image > INK
    ys, xs = np.nonzero(inside)
    pen = pen_width(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3) - 0.5 * inside)
    pen = round(unit * np.clip(round(pen / unit), *PENS))
    for habit, chance in chances:
        if rng.random() >= chance:
            continue
        if habit in REDRAWN:
            image = habit(image, pen, rng)
            ys, xs = np.nonzero(image > INK)
        else:
            image = np.maximum(image, drawn(habit(Ink(xs, ys, how.foot_reach), rng), pen, image.shape))
    return image


def _upstroke(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    along = np.arctan2(stem[1], stem[0])
    apart = rng.uniform(15, 60)
    angle = min(along + np.deg2rad(apart), np.deg2rad(152))
    longest = 0.9 if apart < 45 else 0.7  # a long and flat one would make a 7
    return np.array([top, top + (np.linalg.norm(stem) + 1) * rng.uniform(0.2, longest) * direction(angle)])


def _foot(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    reach = (np.linalg.norm(stem) + 1) * rng.uniform(0.12, ink.foot_reach)
    half = np.array([reach, rng.uniform(-1, 1)])
    return np.array([top + stem - half, top + stem + half])


def _stem(ink: Ink) -> tuple[np.ndarray, np.ndarray]:
    """A bare stroke's top, and the way from there to its bottom."""
    top, bottom = (np.array([ink.xs[ink.ys == y].mean(), y], float) for y in (ink.ys.min(), ink.ys.max()))
    return top, bottom - top


def _short_stem(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A 4 in one stroke, its stem short, its bar longer: the stem begins just above the bar."""
    ys, xs = np.nonzero(image > INK)
    height, width = np.ptp(ys) + 1, np.ptp(xs) + 1
    foot = ys > ys.max() - max(0.25 * height, 3)
    lean, at = np.polyfit(ys[foot], xs[foot], 1) if np.ptp(ys[foot]) > 1 else (0.0, xs[foot].mean())
    lean = np.clip(lean, -0.5, 0.1)
    at = xs[foot].mean() - lean * ys[foot].mean()
    left = ys[(xs < lean * ys + at - 0.35 * width)]
    if not len(left):
        return image
    bar = left.max()
    y, x = np.indices(image.shape)
    gone = (y < bar - height * rng.uniform(0.1, 0.3)) & (x > lean * y + at - 1.1 * pen)
    cross = np.array([lean * bar + at, bar - pen / 2])
    reach = height * np.array([rng.uniform(0, 0.4), rng.uniform(-0.1, 0.05)])
    return np.maximum(image * ~gone, drawn(np.array([cross, cross + reach]), pen, image.shape))


def _zigzag(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A 4 drawn anew: a tall stroke down, a corner low at the left, a bar, and a stem that is short."""
    ys, xs = np.nonzero(image > INK)
    height, pen = np.ptp(ys), pen if rng.random() < 0.5 else PENS[0]
    low, right = rng.uniform(0.6, 0.88), rng.uniform(0.3, 0.75)  # of the height, as all of the following
    top, corner = np.array([rng.uniform(0.05, 0.5), 0]), np.array([rng.uniform(-0.05, 0.1), low])
    bar = np.array([right * rng.uniform(0.8, 1.2), low + rng.uniform(-0.08, 0.06)])
    stem = np.array([right, low - rng.uniform(0.0, 0.35)])
    foot = np.array([right - rng.uniform(-0.05, 0.2), 1.0])
    round_corner = rng.uniform(0, 0.25)
    down, along = corner + round_corner * (top - corner), corner + round_corner * (bar - corner)
    strokes = [bezier(top, down, down, corner) if round_corner < 0.1 else bezier(top, down, along, bar)]
    strokes += [np.array([corner, bar])] * (round_corner < 0.1) + [np.array([stem, foot])]
    place = np.array([xs.mean() - right * height / 2, ys.min()])
    return np.maximum.reduce([drawn(place + height * one, pen, image.shape) for one in strokes])


def _small_loop(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A 9 whose loop is smaller: it shrinks towards where it meets the stem."""
    inside = (image > INK).astype(np.uint8)
    paper = cv2.connectedComponentsWithStats(1 - inside, connectivity=4)[2]
    holes = [one for one in paper[1:] if one[0] > 0 and one[1] > 0 and one[2] < image.shape[1] / 2]
    if not holes:
        return image
    hole = max(holes, key=lambda one: one[cv2.CC_STAT_AREA])
    low = min(hole[cv2.CC_STAT_TOP] + hole[cv2.CC_STAT_HEIGHT] + pen, len(image) - 1)
    stem = Ink(*np.nonzero(inside)[::-1]).row(low)
    by = rng.uniform(0.45, 0.85)
    shrink = np.array([[by, 0, stem[0] * (1 - by)], [0, by, low * (1 - by)]], np.float32)
    above = image * (np.arange(len(image)) <= low)[:, None]
    small = cv2.warpAffine(above, shrink, image.shape[::-1])
    small = np.clip(small / max(float(small.max()), INK), 0, 1)
    return np.maximum(small, image - above)


def _flat_top(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """An A cut off below its point, its legs joined by a bar or a low arch there."""
    ys, xs = np.nonzero(image > INK)
    height = np.ptp(ys) + 1
    cut = int(ys.min() + height * rng.uniform(0.12, 0.35))
    here = xs[ys == cut]
    if not len(here) or np.ptp(here) < 2 * pen:
        return image
    below = image * (np.arange(len(image)) >= cut)[:, None]
    left, right = np.array([here.min(), cut], float), np.array([here.max(), cut], float)
    wide = np.array([np.ptp(here) * rng.uniform(0, 0.15), 0])
    rise = np.array([0, -height * rng.uniform(0, 0.15)])
    arch = bezier(left - wide, left - wide + rise, right + wide + rise, right + wide)
    return np.maximum(below, drawn(arch, pen, image.shape))


def _tick(ink: Ink, rng) -> Stroke:
    start = ink.end(-1, -1)
    reach = ink.height * rng.uniform(0.1, 0.3)
    return np.array([start, start + reach * direction(np.deg2rad(rng.uniform(75, 120)))])


def _crossing(ink: Ink, rng) -> Stroke:
    middle = ink.row(ink.ys.min() + ink.height * rng.uniform(0.4, 0.75))
    half = ink.height * np.array([rng.uniform(0.15, 0.4), rng.uniform(-0.08, 0.04)])
    return np.array([middle - half * rng.uniform(0.6, 1), middle + half])


def _hooked(ink: Ink, rng) -> Stroke:
    bar = _crossing(ink, rng) + ink.height * np.array([(0, rng.uniform(-0.12, 0.06)), (0, 0.0)])
    hook = ink.height * np.array([rng.uniform(-0.04, 0.06), rng.uniform(0.06, 0.2)])
    return np.array([bar[0] + hook, *bar] if rng.random() < 0.5 else [*bar, bar[1] + hook])


def _bow(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.12, 0.4)
    return arc(ink.row(ink.ys.max()) - (radius, 0), radius, 0, rng.uniform(80, 200))


def _nose(ink: Ink, rng) -> Stroke:
    y = ink.ys.min() + ink.height * rng.uniform(0.4, 0.6)
    away = np.abs(ink.ys - y)
    start = np.array([ink.xs[away < away.min() + 1].max(), y])
    return np.array([start, start + ink.height * np.array([rng.uniform(0.1, 0.3), rng.uniform(-0.1, 0.12)])])


def _hook(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.08, 0.2)
    return arc(ink.end(-1, -1) + np.array([radius, 0]), radius, 180, -rng.uniform(150, 330))


def _curl(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.12, 0.2)
    return arc(ink.end(-1, 1) - (0, radius), radius, 90, rng.uniform(120, 330))


# they give the whole character, the others a stroke to add
REDRAWN = (
    _short_stem,
    _zigzag,
    _small_loop,
    _flat_top,
)

HABITS: dict[str, tuple[tuple[str, Habit], ...]] = {
    "1": (("upstroke", _upstroke), ("foot", _foot)),
    "2": (("hook", _hook),),
    "3": (("curl", _curl),),
    "4": (("short_stem", _short_stem), ("zigzag", _zigzag)),
    "7": (("tick", _tick), ("crossing", _crossing), ("hooked", _hooked)),
    "9": (("small_loop", _small_loop), ("bow", _bow), ("nose", _nose)),
    "A": (("flat", _flat_top),),
    "z": (("joined", _crossing),),
    "Z": (("joined", _crossing),),
}
for letter, habits in JOINED.items():
    HABITS[letter] = (*HABITS.get(letter, ()), *(("joined", habit) for habit in habits))


def _chances(label: str, how: Habits) -> list[tuple[Habit, float]]:
    """What may be added to a character, and how often."""
    chances = [(habit, getattr(how, name)) for name, habit in HABITS.get(label, ())]
    return [(habit, chance) for habit, chance in chances if chance]
