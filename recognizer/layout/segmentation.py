"""Find the lines of a page: split its ink into parts, drop parts that are no writing, gather the rest."""

from dataclasses import dataclass

import cv2
import numpy as np

from recognizer.errors import ImageError
from recognizer.preprocessing.page_foreground import depth_of
from recognizer.preprocessing.ruled_lines import without_rules

# "Heights" are multiples of the height of a usual character on the page, "pens" of its pen width.

# The size of writing
PEN_OUTLIER = 3  # times the median depth: deeper ink does not count for the pen
TALL_PENS = 2.5  # pens: a lower part does not count for the height of a usual character
INNER_SHARE = 0.4  # of all ink: with less away from the picture's edge, ink at the edge is writing too

# Which parts are writing
MIN_SIZE = 0.12  # heights: a smaller part is dirt
DOT_AREA, DOT_HEIGHT = 0.5, 0.3  # squared pens, heights: a part that is smaller and lower is dirt, too
MAX_HEIGHT = 3.0  # heights: a higher part is no character
RULE_WIDTH, RULE_HEIGHT = 3.0, 0.35  # heights: a part that is wider and lower is a printed line
CUT_HEIGHT, CUT_WIDTH = 0.5, 4  # heights: a part at the picture's edge that is lower or wider is not writing
BLOT_DEPTH = 1.6  # pens: a part with deeper ink is a blot, or crossed out
BLOT_SIZE = 0.4  # heights: a smaller blot may be a dot
GRAIN_PARTS = 200  # with fewer parts, the picture is not the grain of bare paper
GRAIN_SPOT = 4.0  # pens: a part that is shorter may be a grain
# Of the ink in such spots: with more, all of it is grain. Real writing on grainy paper had up to 0.5, but in
# fewer parts than GRAIN_PARTS.
GRAIN_SHARE = 0.4
MAX_PARTS = 4_000  # of the writing, 2 ms each; a full page has some 3,000, a pattern can have 100,000

# How parts make lines
BODY_HEIGHT = 0.45  # heights: a lower part is a mark (a dot, a comma, a bar) and starts no line
MIN_OVERLAP = 0.4  # of the smaller height: what a part and the end of the line that it continues share
GAP_WEIGHT = 0.05  # pixels of vertical distance that count as much as one pixel of gap
LINE_END = 3  # parts at the end of a line whose mean level and height a new part is compared with
# A mark is less than this far above or below a part of its line, and less than this far beside it, in heights
MARK_DISTANCE, MARK_GAP = 0.6, 1.5
MARK_GAP_WEIGHT = 0.5  # pixels of distance above or below that count as much as one pixel beside
MAX_LINES = 300  # a page is at most 2,000 pixels high

# Which lines are kept
EDGE_PENS = 0.6  # pens: a part this near to the picture's upper or lower edge is cut by it
CUT_LINE_SHARE = 0.6  # of a line's parts: if the edge cuts at least this many, it cuts the line
CUT_LINE_HEIGHT = 0.8  # of the highest line: if the edges cut all lines, lower ones are rests of other lines
LONE_HEIGHT = 0.67  # heights: next to other writing, a lower part alone on its line is a mark or dirt
WRITTEN_LINE = 3  # parts: a line with at least this many is writing

# The slope of all lines of a page, in pixels down for each pixel to the right
SKEWS = np.tan(np.deg2rad(np.arange(-18, 18.5, 1.5)))  # the slopes that are tried
SKEW_SIDE = 500  # pixels of the page's longer side: enough to see how lines run
SKEW_PARTS = 12  # with fewer parts, lines are taken for level
SKEW_BLUR = 0.3  # heights: vertical blur, so that parts of slightly different height meet in a row
SKEW_PENALTY = 0.1  # of the sharpness, for each unit of skew: if in doubt, lines are level


