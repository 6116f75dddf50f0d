"""Read a whole picture line by line; each character is also read by itself, and both opinions count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recognizer.decoding import calibration, ctc, ink_assignment
from recognizer.decoding.classifier import Classifier
from recognizer.decoding.language_model import apply_kind_prior, apply_text_prior
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

# Weight in [0, 1] of the classifier's opinion on a character by itself; the rest is the line model's. Chosen
# on wild/cheque_amounts, where results from 0.2 to 0.4 differ by 1 %.
CLASSIFIER_WEIGHT = 0.3
# The same for a drawing: its strokes are known, and its glyphs hold no ink of neighbours. Chosen on the lines
# of training.evaluation.lines, where results from 0.4 to 0.75 differ by 1 %.
CLASSIFIER_WEIGHT_DRAWN = 0.6
PROBABILITY_FLOOR = 1e-6  # lower bound of the classifier's probabilities


@dataclass(frozen=True, eq=False)
class LocatedCharacter:
    """A character that the line model found, before the classifier reads it.

    Attributes:
        position: index of its position in the pattern; 0 without a pattern.
        probabilities: (labels,), the line model's.
        glyph: float32 (side, side).
        box: (x, y, width, height) in pixels of the page's ink.
        strokes: its own pen strokes; empty if they are unknown.
    """

    position: int
    probabilities: np.ndarray
    glyph: np.ndarray
    box: tuple[float, float, float, float]
    strokes: Strokes


@dataclass(frozen=True, eq=False)
class Constraint:
    """What may stand on a picture.

    Attributes:
        allowed: bool (labels,), the labels that may be read.
        pattern: the positions of each line; None if there is no pattern.
    """

    allowed: np.ndarray
    pattern: list[ctc.PatternPosition] | None

    @classmethod
    def from_options(cls, labels: tuple[str, ...], charset: str | None, pattern: str | None) -> "Constraint":
        """Make the constraint of a charset and a pattern for a model with these labels."""
        allowed = np.array([not charset or label in charset for label in labels])
        return cls(allowed, ctc.parse_pattern(pattern, labels) if pattern else None)

    def single(self) -> np.ndarray | None:
        """The labels of a character that may stand alone, bool (labels,); None if there may be none."""
        allowed = self.allowed
        if self.pattern:
            if len(self.pattern) > 1 or self.pattern[0].literal:
                return None
            allowed = allowed & self.pattern[0].allowed
        return allowed if allowed.any() else None


def transcribe(
    classifier: Classifier,
    ink: np.ndarray,
    scale: float,
    constraint: Constraint,
    drawing: Drawing | None = None,
) -> Reading:
    """Read everything on a page: all lines in one batched pass, all characters in another.

    Args:
        classifier: reads each character by itself.
        ink: float32 (H, W) in [0, 1] of the page.
        scale: pixels of the ink for one pixel of the picture.
        constraint: what may stand there.
        drawing: the strokes in pixels of the picture, if they are known.

    Raises:
        ImageError: there is more on the picture than on any page of writing.
    """
    page = Page(ink)
    network = store.line_model(classifier.labels, classifier.model.engine)
    lines = page.lines()
    strips = line_strips.strips(page, lines, network.side, network.card["tall"])
    # strokes on a canvas are writing; ink on a photo is surely writing only if it is a single piece
    is_writing = drawing is not None or (len(lines) == 1 and len(page.bodies(lines[0])) == 1)
    drawing = drawing and drawing.scaled(scale)
    rows = [
        _locate_characters(classifier, strip, logits, network.classes, constraint, drawing, is_writing)
        for strip, logits in zip(strips, ctc.strip_logits(strips, network.logits), strict=True)
    ]
    located = [character for row in rows for character in row]
    classified = iter(
        classifier.probabilities(
            [character.glyph for character in located], [character.strokes for character in located]
        )
    )
    weight = CLASSIFIER_WEIGHT_DRAWN if drawing else CLASSIFIER_WEIGHT
    read_lines = []
    for row in filter(None, rows):
        probabilities = np.stack([character.probabilities for character in row]) ** (1 - weight)
        of_classifier = [next(classified)[classifier.label_mask] for _ in row]
        probabilities *= np.maximum(of_classifier, PROBABILITY_FLOOR) ** weight
        if not constraint.pattern:
            ends = word_ends([character.box for character in row])
            probabilities = apply_kind_prior(probabilities, classifier.labels)
            probabilities = apply_text_prior(probabilities, classifier.labels, ends)
        characters = tuple(
            classifier.to_character(of_classes, _picture_box(character.box, scale), character.glyph)
            for of_classes, character in zip(classifier.expand_to_classes(probabilities), row, strict=True)
        )
        if constraint.pattern:
            labels = {
                place.position: character.label for place, character in zip(row, characters, strict=True)
            }
            text = ctc.fill_pattern(constraint.pattern, labels)
        else:
            text = text_of(characters)
        read_lines.append(Line(characters, text))
    return Reading(tuple(read_lines))


def _locate_characters(
    classifier: Classifier,
    strip: line_strips.Strip,
    logits: np.ndarray,
    classes: tuple[str, ...],
    constraint: Constraint,
    drawing: Drawing | None,
    is_writing: bool,
) -> list[LocatedCharacter]:
    """Find the characters of a line, from left to right.

    Args:
        logits: (frames, classes) of the line model.
        classes: of the line model.
        drawing: the strokes in pixels of the page's ink.
        is_writing: force at least one character; a lone 1 can look like a mark to the line model.
    """
    probabilities = ctc.frame_probabilities(logits, classes, classifier.labels, constraint.allowed)
    log_probabilities = np.log(np.maximum(probabilities, TINY))
    if constraint.pattern:
        spans = ctc.decode_pattern(log_probabilities, constraint.pattern)
    else:
        spans = ctc.decode_greedy(log_probabilities)
    if is_writing and not spans and not constraint.pattern:
        best = int(probabilities[:, :-1].sum(axis=0).argmax())
        spans = [ctc.Span(0, len(probabilities), best, 0)]
    owner = ink_assignment.assign_ink(spans, strip.ink)
    strokes = ink_assignment.character_strokes(strip, owner, drawing.strokes) if drawing else {}
    located = []
    for number, span in enumerate(spans, 1):
        own_ink = ink_assignment.character_ink(strip, owner, number)
        if own_ink is None:
            continue
        ink, box = own_ink
        peak = span.start + int(probabilities[span.start : span.end, span.label_index].argmax())
        of_labels = probabilities[peak, :-1]
        if constraint.pattern:
            of_labels = of_labels * constraint.pattern[span.position].allowed
        of_labels = of_labels / max(of_labels.sum(), TINY)
        own_strokes = strokes.get(number, [])
        if drawing and own_strokes:  # the strokes drawn anew show no ink of neighbours
            ink = only_character(find_ink(load_image(drawing.cropped_to(own_strokes))))
        located.append(LocatedCharacter(span.position, of_labels, classifier.glyph(ink), box, own_strokes))
    return located


def _picture_box(box: tuple[float, float, float, float], scale: float) -> Box:
    """A box on the page's ink in pixels of the picture."""
    x, y, width, height = (round(length / scale) for length in box)
    return x, y, width, height


