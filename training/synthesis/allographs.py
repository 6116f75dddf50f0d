"""Allographs that many people write and that are rare on NIST's American forms.

A 1 with an upstroke and a foot bar; a 4 as a zigzag with a low bar and a short stem; a 7 with a tick and a
crossing bar, sometimes hooked; a crossed z; a 9 with a small loop and a bow at its end; a 3 with a curl; an A
with a flat top. Cursive letters get their joining strokes from training.synthesis.joined_strokes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.preprocessing.foreground import pen_width
from training.synthesis.joined_strokes import JOINED_STROKES
from training.synthesis.pen import INK_THRESHOLD, Ink, Stroke, arc, bezier, direction, stroke_on_blank

PEN_WIDTHS = (1, 2)  # min and max pen of added strokes, in pixels of a 28x28 glyph

# gives a stroke to add; a function in REDRAWN instead takes (image, pen, rng) and gives the new image
Allograph = Callable[["Ink", np.random.Generator], Stroke]


@dataclass(frozen=True)
class AllographRates:
    """The probability of each allograph. The field names are stored in model cards."""

    upstroke: float = 0.5  # of a 1
    foot: float = 0.25  # the bar under a 1
    foot_reach: float = 0.35  # fraction of the height: maximum reach of that bar to either side
    short_stem: float = 0.15  # of a 4: the stem starts just above the bar
    zigzag: float = 0.0  # a redrawn 4 with a low bar and a short stem
    tick: float = 0.1  # downwards, at the start of a 7
    crossing: float = 0.15  # the bar across a 7
    hooked: float = 0.0  # the same bar with a hook at either end
    bow: float = 0.25  # to the left, at the end of a 9
    small_loop: float = 0.0  # of a 9
    nose: float = 0.0  # to the right of a 9, where the loop meets the stem
    hook: float = 0.0  # a curl at the start of a 2
    curl: float = 0.2  # at the end of a 3
    flat: float = 0.0  # the top of an A
    joined: float = 0.0  # each joining stroke of a cursive letter


def with_allographs(
    image: np.ndarray, label: str, rates: AllographRates, unit: float, rng: np.random.Generator
) -> np.ndarray:
    """Turn a character into a random allograph, drawn with a pen as wide as its own.

    Args:
        image: float32 (H, W) in [0, 1], 1 = ink.
        label: the character in its true case; "" if that is not certain.
        rates: probability of each allograph.
        unit: pixels of the image per pixel of a 28x28 glyph.
        rng: source of randomness.
    """
    allographs = _possible_allographs(label, rates)
    if not allographs:
        return image
    inside = image > INK_THRESHOLD
    ys, xs = np.nonzero(inside)
    pen = pen_width(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3) - 0.5 * inside)
    pen = round(unit * np.clip(round(pen / unit), *PEN_WIDTHS))
    for allograph, rate in allographs:
        if rng.random() >= rate:
            continue
        if allograph in REDRAWN:
            image = allograph(image, pen, rng)
            ys, xs = np.nonzero(image > INK_THRESHOLD)
        else:
            stroke = allograph(Ink(xs, ys, rates.foot_reach), rng)
            image = np.maximum(image, stroke_on_blank(stroke, pen, image.shape))
    return image


def _upstroke(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    stem_angle = np.arctan2(stem[1], stem[0])
    opening = rng.uniform(15, 60)
    angle = min(stem_angle + np.deg2rad(opening), np.deg2rad(152))
    max_length = 0.9 if opening < 45 else 0.7  # a long and flat upstroke would make a 7
    return np.array([top, top + (np.linalg.norm(stem) + 1) * rng.uniform(0.2, max_length) * direction(angle)])


def _foot(ink: Ink, rng) -> Stroke:
    top, stem = _stem(ink)
    reach = (np.linalg.norm(stem) + 1) * rng.uniform(0.12, ink.foot_reach)
    half = np.array([reach, rng.uniform(-1, 1)])
    return np.array([top + stem - half, top + stem + half])


def _stem(ink: Ink) -> tuple[np.ndarray, np.ndarray]:
    """The top of a single stroke, and the vector from there to its bottom."""
    top, bottom = (np.array([ink.xs[ink.ys == y].mean(), y], float) for y in (ink.ys.min(), ink.ys.max()))
    return top, bottom - top


def _short_stem(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A 4 whose stem starts just above a longer bar, as if written in one stroke."""
    ys, xs = np.nonzero(image > INK_THRESHOLD)
    height, width = np.ptp(ys) + 1, np.ptp(xs) + 1
    foot = ys > ys.max() - max(0.25 * height, 3)
    # the stem as the line x = lean * y + offset, fitted to its foot
    lean, offset = np.polyfit(ys[foot], xs[foot], 1) if np.ptp(ys[foot]) > 1 else (0.0, xs[foot].mean())
    lean = np.clip(lean, -0.5, 0.1)
    offset = xs[foot].mean() - lean * ys[foot].mean()
    left_ys = ys[(xs < lean * ys + offset - 0.35 * width)]
    if not len(left_ys):
        return image
    bar = left_ys.max()
    y, x = np.indices(image.shape)
    erased = (y < bar - height * rng.uniform(0.1, 0.3)) & (x > lean * y + offset - 1.1 * pen)
    crossing = np.array([lean * bar + offset, bar - pen / 2])
    reach = height * np.array([rng.uniform(0, 0.4), rng.uniform(-0.1, 0.05)])
    extension = stroke_on_blank(np.array([crossing, crossing + reach]), pen, image.shape)
    return np.maximum(image * ~erased, extension)


