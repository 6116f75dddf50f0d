"""Strokes that many people add to a character and NIST's American forms hardly show.

A 1 begins with an upstroke and stands on a bar, a 4 is one zigzag that a short stem crosses, a 7 begins
with a tick and is crossed, as a z is, a 9 ends in a bow, a 3 in a curl. Letters are written as in joined
writing: with a stroke that leads in from the line and one that leads out, with looped stems and tails, an s
closed by its upstroke, an r with a falling arm. An A has a flat top.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from recognizer.ink import pen_width

INK = 0.3  # a pixel this dark belongs to the character
PENS = (1, 2)  # pixels of a 28x28 glyph: what is added is drawn with a pen this wide

Stroke = np.ndarray  # points (n, 2), x and y
Habit = Callable[["Ink", np.random.Generator], Stroke]


@dataclass(frozen=True)
class Habits:
    """How often each stroke is added, as a probability."""

    upstroke: float = 0.5  # of a 1
    foot: float = 0.25  # a bar for a 1 to stand on
    foot_reach: float = 0.35  # of the height: how far that bar reaches to either side, at most
    short_stem: float = 0.15  # of a 4: it begins just above the bar
    tick: float = 0.1  # down, at the beginning of a 7
    crossing: float = 0.15  # a bar across a 7
    bow: float = 0.25  # to the left, at the end of a 9
    nose: float = 0.0  # to the right of a 9, where its loop meets the stem
    hook: float = 0.0  # a closed curl at the beginning of a 2
    curl: float = 0.2  # at the end of a 3
    flat: float = 0.0  # top of an A, in place of its point
    joined: float = 0.0  # each habit of joined writing that a letter can have


@dataclass(frozen=True)
class Ink:
    """Where a character's ink is, and the ends that strokes are added to."""

    xs: np.ndarray
    ys: np.ndarray
    how: Habits = field(repr=False)

    @property
    def height(self) -> int:
        return int(np.ptp(self.ys)) + 1

    def end(self, x: float, y: float) -> np.ndarray:
        """The ink farthest in a direction."""
        index = np.argmax(x * self.xs + y * self.ys)
        return np.array([self.xs[index], self.ys[index]], float)

    def row(self, y: float) -> np.ndarray:
        """The middle of the ink at one height, or at the nearest that has ink."""
        away = np.abs(self.ys - y)
        return np.array([self.xs[away < away.min() + 1].mean(), y])


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
        else:
            image = np.maximum(image, drawn(habit(Ink(xs, ys, how), rng), pen, image.shape))
    return image


def drawn(points: Stroke, pen: int, shape: tuple[int, int]) -> np.ndarray:
    """A stroke through points (n, 2), `pen` pixels wide, as float32 (H, W) in [0, 1]."""
    path = np.rint(16 * points).astype(np.int32)[:, None]
    sheet = np.zeros(shape, np.uint8)
    return cv2.polylines(sheet, [path], False, 255, pen, cv2.LINE_AA, 4).astype(np.float32) / 255


def direction(angle: float) -> np.ndarray:
    """The unit vector at an angle in radians, clockwise from the right as y points down."""
    return np.array([np.cos(angle), np.sin(angle)])


def arc(centre: np.ndarray, radius: float, begin: float, turn: float) -> Stroke:
    """Points on a circle, from `begin` degrees on, clockwise as y points down."""
    return np.array(
        [centre + radius * direction(np.deg2rad(begin + turn * part)) for part in np.linspace(0, 1, 9)]
    )


