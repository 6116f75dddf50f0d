"""`Recognizer`: the one place where the rooms of this package are strung together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from recognizer.decoding import calibration, risk_control
from recognizer.decoding.classifier import Classifier
from recognizer.decoding.explanation import Explanation, heat, on_picture
from recognizer.decoding.line_arrangement import arranged
from recognizer.decoding.page_reading import Constraint, of_boxes, transcribe
from recognizer.io.decoding import ImageLike, load_image
from recognizer.io.drawing import Drawing
from recognizer.models import store
from recognizer.models.stroke_model import Strokes
from recognizer.personalization.adaptation import with_corrections
from recognizer.preprocessing.declutter import is_bare_stroke, only_character
from recognizer.preprocessing.foreground import find_ink, ink_box
from recognizer.preprocessing.page_foreground import page_ink
from recognizer.results import Box, Character, Line, Reading

LEAST_ODDS = 1e-9  # a probability of 0 or 1 has no odds
FEW = 3  # characters read on a picture that may be pieces of one
# Maximum not-a-character probability of a picture read as one character, when one and when several characters
# were found on it. The second is low, since two bars side by side look like an n to a reader of letters, of
# which a reader of digits counts a thousandth.
NONE, NONE_OF_SEVERAL = 0.5, 0.02


class _Seen(NamedTuple):
    """One isolated character, before it is read."""

    box: Box | None  # in pixels of the picture; None: it is blank
    glyph: np.ndarray
    bare: bool  # it is one bare stroke
    strokes: Strokes  # none where they are not known


class Recognizer:
    """Reads handwritten characters with one model.

    Example:
        >>> reader = Recognizer.load("digits")
        >>> reader.character("seven.png").label
        '7'
    """

    def __init__(self, classifier: Classifier):
        """Call `Recognizer.load` instead: it makes the classifier."""
        self._classifier = classifier

    @classmethod
    def load(cls, name: str, max_error: float | None = None, coverage: float | None = None) -> "Recognizer":
        """A recognizer: "digits", "letters", "alphanumeric", "anything", or a model of weights/ by its name.

        The first four are views of one network. "anything" says what "alphanumeric" says, but expects a digit
        as often as a letter, as where somebody draws one character without saying what.

        Takes seconds the first time in a process; keep what it returns.

        Args:
            name: of the view or model.
            max_error: accept only answers of which at most this share is wrong, in (0, 1). Without it an
                answer is accepted that is more likely right than wrong.
            coverage: let `Character.alternatives` be a set that holds the truth this often, in [0, 1).

        Both are promised of single characters like those held out in training, the first with 95 %
        confidence, the second on average; other hands can be harder (the README says by how much). They say
        nothing of `read`, which also decides where characters are.

        Raises:
            ModelError: no such model; its weights are not those its card describes; or its held-out samples
                are too few or too hard for such a promise.
        """
        policy = risk_control.policy(name, store.reader_card(name), max_error, coverage)
        return cls(Classifier(store.load_model(name), policy))

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels it can say, in the order of the network's outputs."""
        return self._classifier.labels

    def character(self, image: ImageLike) -> Character:
        """Read one isolated character, anywhere in the picture, at any size, with any pen.

        A blank picture is no error: it gives accepted=False and reason="blank".

        Args:
            image: a path, the bytes of a file, a file object, a PIL image, an array (H, W), (H, W, 3) or
                (H, W, 4) of uint8 or of floats in [0, 1], or a `Drawing`.

        Raises:
            ImageError: the picture cannot be read (recognizer.io.decoding.load_image says what can).
        """
        return self.characters([image])[0]

    def characters(self, images: Iterable[ImageLike]) -> list[Character]:
        """Read isolated characters in one batched pass.

        Args:
            images: each as `character` takes it.

        Returns:
            One for each picture, in their order.

        Raises:
            ImageError: a picture cannot be read.
        """
        # one at a time: the ink of thousands of pictures would fill the memory
        seen = [self._seen(image, only_character(find_ink(load_image(image)))) for image in images]
        return [
            self._classifier.answer(row, one.box, one.glyph) if one.box else calibration.blank()
            for row, one in zip(self._of_characters(seen), seen, strict=True)
        ]

    def of_glyphs(self, glyphs: np.ndarray) -> list[Character]:
        """Read characters that were brought to glyphs before; their boxes are None.

        Args:
            glyphs: float32 (N, side, side) in [0, 1], as `Character.glyph`.
        """
        probabilities = self._classifier.probabilities(glyphs)
        return [
            self._classifier.answer(row, None, one) for row, one in zip(probabilities, glyphs, strict=True)
        ]

    def _seen(self, image: ImageLike, ink: np.ndarray) -> _Seen:
        """A picture, and the ink of the character on it."""
        strokes = image.strokes if isinstance(image, Drawing) else ()
        return _Seen(ink_box(ink), self._classifier.glyph(ink), is_bare_stroke(ink), strokes)

    def _of_characters(self, seen: list[_Seen]) -> np.ndarray:
        """Probabilities (N, classes) of isolated characters; a bare stroke is always one: 1, l or I."""
        strokes = [one.strokes for one in seen]
        probabilities = self._classifier.probabilities([one.glyph for one in seen], strokes)
        bare = np.array([one.bare for one in seen], bool)
        probabilities[np.ix_(bare, ~self._classifier.named)] = 0
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def explain(self, image: ImageLike) -> Explanation:
        """Read one isolated character and say which of its ink spoke for the answer, and which against it.

        Args:
            image: as `character` takes it.

        Raises:
            ImageError: the picture cannot be read.
        """
        ink = only_character(find_ink(load_image(image)))
        seen = self._seen(image, ink)
        if seen.box is None:
            return Explanation(calibration.blank(), np.zeros_like(ink))
        character = self._classifier.answer(self._of_characters([seen])[0], seen.box, seen.glyph)
        column = self._classifier.column(character.label)

        def odds(glyphs: np.ndarray) -> np.ndarray:
            known = self._classifier.probabilities(glyphs)[:, column]
            known = np.clip(known, LEAST_ODDS, 1 - LEAST_ODDS)
            return np.log(known / (1 - known))

        return Explanation(character, on_picture(heat(seen.glyph, odds), seen.glyph, ink))

    def read(
        self,
        image: ImageLike,
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """Read everything on a picture, line by line, all characters in one batched pass.

        One character that is alone on its picture is read as `character` reads it.

        Args:
            image: a page, a field, a word, in any light; as `character` takes it, of a PDF the first page.
            pattern: what stands on every line: 9 is a digit, A a letter, * any character, anything else
                itself, as in "99999", "AA-999", "99/99/9999".
            charset: the labels that may be read; all of the model's where it is left out.
            faintest: how dark ink is at least, of the usual ink of the picture, in (0, 1]; found from the
                paper's grain where it is left out.

        Raises:
            ImageError: the picture cannot be read (recognizer.io.decoding.load_image says what can).
        """
        picture = load_image(image)
        ink, scale = page_ink(picture, faintest)
        drawing = image if isinstance(image, Drawing) else None
        constraint = Constraint.from_options(self.classes, charset, pattern)
        reading = transcribe(self._classifier, ink, scale, constraint, drawing)
        found = [one for line in reading.lines for one in line.characters]
        allowed = constraint.single()
        if faintest or len(found) > FEW or allowed is None:
            return reading
        single = self._single(self._seen(image, only_character(find_ink(picture))), allowed, found)
        return Reading((Line((single,), single.label),)) if single else reading

    def _single(self, seen: _Seen, allowed: np.ndarray, found: list[Character]) -> Character | None:
        """What is on a picture, if it is one character; None where it may be several, or none.

        Args:
            seen: the picture as if it were one.
            allowed: bool (labels,), what it may be.
            found: what was read on it as on a page.
        """
        classes = self._classifier.named
        if seen.box is None or classes.all():  # such a network takes anything for a character
            return None
        [probabilities] = self._of_characters([seen])
        most = NONE if len(found) < 2 else NONE_OF_SEVERAL
        if probabilities[~classes].sum() > most or not all(_is_in(one.box, seen.box) for one in found):
            return None
        character = self._classifier.answer(
            self._classifier.among(probabilities, allowed), seen.box, seen.glyph
        )
        return character if found or character.accepted else None

    def reread(
        self,
        image: ImageLike,
        reading: Reading,
        boxes: Sequence[Box],
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """A reading whose boxes somebody moved, added or took away: only what changed is read again.

        Args:
            image: the picture that was read.
            reading: what was read on it.
            boxes: (x, y, width, height) in pixels of the picture, of all characters that there shall be.
            pattern, charset, faintest: as it was read; a new box may be whatever the pattern has anywhere.

        Returns:
            A character for each box, arranged in lines: as it was where its box stayed, else as the ink
            within its box is read; where there is none, with reason="blank".

        Raises:
            ImageError: the picture cannot be read.
        """
        boxes = [(round(x), round(y), round(width), round(height)) for x, y, width, height in boxes]
        known = {one.box: one for line in reading.lines for one in line.characters if one.box}
        if new := [box for box in boxes if box not in known]:
            ink, scale = page_ink(load_image(image), faintest)
            known |= of_boxes(
                self._classifier, ink, scale, Constraint.from_options(self.classes, charset, pattern), new
            )
        return arranged([known[box] for box in boxes])

    def adapted(self, images: Iterable[ImageLike], labels: Iterable[str]) -> "Recognizer":
        """A new recognizer that knows this hand from a few corrected characters, at once, without training.

        It knows what this one knew of the hand, too; this one stays as it is. In `read` the opinion of the
        character alone is moved, that of the line is not.

        Args:
            images: isolated characters, as `character` takes them.
            labels: what each is, one of `classes`; where those have no capitals, case is ignored.

        Raises:
            ModelError: a label that the model cannot say, or not one label for each picture.
            ImageError: a picture cannot be read, or shows nothing.
        """
        seen = [self._classifier.glyph(only_character(find_ink(load_image(image)))) for image in images]
        return Recognizer(with_corrections(self._classifier, np.array(seen), labels))

    def adapted_to_glyphs(self, glyphs: np.ndarray, labels: Iterable[str]) -> "Recognizer":
        """`adapted`, from glyphs that were made by this model's recipe and stored.

        Args:
            glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1], as `Character.glyph`.
            labels: what each is.

        Raises:
            ModelError: as `adapted`; or this model sees glyphs of another size.
            ImageError: a glyph is blank.
        """
        return Recognizer(with_corrections(self._classifier, glyphs, labels))


def _is_in(box: Box | None, other: Box) -> bool:
    """Whether the middle of a box lies within another."""
    if box is None:
        return False
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return other[0] <= x <= other[0] + other[2] and other[1] <= y <= other[1] + other[3]