def _zigzag(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A new 4: a tall downstroke, a low corner at the left, a bar, and a short stem."""
    ys, xs = np.nonzero(image > INK_THRESHOLD)
    height, pen = np.ptp(ys), pen if rng.random() < 0.5 else PEN_WIDTHS[0]
    # points in fractions of the height
    low, right = rng.uniform(0.6, 0.88), rng.uniform(0.3, 0.75)
    top, corner = np.array([rng.uniform(0.05, 0.5), 0]), np.array([rng.uniform(-0.05, 0.1), low])
    bar = np.array([right * rng.uniform(0.8, 1.2), low + rng.uniform(-0.08, 0.06)])
    stem = np.array([right, low - rng.uniform(0.0, 0.35)])
    foot = np.array([right - rng.uniform(-0.05, 0.2), 1.0])
    rounding = rng.uniform(0, 0.25)
    before, after = corner + rounding * (top - corner), corner + rounding * (bar - corner)
    strokes = [bezier(top, before, before, corner) if rounding < 0.1 else bezier(top, before, after, bar)]
    strokes += [np.array([corner, bar])] * (rounding < 0.1) + [np.array([stem, foot])]
    origin = np.array([xs.mean() - right * height / 2, ys.min()])
    return np.maximum.reduce(
        [stroke_on_blank(origin + height * stroke, pen, image.shape) for stroke in strokes]
    )


def _small_loop(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """A 9 with a smaller loop: the part above the stem shrinks towards the point where both meet."""
    inside = (image > INK_THRESHOLD).astype(np.uint8)
    regions = cv2.connectedComponentsWithStats(1 - inside, connectivity=4)[2]
    holes = [
        region for region in regions[1:] if region[0] > 0 and region[1] > 0 and region[2] < image.shape[1] / 2
    ]
    if not holes:
        return image
    hole = max(holes, key=lambda region: region[cv2.CC_STAT_AREA])
    bottom = min(hole[cv2.CC_STAT_TOP] + hole[cv2.CC_STAT_HEIGHT] + pen, len(image) - 1)
    stem = Ink(*np.nonzero(inside)[::-1]).row(bottom)
    scale = rng.uniform(0.45, 0.85)
    shrink = np.array([[scale, 0, stem[0] * (1 - scale)], [0, scale, bottom * (1 - scale)]], np.float32)
    above = image * (np.arange(len(image)) <= bottom)[:, None]
    small = cv2.warpAffine(above, shrink, image.shape[::-1])
    small = np.clip(small / max(float(small.max()), INK_THRESHOLD), 0, 1)
    return np.maximum(small, image - above)


def _flat_top(image: np.ndarray, pen: int, rng) -> np.ndarray:
    """An A cut off below its tip; a bar or a low arch joins its legs there."""
    ys, xs = np.nonzero(image > INK_THRESHOLD)
    height = np.ptp(ys) + 1
    cut = int(ys.min() + height * rng.uniform(0.12, 0.35))
    cut_xs = xs[ys == cut]
    if not len(cut_xs) or np.ptp(cut_xs) < 2 * pen:
        return image
    below = image * (np.arange(len(image)) >= cut)[:, None]
    left, right = np.array([cut_xs.min(), cut], float), np.array([cut_xs.max(), cut], float)
    overhang = np.array([np.ptp(cut_xs) * rng.uniform(0, 0.15), 0])
    rise = np.array([0, -height * rng.uniform(0, 0.15)])
    arch = bezier(left - overhang, left - overhang + rise, right + overhang + rise, right + overhang)
    return np.maximum(below, stroke_on_blank(arch, pen, image.shape))


def _tick(ink: Ink, rng) -> Stroke:
    start = ink.end(-1, -1)
    reach = ink.height * rng.uniform(0.1, 0.3)
    return np.array([start, start + reach * direction(np.deg2rad(rng.uniform(75, 120)))])


def _crossing(ink: Ink, rng) -> Stroke:
    middle = ink.row(ink.ys.min() + ink.height * rng.uniform(0.4, 0.75))
    half = ink.height * np.array([rng.uniform(0.15, 0.4), rng.uniform(-0.08, 0.04)])
    return np.array([middle - half * rng.uniform(0.6, 1), middle + half])


def _hooked_crossing(ink: Ink, rng) -> Stroke:
    bar = _crossing(ink, rng) + ink.height * np.array([(0, rng.uniform(-0.12, 0.06)), (0, 0.0)])
    hook = ink.height * np.array([rng.uniform(-0.04, 0.06), rng.uniform(0.06, 0.2)])
    return np.array([bar[0] + hook, *bar] if rng.random() < 0.5 else [*bar, bar[1] + hook])


def _bow(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.12, 0.4)
    return arc(ink.row(ink.ys.max()) - (radius, 0), radius, 0, rng.uniform(80, 200))


def _nose(ink: Ink, rng) -> Stroke:
    y = ink.ys.min() + ink.height * rng.uniform(0.4, 0.6)
    distance = np.abs(ink.ys - y)
    start = np.array([ink.xs[distance < distance.min() + 1].max(), y])
    return np.array([start, start + ink.height * np.array([rng.uniform(0.1, 0.3), rng.uniform(-0.1, 0.12)])])


def _hook(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.08, 0.2)
    return arc(ink.end(-1, -1) + np.array([radius, 0]), radius, 180, -rng.uniform(150, 330))


def _curl(ink: Ink, rng) -> Stroke:
    radius = ink.height * rng.uniform(0.12, 0.2)
    return arc(ink.end(-1, 1) - (0, radius), radius, 90, rng.uniform(120, 330))


# these redraw the whole character; the others give one stroke to add
REDRAWN = (
    _short_stem,
    _zigzag,
    _small_loop,
    _flat_top,
)

# for each label its allographs, each with the field of AllographRates that holds its probability
ALLOGRAPHS: dict[str, tuple[tuple[str, Allograph], ...]] = {
    "1": (("upstroke", _upstroke), ("foot", _foot)),
    "2": (("hook", _hook),),
    "3": (("curl", _curl),),
    "4": (("short_stem", _short_stem), ("zigzag", _zigzag)),
    "7": (("tick", _tick), ("crossing", _crossing), ("hooked", _hooked_crossing)),
    "9": (("small_loop", _small_loop), ("bow", _bow), ("nose", _nose)),
    "A": (("flat", _flat_top),),
    "z": (("joined", _crossing),),
    "Z": (("joined", _crossing),),
}
for letter, strokes in JOINED_STROKES.items():
    ALLOGRAPHS[letter] = (*ALLOGRAPHS.get(letter, ()), *(("joined", stroke) for stroke in strokes))


def _possible_allographs(label: str, rates: AllographRates) -> list[tuple[Allograph, float]]:
    """The allographs of a label that may be drawn, each with its probability."""
    allographs = [(allograph, getattr(rates, name)) for name, allograph in ALLOGRAPHS.get(label, ())]
    return [(allograph, rate) for allograph, rate in allographs if rate]