@dataclass(frozen=True)
class Part:
    """One connected piece of ink, in pixels of the page's ink."""

    number: int  # its label in Page.part_numbers
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
    """The parts of a page's ink that are writing, and the size of this writing."""

    def __init__(self, ink: np.ndarray):
        """
        Args:
            ink: float32 (H, W) in [0, 1], 1 = ink.

        Raises:
            ImageError: it has more parts than any page of writing.
        """
        self.ink = ink
        drawn = without_rules((ink >= 0.5).astype(np.uint8))
        count, self.part_numbers, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
        self.depth = depth_of(drawn)
        every_part = [Part(number, *stats[number].tolist()) for number in range(1, count)]
        inner_parts = [part for part in every_part if not self._is_cut(part)]
        if sum(part.area for part in inner_parts) < INNER_SHARE * sum(part.area for part in every_part):
            inner_parts = every_part  # the picture is cropped to the writing
        self.pen = self._pen(inner_parts)
        self.height = self._usual_height(inner_parts)
        is_grain = self._is_grain(every_part)
        self.parts = [] if is_grain else [part for part in every_part if self._is_writing(part)]
        if len(self.parts) > MAX_PARTS:
            raise ImageError(
                f"the picture shows {len(self.parts):,} marks, more than {MAX_PARTS:,}: give a part of it"
            )
        self.skew = self._skew()

    def lines(self) -> list[list[Part]]:
        """The lines from top to bottom, the parts of each from left to right.

        Raises:
            ImageError: there are more lines than on any page of writing.
        """
        lines: list[list[Part]] = []
        ends: list[tuple[float, float]] = []
        bodies = sorted((part for part in self.parts if self._is_body(part)), key=lambda part: part.x)
        for part in bodies:
            level = self._level(part)
            candidates = [
                (abs(level - end[0]) + GAP_WEIGHT * max(part.x - lines[number][-1].right, 0), number)
                for number, end in enumerate(ends)
                if _continues(level, part.height, end)
            ]
            if candidates:
                _, number = min(candidates)
                lines[number].append(part)
                ends[number] = self._end_of(lines[number])
            elif len(lines) < MAX_LINES:
                lines.append([part])
                ends.append(self._end_of([part]))
            else:
                raise ImageError(f"the picture shows more than {MAX_LINES} lines: give a part of it")
        lines = self._without_lone_marks(self._without_cut_lines(lines))
        lines.sort(key=lambda line: float(np.median([self._level(part) for part in line])))
        for mark in (part for part in self.parts if not self._is_body(part)):
            self._add_mark(mark, lines)
        return [sorted(line, key=lambda part: part.x + part.width / 2) for line in lines]

    def ink_of(self, line: list[Part]) -> tuple[np.ndarray, tuple[int, int]]:
        """The ink of one line without its neighbours.

        Returns:
            ink: float32 (h, w) in [0, 1].
            corner: its left and top in pixels of the page's ink.
        """
        left, right = min(part.x for part in line), max(part.right for part in line)
        top, bottom = min(part.y for part in line), max(part.bottom for part in line)
        left, top = max(left - 1, 0), max(top - 1, 0)  # one pixel more: the strokes' grey contour
        window = np.s_[top : bottom + 1, left : right + 1]
        own = np.isin(self.part_numbers[window], [part.number for part in line]).astype(np.uint8)
        return self.ink[window] * cv2.dilate(own, np.ones((3, 3), np.uint8)), (left, top)

    def bodies(self, line: list[Part]) -> list[Part]:
        """The parts of a line that are more than dots or bars; all parts if none is."""
        return [part for part in line if self._is_body(part)] or line

    # The size of writing

    def _pen(self, parts: list[Part]) -> float:
        """The pen's width in pixels, at least 1, measured as in page_foreground."""
        depths = self.depth[np.isin(self.part_numbers, [part.number for part in parts]) & (self.depth > 0)]
        if not len(depths):
            return 1.0
        depths = depths[depths < PEN_OUTLIER * np.median(depths) + 0.1]
        return max(1.0, 3 * float((depths**2).sum() / depths.sum()))

    def _usual_height(self, parts: list[Part]) -> float:
        """The height of a usual character in pixels: the median over parts, each weighted by its ink."""
        tall = [part for part in parts if part.height > TALL_PENS * self.pen and not self._is_blot(part)]
        tall = tall or parts
        if not tall:
            return 1.0
        return float(np.median(np.repeat([part.height for part in tall], [part.area for part in tall])))

    # Which parts are writing

    def _is_cut(self, part: Part) -> bool:
        """Whether the part touches any edge of the picture."""
        height, width = self.ink.shape
        return part.x == 0 or part.y == 0 or part.right == width or part.bottom == height

    def _is_body(self, part: Part) -> bool:
        return part.height >= BODY_HEIGHT * self.height

    def _is_writing(self, part: Part) -> bool:
        height, width = part.height / self.height, part.width / self.height
        if max(height, width) < MIN_SIZE or (part.area < DOT_AREA * self.pen**2 and height < DOT_HEIGHT):
            return False
        if height > MAX_HEIGHT or (width > RULE_WIDTH and height < RULE_HEIGHT):
            return False
        if self._is_cut(part) and (height < CUT_HEIGHT or width > CUT_WIDTH):
            return False
        return not self._is_blot(part) or max(height, width) < BLOT_SIZE

    def _is_grain(self, parts: list[Part]) -> bool:
        """Whether all parts together are the grain of bare paper."""
        if len(parts) < GRAIN_PARTS:
            return False
        spots = sum(part.area for part in parts if max(part.width, part.height) < GRAIN_SPOT * self.pen)
        return spots > GRAIN_SHARE * sum(part.area for part in parts)

    def _is_blot(self, part: Part) -> bool:
        window = np.s_[part.y : part.bottom, part.x : part.right]
        own = self.part_numbers[window] == part.number
        return float(self.depth[window][own].max()) >= BLOT_DEPTH * self.pen

    # How parts make lines

    def _skew(self) -> float:
        """The slope of all lines: the one whose removal makes the rows of writing differ most."""
        bodies = [part for part in self.parts if self._is_body(part)]
        if len(bodies) < SKEW_PARTS:
            return 0.0
        scale = min(1.0, SKEW_SIDE / max(self.ink.shape))
        height, width = (max(1, round(side * scale)) for side in self.ink.shape)
        middles = np.zeros((height, width), np.float32)  # of each part a level line through its middle
        for part in bodies:
            y, left, right = round(part.middle * scale), int(part.x * scale), int(part.right * scale) + 1
            middles[min(y, height - 1), left:right] = 1
        margin = round(max(SKEWS) * width) + 1
        blurred = cv2.blur(middles, (1, max(1, round(SKEW_BLUR * self.height * scale))))

        def sharpness(skew: float) -> float:
            to_level = np.array([[1, 0, 0], [-skew, 1, margin + skew * width / 2]], np.float32)
            rows = cv2.warpAffine(blurred, to_level, (width, height + 2 * margin)).sum(axis=1)
            return float((rows**2).sum()) * (1 - SKEW_PENALTY * abs(skew))

        return float(max(SKEWS, key=sharpness))

    def _level(self, part: Part) -> float:
        """The y of a part's middle, with the page's skew removed."""
        return part.middle - self.skew * (part.x + part.width / 2)

    def _end_of(self, line: list[Part]) -> tuple[float, float]:
        """The mean level and the mean height of a line's last parts."""
        last = line[-LINE_END:]
        return (
            sum(self._level(part) for part in last) / len(last),
            sum(part.height for part in last) / len(last),
        )

    def _add_mark(self, mark: Part, lines: list[list[Part]]) -> None:
        """Add a dot, a bar or a comma to the nearest line, if one is near enough."""
        best = None
        for line in lines:
            aside, above = min(_gaps(mark, part) for part in line)
            if above < MARK_DISTANCE * self.height and aside < MARK_GAP * self.height:
                distance = MARK_GAP_WEIGHT * aside + above
                if best is None or distance < best[0]:
                    best = distance, line
        if best:
            best[1].append(mark)

    # Which lines are kept

    def _without_cut_lines(self, lines: list[list[Part]]) -> list[list[Part]]:
        """Drop lines of which the picture's upper or lower edge leaves only a strip."""
        is_cut = [np.mean([self._is_cut_off(part) for part in line]) >= CUT_LINE_SHARE for line in lines]
        whole = [line for line, cut in zip(lines, is_cut, strict=True) if not cut]
        heights = [float(np.median([part.height for part in line])) for line in lines]
        min_height = CUT_LINE_HEIGHT * max(heights, default=0)
        return whole or [line for line, height in zip(lines, heights, strict=True) if height >= min_height]

    def _is_cut_off(self, part: Part) -> bool:
        """Whether the picture's upper or lower edge cuts the part."""
        near = EDGE_PENS * self.pen
        return part.y <= near or part.bottom >= len(self.ink) - near

    def _without_lone_marks(self, lines: list[list[Part]]) -> list[list[Part]]:
        """Drop lines of a single low part, if there is other writing."""
        if all(len(line) < WRITTEN_LINE for line in lines):
            return lines
        return [line for line in lines if len(line) > 1 or line[0].height >= LONE_HEIGHT * self.height]


def _continues(level: float, height: int, end: tuple[float, float]) -> bool:
    """Whether a part of this level and height stands beside a line's end, given by its level and height."""
    end_level, end_height = end
    top = max(level - height / 2, end_level - end_height / 2)
    bottom = min(level + height / 2, end_level + end_height / 2)
    return bottom - top > MIN_OVERLAP * min(height, end_height)


def _gaps(first: Part, second: Part) -> tuple[int, int]:
    """Pixels between two parts, aside and above or below; 0 where they overlap."""
    return (
        max(0, second.x - first.right, first.x - second.right),
        max(0, second.y - first.bottom, first.y - second.bottom),
    )
