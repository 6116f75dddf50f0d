"""What was read, as boxes on a canvas, and what somebody changed there, as what was read."""

from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from recognizer import Character, Line, Reading

Box = tuple[int, int, int, int]
MARK = (
    "?"  # behind the label of a doubtful one, whose box is broken too: not everybody tells the colours apart
)
LEAST_SURE = 0.9
SURE, LESS_SURE, DOUBTFUL = "#1a7f4b", "#1f5fbf", "#c8321e"  # seen on white paper
LINE = 2  # pixels
TINY = 3 * LINE  # pixels: where a box is smaller on both sides, somebody clicked
SIDES = ("left", "top", "width", "height")


@dataclass
class Sheet:
    """One page while somebody corrects it."""

    name: str
    first: Reading  # as it was read
    scale: float  # pixels of the canvas for one of the picture
    reading: Reading = field(init=False)  # with the boxes as they are now
    known: Reading = field(init=False)  # every character ever read on it: what comes back is not read again
    text: str = field(init=False)  # as the person left it
    first_text: str = field(init=False)  # what the person's text field began with
    boxes: list[dict] = field(init=False)  # what the canvas begins with
    drawn: set[tuple] = field(init=False)  # how that looks, box by box: an undo on the canvas returns to it
    seen: dict[Box, str] = field(init=False)  # boxes and their labels, as the canvas last had them
    times: int = 0  # that the canvas was drawn anew
    texts: int = 0  # that the text field began anew

    def __post_init__(self):
        self.start_over()
        self.seen = {_in_picture(box, self.scale): box["label"] for box in self.boxes}

    def start_over(self) -> None:
        """Everything as it was first read."""
        self.reading = self.known = self.first
        self._begin_text(self.first.text)
        self.draw()

    def draw(self) -> None:
        """Have the canvas show the reading as it is now."""
        self.times += 1
        self.drawn = {_look(one) for one in characters(self.reading)}
        self.boxes = marked(self.reading, self.scale)

    def draw_where_it_is_not(self) -> None:
        """`draw`, where boxes were taken away since: a canvas that was put away begins with them again."""
        if self.drawn != {_look(one) for one in characters(self.reading)}:
            self.draw()

    def changed(self, boxes: list[dict]) -> list[Box] | None:
        """The boxes that there shall be, if that differs from the reading; None otherwise.

        Labels that were given to boxes by hand are taken over.

        Args:
            boxes: as the canvas gives them.
        """
        places = {_in_picture(box, self.scale): box for box in boxes}
        mine = {one.box for one in characters(self.known)}
        now = {one: box["label"] for one, box in places.items() if one in mine or not _clicked(box)}
        if len(now) < len(places):
            self.draw()  # without the clicks
        before, self.seen = self.seen, now
        if now == before:
            return None
        read = {one.box: one for one in characters(self.known)}
        given = {
            box: label.removesuffix(MARK)
            for box, label in now.items()
            if label and before.get(box, label) != label and box in read and label != shown(read[box])
        }
        if given:
            named = tuple(_named(read[box], label) for box, label in given.items())
            self.known = Reading((*self.known.lines, Line(named, "")))
        if not given and set(now) == {one.box for one in characters(self.reading)}:
            return None
        return list(now)

    def take(self, reading: Reading) -> None:
        """A new reading of changed boxes: what was typed stays where its line did not change."""
        self._begin_text(merged(self.reading.text, reading.text, self.text))
        self.known = Reading((*self.known.lines, *reading.lines))
        self.reading = reading
        if not {_look(one) for one in characters(reading)} <= self.drawn:
            self.draw()

    def _begin_text(self, text: str) -> None:
        self.text = self.first_text = text
        self.texts += 1


def characters(reading: Reading) -> list[Character]:
    """All characters, in reading order."""
    return [one for line in reading.lines for one in line.characters]


def shown(one: Character) -> str:
    """A character's label on its box."""
    return one.label if one.accepted else one.label + MARK


def marked(reading: Reading, scale: float) -> list[dict]:
    """A box of the canvas for each character: its label, colour, whether it is doubtful, and where it is."""
    return [
        {
            "label": shown(one),
            "colour": DOUBTFUL if not one.accepted else SURE if one.probability >= LEAST_SURE else LESS_SURE,
            "doubtful": not one.accepted,
            **{side: length * scale for side, length in zip(SIDES, one.box, strict=True)},
        }
        for one in characters(reading)
    ]


def merged(old: str, new: str, edited: str) -> str:
    """A text that somebody edited, after what it was made of was read anew.

    Lines that were read as before stay as they were edited, the others are the new ones. Where lines were
    joined or parted by hand, all of them stay.
    """
    before, after, mine = old.split("\n"), new.split("\n"), edited.split("\n")
    if len(mine) != len(before):
        return edited
    lines = []
    for kind, start, stop, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        lines += mine[start:stop] if kind == "equal" else after[first:last]
    return "\n".join(lines)


def _look(one: Character) -> tuple[Box, str, bool]:
    return one.box, shown(one), one.accepted


def _in_picture(box: dict, scale: float) -> Box:
    """A box of the canvas in pixels of the picture."""
    return tuple(round(box[side] / scale) for side in SIDES)


def _clicked(box: dict) -> bool:
    return max(box["width"], box["height"]) < TINY


def _named(one: Character, label: str) -> Character:
    """A character whose label a person gave."""
    return replace(one, label=label, probability=1.0, accepted=True, reason="")


def shared(one: Box, other: Box) -> float:
    """The share of two boxes' union that is in both (intersection over union)."""
    sides = [
        max(0, min(a + length, b + long) - max(a, b))
        for a, b, length, long in zip(one[:2], other[:2], one[2:], other[2:], strict=True)
    ]
    both = sides[0] * sides[1]
    return both / max(one[2] * one[3] + other[2] * other[3] - both, 1)
