"""The characters of a page as labelled boxes on a canvas, and what a visitor changes there."""

from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from pages.session import BOX_BYTES, CHARACTER_BYTES
from recognizer import Character, Line, Reading

Box = tuple[int, int, int, int]
DOUBTFUL_MARK = "?"  # after the label; not everybody can tell the colours apart, so the line is dashed, too
MIN_SURE = 0.9  # probability from which a character counts as sure
SURE_COLOUR, LESS_SURE_COLOUR, DOUBTFUL_COLOUR = "#1a7f4b", "#1f5fbf", "#c8321e"  # legible on white paper
LINE_WIDTH = 2  # pixels
CLICK_SIDE = 3 * LINE_WIDTH  # pixels: a new box with shorter sides is a click
SIDES = ("left", "top", "width", "height")


@dataclass
class Sheet:
    """One page while a visitor corrects it.

    Attributes:
        name: identifies the page in this session.
        first: the reading before any correction.
        scale: pixels of the canvas for one of the picture.
        reading: with the boxes as they are now.
        known: every character ever read on the page, so that a box that comes back is not read again.
        text: as the visitor left it.
        first_text: the text that the text field began with.
        boxes: those that the canvas begins with.
        drawn: what they look like, so that an undo on the canvas is recognized.
        last_labels: the labels of the boxes on the canvas when it was last seen.
        canvas_version: increases when the canvas has to be drawn anew.
        text_version: increases when the text field has to begin anew.
    """

    name: str
    first: Reading
    scale: float
    reading: Reading = field(init=False)
    known: Reading = field(init=False)
    text: str = field(init=False)
    first_text: str = field(init=False)
    boxes: list[dict] = field(init=False)
    drawn: set[tuple] = field(init=False)
    last_labels: dict[Box, str] = field(init=False)
    canvas_version: int = 0
    text_version: int = 0

    def __post_init__(self):
        self.start_over()
        self.last_labels = {_in_picture(box, self.scale): box["label"] for box in self.boxes}

    @property
    def size(self) -> int:
        """Its memory in bytes, about."""
        held = {id(character) for character in characters(self.known) + characters(self.first)}
        return CHARACTER_BYTES * (1 + len(held)) + BOX_BYTES * len(self.boxes)

    @property
    def is_changed(self) -> bool:
        """Whether the visitor has corrected anything."""
        return self.reading is not self.first or self.text != self.first.text

    def start_over(self) -> None:
        """Undo all corrections."""
        self.reading = self.known = self.first
        self._begin_text(self.first.text)
        self.draw()

    def read_anew(self, reading: Reading) -> None:
        """Take another first reading of the page; what the visitor has corrected stays."""
        unchanged = not self.is_changed
        self.first = reading
        if unchanged:
            self.start_over()

    def draw(self) -> None:
        """Have the canvas show the present reading."""
        self.canvas_version += 1
        self.drawn = {_look(character) for character in characters(self.reading)}
        self.boxes = labelled_boxes(self.reading, self.scale)

    def redraw_if_stale(self) -> None:
        """`draw`, if boxes were removed since: a canvas that was put away begins with them again."""
        if self.drawn != {_look(character) for character in characters(self.reading)}:
            self.draw()

    def changed_boxes(self, boxes: list[dict]) -> list[Box] | None:
        """All boxes of the page, if they differ from the reading's; else None.

        Labels that were typed on boxes are taken over.

        Args:
            boxes: as the canvas gives them.
        """
        on_canvas = {_in_picture(box, self.scale): box for box in boxes}
        known = {character.box: character for character in characters(self.known)}
        labels = {
            box: drawn["label"] for box, drawn in on_canvas.items() if box in known or not _is_click(drawn)
        }
        if len(labels) < len(on_canvas):
            self.draw()  # without the clicks
        last_labels, self.last_labels = self.last_labels, labels
        if labels == last_labels:
            return None
        typed = {
            box: label.removesuffix(DOUBTFUL_MARK)
            for box, label in labels.items()
            if label
            and last_labels.get(box, label) != label
            and box in known
            and label != marked_label(known[box])
        }
        if typed:
            self._know(_with_label(known[box], label) for box, label in typed.items())
        if not typed and set(labels) == {character.box for character in characters(self.reading)}:
            return None
        return list(labels)

    def take(self, reading: Reading) -> None:
        """Take a new reading of changed boxes; typed text stays where its line is read as before."""
        self._begin_text(merged(self.reading.text, reading.text, self.text))
        self._know(characters(reading))
        self.reading = reading
        if not {_look(character) for character in characters(reading)} <= self.drawn:
            self.draw()

    def _know(self, more) -> None:
        """Add characters to those known, in place of others with the same boxes."""
        by_box = {character.box: character for character in (*characters(self.known), *more)}
        self.known = Reading((Line(tuple(by_box.values()), ""),))

    def _begin_text(self, text: str) -> None:
        self.text = self.first_text = text
        self.text_version += 1


def characters(reading: Reading) -> list[Character]:
    """All characters, in reading order."""
    return [character for line in reading.lines for character in line.characters]


def marked_label(character: Character) -> str:
    """The label on a character's box."""
    return character.label if character.accepted else character.label + DOUBTFUL_MARK


def labelled_boxes(reading: Reading, scale: float) -> list[dict]:
    """A box for each character: its label, colour, whether it is doubtful, and its place on the canvas."""
    return [
        {
            "label": marked_label(character),
            "colour": _colour(character),
            "doubtful": not character.accepted,
            **{side: length * scale for side, length in zip(SIDES, character.box, strict=True)},
        }
        for character in characters(reading)
    ]


def _colour(character: Character) -> str:
    if not character.accepted:
        return DOUBTFUL_COLOUR
    return SURE_COLOUR if character.probability >= MIN_SURE else LESS_SURE_COLOUR


def merged(old: str, new: str, edited: str) -> str:
    """A text that a visitor edited, after some of its page was read anew.

    Lines that are read as before stay as they were edited, the others are replaced. If the visitor joined or
    split lines, the whole text stays.

    Args:
        old: the text of the page before.
        new: the text of the page now.
        edited: `old` as the visitor edited it.
    """
    before, after, own = old.split("\n"), new.split("\n"), edited.split("\n")
    if len(own) != len(before):
        return edited
    lines = []
    for kind, start, stop, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        lines += own[start:stop] if kind == "equal" else after[first:last]
    return "\n".join(lines)


def _look(character: Character) -> tuple[Box, str, bool]:
    return character.box, marked_label(character), character.accepted


def _in_picture(box: dict, scale: float) -> Box:
    """A box of the canvas in pixels of the picture."""
    return tuple(round(box[side] / scale) for side in SIDES)


def _is_click(box: dict) -> bool:
    return max(box["width"], box["height"]) < CLICK_SIDE


def _with_label(character: Character, label: str) -> Character:
    """A character with the label that a visitor typed."""
    return replace(character, label=label, probability=1.0, accepted=True, reason="")


def overlap(first: Box, second: Box) -> float:
    """The intersection over union of two boxes, from 0 to 1."""
    width, height = (
        max(0, min(a + length, b + other_length) - max(a, b))
        for a, b, length, other_length in zip(first[:2], second[:2], first[2:], second[2:], strict=True)
    )
    intersection = width * height
    return intersection / max(first[2] * first[3] + second[2] * second[3] - intersection, 1)