def _bezier(start, first, second, end) -> Stroke:
    t = np.linspace(0, 1, 9)[:, None]
    return (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end


def _upstroke(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    along = np.arctan2(stem[1], stem[0])
    apart = rng.uniform(15, 60)
    angle = min(along + np.deg2rad(apart), np.deg2rad(152))
    longest = 0.9 if apart < 45 else 0.7  # a long and flat one would make a 7
    return np.array([top, top + (np.linalg.norm(stem) + 1) * rng.uniform(0.2, longest) * direction(angle)])


def _foot(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    reach = (np.linalg.norm(stem) + 1) * rng.uniform(0.12, ink.how.foot_reach)
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
    arch = _bezier(left - wide, left - wide + rise, right + wide + rise, right + wide)
    return np.maximum(below, drawn(arch, pen, image.shape))


def _tick(ink: Ink, rng) -> Stroke:
    start = ink.end(-1, -1)
    reach = ink.height * rng.uniform(0.1, 0.3)
    return np.array([start, start + reach * direction(np.deg2rad(rng.uniform(75, 120)))])


def _crossing(ink: Ink, rng) -> Stroke:
    middle = ink.row(ink.ys.min() + ink.height * rng.uniform(0.4, 0.75))
    half = ink.height * np.array([rng.uniform(0.15, 0.4), rng.uniform(-0.08, 0.04)])
    return np.array([middle - half * rng.uniform(0.6, 1), middle + half])


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


def _lead_in(ink: Ink, rng) -> Stroke:
    """A rising stroke from the line to where the letter begins, at the upper left."""
    end = ink.end(-1, -1)
    start = end + ink.height * np.array([-rng.uniform(0.2, 0.5), rng.uniform(0.15, 0.7)])
    return _bezier(start, start + 0.3 * (end - start) + 1, end - np.array([1, -2]), end)


def _lead_out(ink: Ink, rng) -> Stroke:
    """From the lower right end on to the right and up."""
    radius = ink.height * rng.uniform(0.15, 0.4)
    return arc(ink.end(1, 1) - (0, radius), radius, 90, -rng.uniform(35, 90))


def _dash(ink: Ink, rng) -> Stroke:
    """From the upper right end on to the right, as to a next letter that begins high."""
    end, reach = ink.end(0.5, -1), ink.height * rng.uniform(0.3, 0.6)
    sag = reach * rng.uniform(0, 0.5)
    return end + _bezier(*np.array([(0, 0), (0.2 * reach, sag), (0.7 * reach, sag), (reach, -sag / 4)]))


def _looped_stem(ink: Ink, rng) -> Stroke:
    """The stem's upper part as a loop that opens to the right."""
    top = ink.end(0, -1)
    low = ink.row(top[1] + ink.height * rng.uniform(0.6, 0.95))
    wide = np.array([ink.height * rng.uniform(0.1, 0.3), 0])
    return _bezier(top, top + wide, low + wide, low)


def _looped_tail(ink: Ink, rng) -> Stroke:
    """The tail as a loop, to the left."""
    low = ink.end(0, 1)
    high = ink.row(low[1] - ink.height * rng.uniform(0.2, 0.5))
    wide = np.array([ink.height * rng.uniform(0.15, 0.45), 0])
    return _bezier(low, low - wide, high - wide, high)


def _rising(ink: Ink, rng) -> Stroke:
    """From the lower left to the upper right: closes a joined s, makes the arm of an r leave its foot."""
    start, end = ink.end(-1, 1), ink.end(1, -1)
    return np.array([start - (ink.height * rng.uniform(0, 0.3), 0), end])


def _falling_arm(ink: Ink, rng) -> Stroke:
    """The arm of an r, bent down."""
    low = np.array([rng.uniform(-0.1, 0.15), rng.uniform(0.2, 0.6)])
    path = _bezier(*np.array([(0, 0), (0.15, 0), low - (0, 0.15), low]))
    return ink.end(1, -1) + ink.height * path


REDRAWN = (_short_stem, _flat_top)  # they give the whole character, the others a stroke to add

HABITS: dict[str, tuple[tuple[str, Habit], ...]] = {
    "1": (("upstroke", _upstroke), ("foot", _foot)),
    "2": (("hook", _hook),),
    "3": (("curl", _curl),),
    "4": (("short_stem", _short_stem),),
    "7": (("tick", _tick), ("crossing", _crossing)),
    "9": (("bow", _bow), ("nose", _nose)),
    "A": (("flat", _flat_top),),
} | {
    letter: tuple(("joined", habit) for habit in habits)
    for letter, habits in {
        "a": (_lead_out,),
        "b": (_looped_stem,),
        "c": (_lead_out,),
        "d": (_lead_out,),
        "f": (_looped_stem, _looped_tail),
        "g": (_looped_tail,),
        "h": (_looped_stem, _lead_out),
        "i": (_lead_out,),
        "j": (_looped_tail,),
        "k": (_lead_out,),
        "l": (_looped_stem, _lead_out),
        "m": (_lead_in, _lead_out),
        "n": (_lead_in, _lead_out),
        "o": (_dash,),
        "p": (_lead_in,),
        "r": (_lead_in, _falling_arm, _rising),
        "s": (_rising,),
        "t": (_lead_out,),
        "u": (_lead_in, _lead_out),
        "v": (_dash,),
        "w": (_dash,),
        "x": (_lead_out,),
        "y": (_lead_in, _looped_tail),
        "z": (_crossing, _looped_tail),
        "Z": (_crossing,),
    }.items()
}


def _chances(label: str, how: Habits) -> list[tuple[Habit, float]]:
    """What may be added to a character, and how often."""
    chances = [(habit, getattr(how, name)) for name, habit in HABITS.get(label, ())]
    return [(habit, chance) for habit, chance in chances if chance]


def plain_share(label: str, how: Habits) -> float:
    """The share of a character's samples to which no stroke is added."""
    return math.prod(1 - chance for _, chance in _chances(label, how))
