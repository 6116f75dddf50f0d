"""From the ink of a page to its lines: writing is told from what is none, and gathered along the lines."""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.errors import ImageError
from recognizer.preprocessing.page_foreground import depth_of
from recognizer.preprocessing.ruled_lines import without_rules

# in heights of the writing
SPECK = 0.12  # what is smaller is dirt
BODY = 0.45  # what is lower is a mark: a dot, a comma, a bar
TOO_HIGH = 3.0  # no character
RULE = (3.0, 0.35)  # what is wider and lower than this is a printed line
WITHIN = 0.4  # of the ink does not touch the picture's edge, where what touches it is no writing
CUT_LINE = 0.6  # of a line's characters are cut by the picture's edge: it is cut
LEFT_OF_CUT = 0.8  # of the height of the highest, where all are cut: less is left of a line beside it
LONE = 0.67  # what is lower and a line by itself, beside lines of several characters, is a mark or dirt
SEVERAL = 3  # characters
# in pens
EDGE = 0.6  # ink this near to the picture's edge is cut off by it
SPOT = 4.0  # what is no longer may be grain of the paper
BLOT = 1.6  # deeper ink is crossed out or a blot
COUNTLESS = 200  # parts
SPOTS = 0.4  # of the ink: real writing on grainy paper had up to 0.5, but of few parts
SKEWS = np.tan(np.deg2rad(np.arange(-18, 18.5, 1.5)))  # down for each pixel to the right
SKEW_SIDE = 500  # pixels: enough to see how lines run
MOST_LINES = 300  # a page is at most 2,000 pixels high
MOST_PARTS = 4_000  # of the writing, 2 ms each; a full page has some 3,000, a pattern can have 100,000
SOME = 12  # characters: fewer do not tell how the lines of a page run