def read_boxes(
    classifier: Classifier, ink: np.ndarray, scale: float, constraint: Constraint, boxes: Sequence[Box]
) -> dict[Box, Character]:
    """Read the ink within each box as one character; an empty box gives reason="blank".

    Args:
        classifier, ink, scale, constraint: as `transcribe` takes them. A box may hold any label that the
            pattern allows at any position.
        boxes: (x, y, width, height) in pixels of the picture.
    """
    allowed = constraint.allowed
    if constraint.pattern:
        allowed = allowed & np.any([position.allowed for position in constraint.pattern], axis=0)
    glyphs = [classifier.glyph(_crop(ink, box, scale)) for box in boxes]
    probabilities = classifier.restrict(classifier.probabilities(glyphs), allowed)
    return {
        box: classifier.to_character(row, box, glyph)
        if glyph.any()
        else replace(calibration.blank_character(), box=box)
        for box, row, glyph in zip(boxes, probabilities, glyphs, strict=True)
    }


def _crop(ink: np.ndarray, box: Box, scale: float) -> np.ndarray:
    """The ink within a box given in pixels of the picture; one pixel of paper if the box lies outside."""
    left, top = (max(0, int(start * scale)) for start in box[:2])
    right, bottom = (
        max(0, int(np.ceil((start + length) * scale))) for start, length in zip(box[:2], box[2:], strict=True)
    )
    crop = ink[top:bottom, left:right]
    return crop if crop.size else np.zeros((1, 1), np.float32)
