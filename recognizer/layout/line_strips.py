"""Turn each line of a page into a strip for the network of lines: level, upright, and of one height."""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.errors import ImageError
from recognizer.layout.segmentation import Page, Part

HEIGHT_PERCENTILE = (
    80  # of the heights of a line's parts: the height of its capitals, digits and tall letters
)
MARGIN = 4  # pixels of paper before and after the writing
MIN_WIDTH = 24  # pixels of a strip
# Pixels of width, all strips of a picture together: some 3,000 characters, each 20 to 35 wide on wild/pages,
# its gap included
MAX_COLUMNS = 100_000
ANTIALIAS_SIGMA = 0.35  # strip pixels: the blur before a line is made smaller

# Slope of a line, in pixels down for each pixel to the right
PAIR_DISTANCE = 2.0  # median heights: two parts this far apart tell the slope
MIN_PAIRS = 3  # with fewer pairs, the line is taken for level
MAX_SLOPE = 0.4

# Slant of the strokes, in pixels to the right for each pixel up
SLANTS = np.tan(np.deg2rad(np.arange(-30, 51, 5)))  # the slants that are tried
SLANT_HEIGHT = 48  # pixels of the line: enough to see the slant
SLANT_PENALTY = 0.05  # of the sharpness, for each unit of slant: if in doubt, strokes are upright


@dataclass(frozen=True, eq=False)
class Strip:
    """The ink of one line, level, upright and of the network's height."""

    ink: np.ndarray  # float32 (height, W) in [0, 1], 1 = ink
    to_page: np.ndarray  # float (2, 3), affine: from pixels of the strip to pixels of the page's ink


def strips(page: Page, lines: list[list[Part]], height: int, capital_height: int) -> list[Strip]:
    """Make the strips of a page's lines.

    Args:
        page: the page.
        lines: its lines, each a list of parts.
        height: of a strip in pixels.
        capital_height: of a usual capital or digit in pixels of a strip.

    Returns:
        One strip per line, in the order of the lines.

    Raises:
        ImageError: the lines are longer than those of any page of writing.
    """
    made, columns = [], 0
    for line in lines:
        made.append(strip(page, line, height, capital_height))
        columns += made[-1].ink.shape[1]
        if columns > MAX_COLUMNS:
            raise ImageError("the lines of the picture are longer than a page has: give a part of it")
    return made


def strip(page: Page, line: list[Part], height: int, capital_height: int) -> Strip:
    """Make the strip of one line.

    Args:
        page: the page with the line.
        line: the line's parts.
        height: of the strip in pixels.
        capital_height: of a usual capital or digit in pixels of the strip.
    """
    ink, (left, top) = page.ink_of(line)
    bodies = page.bodies(line)
    scale = capital_height / float(np.percentile([part.height for part in bodies], HEIGHT_PERCENTILE))
    slope = _slope(bodies)
    # where the middle of each part would be if the line were level
    middles = [part.middle - slope * (part.x + part.width / 2 - left) for part in bodies]
    to_level = np.array([[1, 0, 0], [-slope, 1, top - float(np.median(middles))], [0, 0, 1]])
    slant = slant_of(_level_ink(ink, to_level, max(part.height for part in line)))
    to_upright = np.array([[1, slant, 0], [0, 1, 0], [0, 0, 1]]) @ to_level
    corners = [
        (x - left, y - top) for part in line for x in (part.x, part.right) for y in (part.y, part.bottom)
    ]
    corners_x = np.array([to_upright[0] @ (*corner, 1) for corner in corners])
    width = max(MIN_WIDTH, int(np.ptp(corners_x) * scale) + 2 * MARGIN)
    placement = np.array([[scale, 0, MARGIN - scale * corners_x.min()], [0, scale, height / 2], [0, 0, 1]])
    to_strip = (placement @ to_upright)[:2].astype(np.float32)
    if scale < 1:
        ink = cv2.GaussianBlur(ink, (0, 0), ANTIALIAS_SIGMA / scale)
    strip_ink = cv2.warpAffine(ink, to_strip, (width, height), flags=cv2.INTER_LINEAR)
    to_page = cv2.invertAffineTransform(to_strip)
    to_page[:, 2] += left, top
    return Strip(np.clip(strip_ink, 0, 1), to_page)


def _slope(bodies: list[Part]) -> float:
    """The line's slope: the median over pairs of parts that are far enough apart (Theil 1950)."""
    middles = np.array([(part.x + part.width / 2, part.middle) for part in bodies])
    right, down = (values[None] - values[:, None] for values in middles.T)
    is_far = right > PAIR_DISTANCE * float(np.median([part.height for part in bodies]))
    if is_far.sum() < MIN_PAIRS:
        return 0.0
    return float(np.clip(np.median(down[is_far] / right[is_far]), -MAX_SLOPE, MAX_SLOPE))


def _level_ink(ink: np.ndarray, to_level: np.ndarray, tallest: int) -> np.ndarray:
    """The ink of a line made level: float32 (2 * tallest, W), the line's middle at half the height."""
    to_middle = np.array([[1, 0, 0], [0, 1, tallest], [0, 0, 1]])
    return cv2.warpAffine(ink, (to_middle @ to_level)[:2].astype(np.float32), (ink.shape[1], 2 * tallest))


def slant_of(ink: np.ndarray) -> float:
    """How far strokes lean to the right for each pixel up.

    Upright strokes fill some columns and leave others empty. So the slant is the one whose removal makes the
    columns differ most.

    Args:
        ink: float32 (h, w) in [0, 1] of a level line.
    """
    scale = min(1.0, SLANT_HEIGHT / len(ink))
    size = [max(1, round(side * scale)) for side in ink.shape[::-1]]
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    margin = round(max(abs(SLANTS)) * height) + 1

    def sharpness(slant: float) -> float:
        to_upright = np.array([[1, slant, margin - slant * height / 2], [0, 1, 0]], np.float32)
        columns = cv2.warpAffine(small, to_upright, (width + 2 * margin, height)).sum(axis=0)
        return float((columns**2).sum()) * (1 - SLANT_PENALTY * abs(slant))

    return float(max(SLANTS, key=sharpness))