@dataclass(frozen=True)
class Part:
    """One connected piece of ink."""

    number: int  # its label in the page's map of parts
    x: int
    y: int
    width: int
    height: int
    area: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class Page:
    """The parts of a page's ink, and the size of its writing."""

    def __init__(self, ink: np.ndarray):
        """
        Args:
            ink: float32 (H, W) in [0, 1].

        Raises:
            ImageError: it has more parts than any page of writing.
        """
        self.ink = ink
        drawn = without_rules((ink >= 0.5).astype(np.uint8))
        count, self.parts_map, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
        self.depth = depth_of(drawn)
        every = [Part(number, *stats[number].tolist()) for number in range(1, count)]
        inner = [part for part in every if not self._is_cut(part)]
        if sum(part.area for part in inner) < WITHIN * sum(part.area for part in every):
            inner = every  # the picture is cut closely around the writing
        self.pen = self._pen(inner)
        self.height = self._height(inner)
        self.parts = [] if self._is_grain(every) else [part for part in every if self._is_writing(part)]
        if len(self.parts) > MOST_PARTS:
            raise ImageError(
                f"the picture shows {len(self.parts):,} marks, more than {MOST_PARTS:,}: give a part of it"
            )
        self.skew = self._skew()

    def lines(self) -> list[list[Part]]:
        """Parts gathered along the writing, each line from left to right, the lines from top to bottom.

        Raises:
            ImageError: there are more lines than on any page of writing.
        """
        lines: list[list[Part]] = []
        ends: list[tuple[float, float]] = []
        bodies = sorted((part for part in self.parts if self._is_body(part)), key=lambda part: part.x)
        for part in bodies:
            level = self._level(part)
            near = [
                (abs(level - end[0]) + 0.05 * max(part.x - lines[number][-1].right, 0), number)
                for number, end in enumerate(ends)
                if _continues(level, part.height, end)
            ]
            if near:
                number = min(near)[1]
                lines[number].append(part)
                ends[number] = self._end_of(lines[number])
            elif len(lines) < MOST_LINES:
                lines.append([part])
                ends.append(self._end_of([part]))
            else:
                raise ImageError(f"the picture shows more than {MOST_LINES} lines: give a part of it")
        lines = self._of_writing(self._whole(lines))
        lines.sort(key=lambda line: float(np.median([self._level(part) for part in line])))
        for mark in (part for part in self.parts if not self._is_body(part)):
            self._add_mark(mark, lines)
        return [sorted(line, key=lambda part: part.x + part.width / 2) for line in lines]

    def _whole(self, lines: list[list[Part]]) -> list[list[Part]]:
        """Without lines of which the picture's edge leaves only a part, of the line above or below."""
        cut = [np.mean([self._is_cut_off(part) for part in line]) >= CUT_LINE for line in lines]
        whole = [line for line, off in zip(lines, cut, strict=True) if not off]
        high = [float(np.median([part.height for part in line])) for line in lines]
        least = LEFT_OF_CUT * max(high, default=0)
        return whole or [line for line, tall in zip(lines, high, strict=True) if tall >= least]

    def _of_writing(self, lines: list[list[Part]]) -> list[list[Part]]:
        """Without what is too low for a character and stands alone, where there is other writing."""
        if all(len(line) < SEVERAL for line in lines):
            return lines
        return [line for line in lines if len(line) > 1 or line[0].height >= LONE * self.height]

    # what is writing

    def _is_cut(self, part: Part) -> bool:
        """Whether the picture's edge cuts it off."""
        height, width = self.ink.shape
        return part.x == 0 or part.y == 0 or part.right == width or part.bottom == height

    def _is_cut_off(self, part: Part) -> bool:
        """Whether the picture's upper or lower edge cuts it."""
        near = EDGE * self.pen
        return part.y <= near or part.bottom >= len(self.ink) - near

    def _pen(self, parts: list[Part]) -> float:
        depths = self.depth[np.isin(self.parts_map, [part.number for part in parts]) & (self.depth > 0)]
        if not len(depths):
            return 1.0
        depths = depths[depths < 3 * np.median(depths) + 0.1]
        return max(1.0, 3 * float((depths**2).sum() / depths.sum()))  # a bar's depths are uniform

    def _height(self, parts: list[Part]) -> float:
        """Of a usual character: the median over the parts, those with more ink counting more."""
        tall = [part for part in parts if part.height > 2.5 * self.pen and not self._is_blot(part)] or parts
        return (
            float(np.median(np.repeat([part.height for part in tall], [part.area for part in tall])))
            if tall
            else 1.0
        )

    def _is_body(self, part: Part) -> bool:
        return part.height >= BODY * self.height

    def _is_writing(self, part: Part) -> bool:
        high, wide = part.height / self.height, part.width / self.height
        if max(high, wide) < SPECK or (part.area < 0.5 * self.pen**2 and high < 0.3):
            return False
        if high > TOO_HIGH or (wide > RULE[0] and high < RULE[1]):
            return False
        if self._is_cut(part) and (high < 0.5 or wide > 4):
            return False
        return not self._is_blot(part) or max(high, wide) < 0.4

    def _is_grain(self, parts: list[Part]) -> bool:
        """Whether all this is the grain of bare paper: countless spots."""
        if len(parts) < COUNTLESS:
            return False
        spots = sum(part.area for part in parts if max(part.width, part.height) < SPOT * self.pen)
        return spots > SPOTS * sum(part.area for part in parts)

    def _is_blot(self, part: Part) -> bool:
        """Whether its ink is too deep for a stroke: crossed out, or a blot."""
        inside = self.parts_map[part.y : part.bottom, part.x : part.right] == part.number
        return float(self.depth[part.y : part.bottom, part.x : part.right][inside].max()) >= BLOT * self.pen

    # lines

    def _skew(self) -> float:
        """How far lines fall for each pixel to the right: where rows of writing are the fullest."""
        bodies = [part for part in self.parts if self._is_body(part)]
        if len(bodies) < SOME:
            return 0.0
        scale = min(1.0, SKEW_SIDE / max(self.ink.shape))
        size = tuple(max(1, round(side * scale)) for side in self.ink.shape)
        sheet = np.zeros(size, np.float32)
        for part in bodies:  # each its middle, as wide as it is
            y, ends = round(part.middle * scale), (int(part.x * scale), int(part.right * scale) + 1)
            sheet[min(y, size[0] - 1), ends[0] : ends[1]] = 1
        room = round(max(SKEWS) * size[1]) + 1
        soft = cv2.blur(sheet, (1, max(1, round(0.3 * self.height * scale))))

        def sharpness(skew: float) -> float:
            level = np.array([[1, 0, 0], [-skew, 1, room + skew * size[1] / 2]], np.float32)
            rows = cv2.warpAffine(soft, level, (size[1], size[0] + 2 * room)).sum(axis=1)
            return float((rows**2).sum()) * (1 - 0.1 * abs(skew))

        return float(max(SKEWS, key=sharpness))

    def _level(self, part: Part) -> float:
        """The height of a part's middle, as if lines did not fall or climb."""
        return part.middle - self.skew * (part.x + part.width / 2)

    def _end_of(self, line: list[Part]) -> tuple[float, float]:
        """The middle and the height of a line's last parts."""
        last = line[-3:]
        return (
            sum(self._level(part) for part in last) / len(last),
            sum(part.height for part in last) / len(last),
        )

    def _add_mark(self, mark: Part, lines: list[list[Part]]) -> None:
        """A dot, a bar or a comma belongs to the nearest line."""
        best = None
        for line in lines:
            aside, above = min(_apart(mark, part) for part in line)
            if above < 0.6 * self.height and aside < 1.5 * self.height:
                away = 0.5 * aside + above
                if best is None or away < best[0]:
                    best = away, line
        if best:
            best[1].append(mark)

    def ink_of(self, line: list[Part]) -> tuple[np.ndarray, tuple[int, int]]:
        """The ink of a line alone, float32 (h, w), and its left and top on the page."""
        left, right = min(part.x for part in line), max(part.right for part in line)
        top, bottom = min(part.y for part in line), max(part.bottom for part in line)
        left, top = max(left - 1, 0), max(top - 1, 0)  # the grey edge belongs to it
        window = np.s_[top : bottom + 1, left : right + 1]
        mine = np.isin(self.parts_map[window], [part.number for part in line]).astype(np.uint8)
        return self.ink[window] * cv2.dilate(mine, np.ones((3, 3), np.uint8)), (left, top)

    def bodies(self, line: list[Part]) -> list[Part]:
        """The parts of a line that are no dots or bars; all of them where there are none."""
        return [part for part in line if self._is_body(part)] or line


def _continues(level: float, height: int, end: tuple[float, float]) -> bool:
    """Whether a part, its middle at this level, stands at the height of a line's end."""
    middle, tall = end
    shared = min(level + height / 2, middle + tall / 2) - max(level - height / 2, middle - tall / 2)
    return shared > 0.4 * min(height, tall)


def _apart(one: Part, other: Part) -> tuple[int, int]:
    """Pixels between two parts, aside and above."""
    return (
        max(0, other.x - one.right, one.x - other.right),
        max(0, other.y - one.bottom, one.y - other.bottom),
    )
