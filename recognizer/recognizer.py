"""`Recognizer`: decodes a picture, finds its ink, runs the networks and decodes their output."""

from collections.abc import Iterable, Sequence

import numpy as np

from recognizer.decoding import risk_control
from recognizer.decoding.classifier import Classifier
from recognizer.decoding.explanation import Explanation
from recognizer.decoding.line_arrangement import arrange_lines
from recognizer.decoding.page_reading import Constraint, read_boxes, transcribe
from recognizer.decoding.single_character import (
    explain_isolated,
    isolate,
    read_isolated,
    single_character,
    without_fainter_parts,
)
from recognizer.io.decoding import ImageLike, load_image
from recognizer.io.drawing import Drawing
from recognizer.models import store
from recognizer.models.engines import Engine
from recognizer.models.stroke_model import Strokes
from recognizer.personalization.adaptation import adapt_classifier
from recognizer.preprocessing.declutter import only_character
from recognizer.preprocessing.foreground import find_ink
from recognizer.preprocessing.page_foreground import page_ink
from recognizer.results import Box, Character, Line, Reading

MAX_FRAGMENTS = 3  # a single character can be read as so many pieces; more are several characters


class Recognizer:
    """Reads handwritten characters with one model.

    Example:
        >>> reader = Recognizer.load("digits")
        >>> reader.character("seven.png").label
        '7'
    """

    def __init__(self, classifier: Classifier):
        """Use `Recognizer.load`, which makes the classifier."""
        self._classifier = classifier

    @classmethod
    def load(
        cls,
        name: str,
        max_error: float | None = None,
        coverage: float | None = None,
        engine: Engine = "keras",
    ) -> "Recognizer":
        """Load a recognizer: "digits", "letters", "alphanumeric", "anything" or another model of weights/.

        These four are views of one network. "anything" has the labels of "alphanumeric", but expects digits
        as often as letters: use it for a single character of unknown kind. Loading takes seconds the first
        time in a process; keep the recognizer.

        Args:
            name: of the view or model.
            max_error: accept an answer only if at most this share of such answers is wrong, in (0, 1). By
                default an answer is accepted if it is more likely right than wrong.
            coverage: make `Character.alternatives` a set that holds the true label this often, in [0, 1).
            engine: "keras", or "litert" to run without TensorFlow (pip install 'scrawl[batch]').

        Both limits hold for single characters like those held out in training, the first with 95 %
        confidence, the second on average; other people's characters can be harder (docs/measured.md). They do
        not hold for `read`, which also decides where characters are.

        Raises:
            ModelError: there is no such model; its weights do not match their card; its held-out samples are
                too few or too hard for such a limit; or the engine is unknown, not installed, or cannot run
                this model.
        """
        policy = risk_control.policy(name, store.reader_card(name), max_error, coverage)
        return cls(Classifier(store.load_model(name, engine=engine), policy))

    @property
    def classes(self) -> tuple[str, ...]:
        """The possible labels, in the order of the network's outputs."""
        return self._classifier.labels

    def character(self, image: ImageLike) -> Character:
        """Read one isolated character, anywhere in the picture, of any size and pen.

        A blank picture is not an error: it gives accepted=False and reason="blank".

        Args:
            image: a path, the bytes of a file, a file object, a PIL image, an array (H, W), (H, W, 3) or
                (H, W, 4) of uint8 or of floats in [0, 1], or a `Drawing`.

        Raises:
            ImageError: the picture cannot be decoded (see recognizer.io.decoding.load_image).
        """
        return self.characters([image])[0]

    def characters(self, images: Iterable[ImageLike]) -> list[Character]:
        """Read isolated characters in one batched pass.

        Args:
            images: each as `character` takes it.

        Returns:
            One character for each picture, in the same order.

        Raises:
            ImageError: a picture cannot be decoded.
        """
        # one picture at a time: the ink of thousands would fill the memory
        isolated = [
            isolate(self._classifier, find_ink(load_image(image)), _strokes(image)) for image in images
        ]
        return read_isolated(self._classifier, isolated)

    def of_glyphs(self, glyphs: np.ndarray) -> list[Character]:
        """Read characters from glyphs; their boxes are None.

        Args:
            glyphs: float32 (N, side, side) in [0, 1], as `Character.glyph`.
        """
        rows = self._classifier.probabilities(glyphs)
        return [
            self._classifier.to_character(row, None, glyph) for row, glyph in zip(rows, glyphs, strict=True)
        ]

    def explain(self, image: ImageLike) -> Explanation:
        """Read one isolated character, and find which of its ink speaks for the answer and which against it.

        Args:
            image: as `character` takes it.

        Raises:
            ImageError: the picture cannot be decoded.
        """
        return explain_isolated(self._classifier, find_ink(load_image(image)), _strokes(image))

    def read(
        self,
        image: ImageLike,
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """Read everything on a picture, line by line, all characters in one batched pass.

        A character that is alone on its picture is read as `character` reads it, without the parts that are
        fainter than `faintest`.

        Args:
            image: a page, a field or a word, in any light; as `character` takes it. Of a PDF the first page.
            pattern: the text of every line: 9 is a digit, A a letter, * any character, anything else itself,
                as in "99999", "AA-999", "99/99/9999".
            charset: the possible labels; by default all labels of the model.
            faintest: ink is at least half as dark as this share of the picture's usual ink, in (0, 1]; by
                default found from the paper's grain.

        Raises:
            ImageError: the picture cannot be decoded (see recognizer.io.decoding.load_image).
        """
        picture = load_image(image)
        ink, scale = page_ink(picture, faintest)
        drawing = image if isinstance(image, Drawing) else None
        constraint = Constraint.from_options(self.classes, charset, pattern)
        reading = transcribe(self._classifier, ink, scale, constraint, drawing)
        characters = [character for line in reading.lines for character in line.characters]
        allowed = constraint.single()
        if len(characters) > MAX_FRAGMENTS or allowed is None:
            return reading
        character_ink = find_ink(picture)
        if faintest:
            character_ink = without_fainter_parts(character_ink, ink)
        isolated = isolate(self._classifier, character_ink, _strokes(image))
        single = single_character(self._classifier, isolated, allowed, characters)
        return Reading((Line((single,), single.label),)) if single else reading

    def reread(
        self,
        image: ImageLike,
        reading: Reading,
        boxes: Sequence[Box],
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """Read again what changed after a person moved, added or removed boxes of a reading.

        Args:
            image: the picture that was read.
            reading: of the picture.
            boxes: (x, y, width, height) of all characters, in pixels of the picture.
            pattern, charset, faintest: as for `read`; a new box may hold what the pattern allows anywhere.

        Returns:
            A character for each box, arranged in lines. A box of the reading keeps its character; a new box
            is read from the ink within it, with reason="blank" if there is none.

        Raises:
            ImageError: the picture cannot be decoded.
        """
        boxes = [(round(x), round(y), round(width), round(height)) for x, y, width, height in boxes]
        characters = [character for line in reading.lines for character in line.characters]
        by_box = {character.box: character for character in characters if character.box}
        if new := [box for box in boxes if box not in by_box]:
            ink, scale = page_ink(load_image(image), faintest)
            by_box |= read_boxes(
                self._classifier, ink, scale, Constraint.from_options(self.classes, charset, pattern), new
            )
        return arrange_lines([by_box[box] for box in boxes])

    def adapted(self, images: Iterable[ImageLike], labels: Iterable[str]) -> "Recognizer":
        """A new recognizer, adapted to a writer by a few corrected characters, at once and without training.

        It keeps earlier corrections of this recognizer, which stays as it is. `read` adapts its reading of
        each character, not of the line.

        Args:
            images: isolated characters, as `character` takes them.
            labels: the label of each, one of `classes`; case is ignored if those have no capitals.

        Raises:
            ModelError: a label is not one of `classes`, or there is not one label for each picture.
            ImageError: a picture cannot be decoded or is blank.
        """
        glyphs = [self._classifier.glyph(only_character(find_ink(load_image(image)))) for image in images]
        return Recognizer(adapt_classifier(self._classifier, np.array(glyphs), labels))

    def adapted_to_glyphs(self, glyphs: np.ndarray, labels: Iterable[str]) -> "Recognizer":
        """As `adapted`, from stored glyphs of this model's recipe.

        Args:
            glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1], as `Character.glyph`.
            labels: the label of each.

        Raises:
            ModelError: as `adapted`; or this model takes glyphs of another size.
            ImageError: a glyph is blank.
        """
        return Recognizer(adapt_classifier(self._classifier, glyphs, labels))


def _strokes(image: ImageLike) -> Strokes:
    """The strokes of a drawing; empty for any other picture."""
    return image.strokes if isinstance(image, Drawing) else ()
