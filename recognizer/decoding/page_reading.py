"""A whole picture of writing, read line by line: what each line says, and each of its characters alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recognizer.decoding import calibration, ctc, ink_assignment
from recognizer.decoding.classifier import Classifier
from recognizer.decoding.language_model import agreed, together
from recognizer.decoding.line_arrangement import text_of, word_ends
from recognizer.io.decoding import load_image
from recognizer.io.drawing import Drawing
from recognizer.layout import line_strips
from recognizer.layout.segmentation import Page
from recognizer.models import store
from recognizer.models.stroke_model import Strokes
from recognizer.numerics import TINY
from recognizer.preprocessing.declutter import only_character
from recognizer.preprocessing.foreground import find_ink
from recognizer.results import Box, Character, Line, Reading

# How much a character alone counts beside what the line says of it; chosen on wild/cheque_amounts, where
# 0.2 to 0.4 differ by 1 %
ALONE = 0.3
# the same where its strokes are known, and nothing of its neighbours is in its glyph; chosen on lines of
# training.evaluation.lines, where 0.4 to 0.75 differ by 1 %
ALONE_DRAWN = 0.6
LEAST = 1e-6  # of what a character alone says


@dataclass(frozen=True, eq=False)
class InLine:
    """One character of a line, before it is read alone."""

    position: int  # of the pattern
    shares: np.ndarray  # (labels,), what the line says
    glyph: np.ndarray
    box: tuple[float, float, float, float]  # in pixels of the page's ink
    strokes: Strokes  # its own; none where they are not known


@dataclass(frozen=True, eq=False)
class Constraint:
    """What may stand on a picture."""

    allowed: np.ndarray  # bool (labels,)
    wanted: list[ctc.Position] | None  # the pattern's positions, of every line

    @classmethod
    def from_options(cls, labels: tuple[str, ...], charset: str | None, pattern: str | None) -> "Constraint":
        """Whatever a charset and a pattern allow, of a model's labels."""
        allowed = np.array([not charset or label in charset for label in labels])
        return cls(allowed, ctc.positions(pattern, labels) if pattern else None)

    def single(self) -> np.ndarray | None:
        """What a character may be that is all that stands there, bool (labels,); None where none may be."""
        allowed = self.allowed
        if self.wanted:
            if len(self.wanted) > 1 or self.wanted[0].literal:
                return None
            allowed = allowed & self.wanted[0].allowed
        return allowed if allowed.any() else None


def transcribe(
    classifier: Classifier,
    ink: np.ndarray,
    scale: float,
    constraint: Constraint,
    drawing: Drawing | None = None,
) -> Reading:
    """Everything on a page, all lines in one batched pass and all characters in another.

    Args:
        classifier: reads characters alone.
        ink: of the page, float32 (H, W).
        scale: its pixels for one of the picture.
        constraint: what may stand there.
        drawing: the picture's strokes, where they are known.

    Raises:
        ImageError: it shows more than any page of writing.
    """
    page = Page(ink)
    network = store.line_model(classifier.labels)
    parts = page.lines()
    strips = line_strips.strips(page, parts, network.side, network.card["tall"])
    # what somebody drew is writing; of a photo only a single piece is
    written = drawing is not None or (len(parts) == 1 and len(page.bodies(parts[0])) == 1)
    drawing = drawing and drawing.scaled(scale)
    rows = [
        _characters(classifier, strip, logits, network.classes, constraint, drawing, written)
        for strip, logits in zip(strips, ctc.logits_of(strips, network.logits), strict=True)
    ]
    every = [one for row in rows for one in row]
    alone = iter(classifier.probabilities([one.glyph for one in every], [one.strokes for one in every]))
    weight = ALONE_DRAWN if drawing else ALONE
    read = []
    for row in filter(None, rows):
        shares = np.stack([one.shares for one in row]) ** (1 - weight)
        shares *= np.maximum([next(alone)[classifier.named] for _ in row], LEAST) ** weight
        if not constraint.wanted:
            shares = agreed(shares, classifier.labels)
            shares = together(shares, classifier.labels, word_ends([one.box for one in row]))
        characters = tuple(
            classifier.answer(share, _on_picture(one.box, scale), one.glyph)
            for share, one in zip(classifier.of_labels(shares), row, strict=True)
        )
        said = {place.position: one.label for place, one in zip(row, characters, strict=True)}
        text = ctc.filled(constraint.wanted, said) if constraint.wanted else text_of(characters)
        read.append(Line(characters, text))
    return Reading(tuple(read))


