"""A picture taken as a single character: isolated, read and explained."""

from typing import NamedTuple

import cv2
import numpy as np

from recognizer.decoding import calibration
from recognizer.decoding.classifier import Classifier
from recognizer.decoding.explanation import Explanation, heat_on_picture, occlusion_heat
from recognizer.models.stroke_model import Strokes
from recognizer.numerics import TINY
from recognizer.preprocessing.declutter import is_bare_stroke, only_character
from recognizer.preprocessing.foreground import ink_box
from recognizer.results import Box, Character

PROBABILITY_FLOOR = 1e-9  # and 1 minus this at most: the log odds of 0 and 1 are infinite
# Maximum not-a-character probability of a picture that is read as a single character, if one or several
# characters were found on it. The second is low because two bars side by side look like an n to the network,
# and `digits` counts only a thousandth of an n as not a character.
MAX_NOT_CHARACTER, MAX_NOT_CHARACTER_IF_SEVERAL = 0.5, 0.02


class Isolated(NamedTuple):
    """A picture taken as a single character, before it is read."""

    box: Box | None  # in pixels of the picture; None if it is blank
    glyph: np.ndarray
    is_bare_stroke: bool
    strokes: Strokes  # empty if they are not known


def isolate(classifier: Classifier, ink: np.ndarray, strokes: Strokes = ()) -> Isolated:
    """Take a picture as a single character.

    Args:
        classifier: will read it.
        ink: float32 (H, W) of the picture.
        strokes: of the drawing; empty if they are not known.
    """
    ink = only_character(ink)
    return Isolated(ink_box(ink), classifier.glyph(ink), is_bare_stroke(ink), strokes)


def without_fainter_parts(ink: np.ndarray, page: np.ndarray) -> np.ndarray:
    """The ink of a picture without the parts that are too faint for its page.

    Whole parts are kept or removed: on a page, the inside of a very heavy stroke is taken for paper.

    Args:
        ink: float32 (H, W) of the picture, as `find_ink` gives it.
        page: float32 (h, w) of the same picture, as `page_ink` gives it for a minimum darkness.
    """
    count, parts = cv2.connectedComponents((ink >= 0.5).astype(np.uint8), connectivity=8)
    dark = cv2.resize(page, ink.shape[::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    is_dark = np.bincount(parts[dark], minlength=count) > 0
    is_dark[0] = True  # the paper, and the soft edges of strokes
    return np.where(is_dark[parts], ink, 0)


def read_isolated(classifier: Classifier, isolated: list[Isolated]) -> list[Character]:
    """Read single characters in one batched pass."""
    rows = _probabilities(classifier, isolated)
    return [
        _character(classifier, row, picture) if picture.box else calibration.blank_character()
        for row, picture in zip(rows, isolated, strict=True)
    ]


def explain_isolated(classifier: Classifier, ink: np.ndarray, strokes: Strokes) -> Explanation:
    """Read a single character, and find which of its ink speaks for the answer and which against it.

    Args:
        classifier: reads it.
        ink: float32 (H, W) of the picture.
        strokes: of the drawing; empty if they are not known.
    """
    isolated = isolate(classifier, ink, strokes)
    [character] = read_isolated(classifier, [isolated])
    if isolated.box is None:
        return Explanation(character, np.zeros_like(ink))
    column = classifier.labels.index(character.label)

    def log_odds(glyphs: np.ndarray) -> np.ndarray:
        """Of the answer's probability as it is shown: given that this is a character, strokes included."""
        rows = classifier.probabilities(glyphs, len(glyphs) * [strokes])[:, classifier.label_mask]
        shown = rows[:, column] / np.maximum(rows.sum(axis=1), TINY)
        shown = np.clip(shown, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
        return np.log(shown / (1 - shown))

    heat = occlusion_heat(isolated.glyph, log_odds)
    return Explanation(character, heat_on_picture(heat, isolated.glyph, only_character(ink)))


def single_character(
    classifier: Classifier, isolated: Isolated, allowed: np.ndarray, fragments: list[Character]
) -> Character | None:
    """The character on a picture that shows only one; None if it may show several or none.

    Args:
        classifier: reads it.
        isolated: the picture, taken as a single character.
        allowed: bool (labels,), the possible labels.
        fragments: the characters that were found on the picture as on a page.
    """
    if isolated.box is None or classifier.label_mask.all():  # a network without "not a character" cannot tell
        return None
    [probabilities] = _probabilities(classifier, [isolated])
    limit = MAX_NOT_CHARACTER if len(fragments) < 2 else MAX_NOT_CHARACTER_IF_SEVERAL
    if probabilities[~classifier.label_mask].sum() > limit:
        return None
    if not all(_is_centre_in(fragment.box, isolated.box) for fragment in fragments):
        return None
    character = _character(classifier, classifier.restrict(probabilities, allowed), isolated)
    return character if fragments or character.accepted else None


def _probabilities(classifier: Classifier, isolated: list[Isolated]) -> np.ndarray:
    """Probabilities (N, classes) of single characters."""
    rows = classifier.probabilities(
        [picture.glyph for picture in isolated], [picture.strokes for picture in isolated]
    )
    # a bare stroke is always a character: 1, l or I
    bare = np.array([picture.is_bare_stroke for picture in isolated], bool)
    rows[np.ix_(bare, ~classifier.label_mask)] = 0
    return rows / rows.sum(axis=1, keepdims=True)


def _character(classifier: Classifier, probabilities: np.ndarray, isolated: Isolated) -> Character:
    return classifier.to_character(probabilities, isolated.box, isolated.glyph)


def _is_centre_in(inner: Box | None, outer: Box) -> bool:
    """Whether the centre of a box lies within another box."""
    if inner is None:
        return False
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return outer[0] <= x <= outer[0] + outer[2] and outer[1] <= y <= outer[1] + outer[3]
