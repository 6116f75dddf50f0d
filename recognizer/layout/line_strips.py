"""Lines of a page as the network of lines sees them: level, upright, of one size."""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.errors import ImageError
from recognizer.layout.segmentation import Page, Part

USUAL = 80  # percentile of the heights of a line's parts: of its capitals and tall letters
MARGIN = 4  # pixels of paper before and after the writing
NARROWEST = 24  # pixels of a strip
MOST_COLUMNS = 100_000  # of all strips of a picture; a character of wild/pages has 20 to 35, its gap included
FAR = 2.0  # heights: parts this far from each other tell whether a line climbs
PAIRS = 3  # of parts: fewer do not tell
STEEPEST = 0.4  # pixels for each to the right
SLANTS = np.tan(np.deg2rad(np.arange(-30, 51, 5)))  # to the right for each pixel up
SLANT_HEIGHT = 48  # pixels: high enough to see the slant


@dataclass(frozen=True, eq=False)
class Strip:
    """A line's ink as the network sees it, upright and of one size."""

    ink: np.ndarray  # float32 (high, W) in [0, 1]
    to_page: np.ndarray  # float (2, 3): from its pixels to those of the page's ink


def strips(page: Page, lines: list[list[Part]], high: int, tall: int) -> list[Strip]:
    """The lines of a page as the network sees them.

    Args:
        page, high, tall: as `strip` takes them.
        lines: of the page.

    Raises:
        ImageError: they are longer than those of any page of writing.
    """
    found, columns = [], 0
    for line in lines:
        found.append(strip(page, line, high, tall))
        columns += found[-1].ink.shape[1]
        if columns > MOST_COLUMNS:
            raise ImageError("the lines of the picture are longer than a page has: give a part of it")
    return found


def strip(page: Page, line: list[Part], high: int, tall: int) -> Strip:
    """A line as the network sees it.

    Args:
        page: that the line is on.
        line: its parts.
        high: pixels of the strip.
        tall: pixels that a usual capital or digit shall have on it.
    """
    ink, (left, top) = page.ink_of(line)
    bodies = page.bodies(line)
    scale = tall / float(np.percentile([part.height for part in bodies], USUAL))
    fall = _fall(bodies)
    middles = [part.middle - fall * (part.x + part.width / 2 - left) for part in bodies]
    level = np.array([[1, 0, 0], [-fall, 1, top - float(np.median(middles))], [0, 0, 1]])
    slant = slant_of(_level_ink(ink, level, max(part.height for part in line)))
    upright = np.array([[1, slant, 0], [0, 1, 0], [0, 0, 1]]) @ level
    corners = [(x - left, y - top) for one in line for x in (one.x, one.right) for y in (one.y, one.bottom)]
    across = np.array([upright[0] @ (*corner, 1) for corner in corners])
    width = max(NARROWEST, int(np.ptp(across) * scale) + 2 * MARGIN)
    place = np.array([[scale, 0, MARGIN - scale * across.min()], [0, scale, high / 2], [0, 0, 1]])
    to_strip = (place @ upright)[:2].astype(np.float32)
    if scale < 1:
        ink = cv2.GaussianBlur(ink, (0, 0), 0.35 / scale)
    small = cv2.warpAffine(ink, to_strip, (width, high), flags=cv2.INTER_LINEAR)
    to_page = cv2.invertAffineTransform(to_strip)
    to_page[:, 2] += left, top
    return Strip(np.clip(small, 0, 1), to_page)


def _fall(bodies: list[Part]) -> float:
    """How far a line falls for each pixel to the right: the median over pairs of its parts (Theil 1950)."""
    middles = np.array([(part.x + part.width / 2, part.middle) for part in bodies])
    across, down = (values[None] - values[:, None] for values in middles.T)
    far = across > FAR * float(np.median([part.height for part in bodies]))
    if far.sum() < PAIRS:
        return 0.0
    return float(np.clip(np.median(down[far] / across[far]), -STEEPEST, STEEPEST))


def _level_ink(ink: np.ndarray, level: np.ndarray, tallest: int) -> np.ndarray:
    """The ink with its line brought level, about the middle of a strip twice as high as its tallest part."""
    room = np.array([[1, 0, 0], [0, 1, tallest], [0, 0, 1]])
    return cv2.warpAffine(ink, (room @ level)[:2].astype(np.float32), (ink.shape[1], 2 * tallest))


def slant_of(ink: np.ndarray) -> float:
    """How far strokes lean to the right for each pixel up: where columns are the fullest and the emptiest."""
    scale = min(1.0, SLANT_HEIGHT / len(ink))
    size = [max(1, round(side * scale)) for side in ink.shape[::-1]]
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    room = round(max(abs(SLANTS)) * height) + 1

    def sharpness(slant: float) -> float:
        lean = np.array([[1, slant, room - slant * height / 2], [0, 1, 0]], np.float32)
        columns = cv2.warpAffine(small, lean, (width + 2 * room, height)).sum(axis=0)
        return float((columns**2).sum()) * (1 - 0.05 * abs(slant))

    return float(max(SLANTS, key=sharpness))