def _characters(
    classifier: Classifier,
    strip: line_strips.Strip,
    logits: np.ndarray,
    classes: tuple[str, ...],
    constraint: Constraint,
    drawing: Drawing | None,
    written: bool,
) -> list[InLine]:
    """The characters of a line, from left to right.

    Args:
        logits: (places, classes) of the network of lines.
        classes: its labels.
        drawing: the strokes in pixels of the page's ink.
        written: there is a character, even if the network sees none: a 1 by itself might be a mark.
    """
    known = ctc.probabilities(logits, classes, classifier.labels, constraint.allowed)
    logs = np.log(np.maximum(known, TINY))
    steps = ctc.steps_by_pattern(logs, constraint.wanted) if constraint.wanted else ctc.best_steps(logs)
    if written and not steps and not constraint.wanted:
        steps = [ctc.Step(0, len(known), int(known[:, :-1].sum(axis=0).argmax()), 0)]
    owner = ink_assignment.owners(steps, strip.ink)
    strokes = ink_assignment.own_strokes(strip, owner, drawing.strokes) if drawing else {}
    places = [step.start + int(known[step.start : step.end, step.best].argmax()) for step in steps]
    found = []
    for number, (step, share) in enumerate(zip(steps, known[places, :-1], strict=True), 1):
        if own := ink_assignment.own_ink(strip, owner, number):
            ink, box = own
            if constraint.wanted:
                share = share * constraint.wanted[step.position].allowed
            mine = strokes.get(number, [])
            if drawing and mine:
                ink = only_character(find_ink(load_image(drawing.of(mine))))
            share = share / max(share.sum(), TINY)
            found.append(InLine(step.position, share, classifier.glyph(ink), box, mine))
    return found


def _on_picture(box: tuple[float, float, float, float], scale: float) -> Box:
    """A box on the page's ink in pixels of the picture."""
    x, y, width, height = (round(place / scale) for place in box)
    return x, y, width, height


def of_boxes(
    classifier: Classifier, ink: np.ndarray, scale: float, constraint: Constraint, boxes: Sequence[Box]
) -> dict[Box, Character]:
    """The ink within each box, read as one character; where there is none, with reason="blank".

    Args:
        classifier, ink, scale, constraint: as `transcribe` takes them; a box may hold whatever a pattern has
            anywhere.
        boxes: (x, y, width, height) in pixels of the picture.
    """
    allowed = constraint.allowed
    if constraint.wanted:
        allowed = allowed & np.any([one.allowed for one in constraint.wanted], axis=0)
    glyphs = [classifier.glyph(_within(ink, box, scale)) for box in boxes]
    probabilities = classifier.among(classifier.probabilities(glyphs), allowed)
    return {
        box: classifier.answer(row, box, seen) if seen.any() else replace(calibration.blank(), box=box)
        for box, row, seen in zip(boxes, probabilities, glyphs, strict=True)
    }


def _within(ink: np.ndarray, box: Box, scale: float) -> np.ndarray:
    """The ink in a box given in pixels of the picture, on a page whose ink is `scale` times as large."""
    left, top = (max(0, int(place * scale)) for place in box[:2])
    right, bottom = (
        max(0, int(np.ceil((place + length) * scale))) for place, length in zip(box[:2], box[2:], strict=True)
    )
    return ink[top:bottom, left:right] if ink[top:bottom, left:right].size else np.zeros((1, 1), np.float32)
