"""`Recognizer`: the one place where the rooms of this package are strung together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from recognizer import confidence, lines, models, personal, selective
from recognizer.confidence import LEAST, USUAL, Character, Demands
from recognizer.context import Line, Reading, agreed, arranged, text_of
from recognizer.explain import Explanation, heat, on_picture
from recognizer.glyphs import glyph, shown
from recognizer.images import ImageError, ImageLike, load_image
from recognizer.ink import find_ink, ink_box, is_bare_stroke, only_character
from recognizer.layout import Page
from recognizer.paper import page_ink
from recognizer.strokes import Drawing

# How much a character alone counts beside what the line says of it; chosen on wild/cheque_amounts, where
# 0.2 to 0.6 differ by 1 %
ALONE = 0.4
ALONE_DRAWN = 0.6  # the same where its strokes are known, and nothing of its neighbours is in its glyph
LEAST_ODDS = 1e-9  # a probability of 0 or 1 has no odds
Box = tuple[int, int, int, int]


class Recognizer:
    """Reads handwritten characters with one model.

    Example:
        >>> reader = Recognizer.load("digits")
        >>> reader.character("seven.png").label
        '7'
    """

    def __init__(self, model: models.Model, demands: Demands = USUAL, hand: personal.Hand | None = None):
        self._model = model
        self._demands = demands
        self._hand = hand  # whose corrections it knows; None: nobody's

    @classmethod
    def load(cls, name: str, max_error: float | None = None, coverage: float | None = None) -> "Recognizer":
        """A recognizer with a model of weights/: "digits", "letters", "alphanumeric" or another there.

        Takes seconds the first time in a process; keep what it returns.

        Args:
            name: of the model.
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
        card = models.read_card(name)
        least, in_set = LEAST, 0.0
        if max_error is not None:
            found = selective.least_probability(models.entry(name, card, "risk"), max_error)
            if found is None:
                best = selective.least_error(card["risk"])
                raise models.ModelError(
                    f"{name} cannot promise at most {max_error:g} of errors: the least is {best:.2g}"
                )
            least = max(least, found)
        if coverage is not None:
            try:
                in_set = selective.least_in_set(models.entry(name, card, "coverage"), coverage)
            except ValueError as error:
                raise models.ModelError(f"{name}: {error}") from None
        return cls(models.load_model(name), Demands(least, in_set))

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels it can say, in the order of the network's outputs."""
        return tuple(label for label in self._model.classes if label)

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
        seen = [self._seen(only_character(find_ink(load_image(image))))[1] for image in images]
        return self._knowing(np.reshape(seen, (-1, self._model.side, self._model.side)), labels)

    def adapted_to_glyphs(self, glyphs: np.ndarray, labels: Iterable[str]) -> "Recognizer":
        """`adapted`, from glyphs that were made by this model's recipe and stored.

        Args:
            glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1], as `Character.glyph`.
            labels: what each is.

        Raises:
            ModelError: as `adapted`; or this model sees glyphs of another size.
            ImageError: a glyph is blank.
        """
        glyphs = np.asarray(glyphs)
        if glyphs.shape[1:] != (self._model.side, self._model.side) and len(glyphs):
            raise models.ModelError(
                f"{self._model.name} sees (N, {self._model.side}, {self._model.side}) "
                f"glyphs, not {glyphs.shape}"
            )
        return self._knowing(glyphs / 255 if glyphs.dtype == np.uint8 else glyphs, labels)

    def _knowing(self, glyphs: np.ndarray, labels: Iterable[str]) -> "Recognizer":
        """This recognizer, which also knows that these glyphs (N, side, side) are those labels."""
        columns = personal.columns_of(labels, self.classes)
        if len(columns) != len(glyphs):
            raise models.ModelError(f"{len(glyphs)} characters but {len(columns)} labels: give each its own")
        if blank := [number for number, one in enumerate(glyphs, 1) if not one.any()]:
            raise ImageError(f"correction {blank[0]} shows nothing: leave it out")
        if not len(glyphs):
            return self
        probabilities, features = self._alone(glyphs)
        known = probabilities[:, self._named]
        known = known / np.maximum(known.sum(axis=1, keepdims=True), LEAST_ODDS)
        hand = personal.Hand(features, known, columns)
        return Recognizer(self._model, self._demands, self._hand.followed_by(hand) if self._hand else hand)

    def character(self, image: ImageLike) -> Character:
        """Read one isolated character, anywhere in the picture, at any size, with any pen.

        A blank picture is no error: it gives accepted=False and reason="blank".

        Raises:
            ImageError: the picture cannot be read (recognizer.images.load_image says what can).
        """
        return self.characters([image])[0]

    def characters(self, images: Iterable[ImageLike]) -> list[Character]:
        """Read isolated characters, one a picture, in one batched pass; as `character` otherwise."""
        # one at a time: the ink of thousands of pictures would fill the memory
        seen = [self._seen(only_character(find_ink(load_image(image)))) for image in images]
        side = self._model.side
        glyphs = np.reshape([one for _, one, _ in seen], (-1, side, side))
        probabilities = self._of_characters(glyphs, [bare for _, _, bare in seen])
        return [
            self._answer(row, box, one) if box else confidence.blank()
            for row, (box, one, _) in zip(probabilities, seen, strict=True)
        ]

    def _seen(self, ink: np.ndarray) -> tuple[Box | None, np.ndarray, bool]:
        """Of a character's ink its box, its glyph, and whether it is a bare stroke."""
        seen = glyph(ink, self._model.card["recipe"], self._model.side)
        return ink_box(ink), seen, is_bare_stroke(ink)

    def _of_characters(self, glyphs: np.ndarray, bare: list[bool]) -> np.ndarray:
        """Probabilities (N, classes) of isolated characters; a bare stroke is always one: 1, l or I."""
        probabilities = self._probabilities(glyphs)
        probabilities[np.ix_(bare, ~self._named)] = 0
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def explain(self, image: ImageLike) -> Explanation:
        """Read one isolated character and say which of its ink spoke for the answer, and which against it.

        Raises:
            ImageError: the picture cannot be read.
        """
        ink = only_character(find_ink(load_image(image)))
        box, seen, bare = self._seen(ink)
        if box is None:
            return Explanation(confidence.blank(), np.zeros_like(ink))
        character = self._answer(self._of_characters(seen[None], [bare])[0], box, seen)
        column = self._model.classes.index(character.label)

        def odds(glyphs: np.ndarray) -> np.ndarray:
            known = np.clip(self._probabilities(glyphs)[:, column], LEAST_ODDS, 1 - LEAST_ODDS)
            return np.log(known / (1 - known))

        return Explanation(character, on_picture(heat(seen, odds), seen, ink))

    def read(
        self,
        image: ImageLike,
        pattern: str | None = None,
        charset: str | None = None,
        faintest: float | None = None,
    ) -> Reading:
        """Read everything on a picture, line by line, all characters in one batched pass.

        Args:
            image: a page, a field, a word; in any light.
            pattern: what stands on every line: 9 is a digit, A a letter, * any character, anything else
                itself, as in "99999", "AA-999", "99/99/9999".
            charset: the labels that may be read; all of the model's where it is left out.
            faintest: how dark ink is at least, of the usual ink of the picture, in (0, 1]; found from the
                paper's grain where it is left out.

        Raises:
            ImageError: the picture cannot be read (recognizer.images.load_image says what can).
        """
        ink, scale = page_ink(load_image(image), faintest)
        page = Page(ink)
        network = models.line_model(self.classes)
        strips = [lines.strip(page, line, network.side, network.card["tall"]) for line in page.lines()]
        wanted = lines.positions(pattern, self.classes) if pattern else None
        allowed = self._allowed(charset)
        drawing = image.scaled(scale) if isinstance(image, Drawing) else None
        rows = [
            self._characters(strip, logits, network.classes, allowed, wanted, drawing)
            for strip, logits in zip(strips, lines.logits_of(strips, network.logits), strict=True)
        ]
        side = self._model.side
        glyphs = np.reshape([seen for row in rows for _, _, seen, _ in row], (-1, side, side))
        alone = iter(self._probabilities(glyphs))
        read = []
        for row in rows:
            if not row:
                continue
            weight = ALONE_DRAWN if drawing else ALONE
            both = np.stack([self._together(in_line, next(alone), weight) for _, in_line, _, _ in row])
            if not wanted:
                both = self._in_context(both)
            characters = tuple(
                self._answer(share, tuple(round(place / scale) for place in box), seen)
                for share, (_, _, seen, box) in zip(both, row, strict=True)
            )
            labels = {place: one.label for (place, *_), one in zip(row, characters, strict=True)}
            text = lines.filled(wanted, labels) if wanted else text_of(characters)
            read.append(Line(characters, text))
        return Reading(tuple(read))

    def _characters(
        self,
        strip: lines.Strip,
        logits: np.ndarray,
        classes: tuple[str, ...],
        allowed: np.ndarray,
        wanted: list[lines.Position] | None,
        drawing: Drawing | None,
    ) -> list:
        """The characters of a line: place in the pattern, what they may be (classes,), glyph, box."""
        known = lines.probabilities(logits, classes, self.classes, allowed)
        logs = np.log(np.maximum(known, 1e-12))
        steps = lines.steps_by_pattern(logs, wanted) if wanted else lines.best_steps(logs)
        owner = lines.owners(steps, strip.ink)
        strokes = lines.own_strokes(strip, owner, drawing.strokes) if drawing else {}
        places = [step.start + int(known[step.start : step.end, step.best].argmax()) for step in steps]
        in_lines = known[places, :-1]
        if lines.case_is_merged(self.classes) and not wanted:
            in_lines = lines.merged_in_context(logits[places], classes, self.classes, allowed)
        found = []
        for number, (step, in_line) in enumerate(zip(steps, in_lines, strict=True), 1):
            if own := lines.own_ink(strip, owner, number):
                if wanted:
                    in_line = in_line * wanted[step.position].allowed
                ink = own[0]
                if number in strokes:
                    ink = only_character(find_ink(load_image(drawing.of(strokes[number]))))
                seen = glyph(ink, self._model.card["recipe"], self._model.side)
                found.append((step.position, in_line / max(in_line.sum(), 1e-12), seen, own[1]))
        return found

    def _in_context(self, shares: np.ndarray) -> np.ndarray:
        """Probabilities (characters, model's classes) of a line's characters, after their neighbours."""
        result = np.zeros_like(shares)
        result[:, self._named] = agreed(shares[:, self._named], self.classes)
        return result

    @property
    def _named(self) -> np.ndarray:
        """Which of the model's classes are labels: all but "", what is no character."""
        return confidence.is_label(self._model.classes)

    def _allowed(self, charset: str | None) -> np.ndarray:
        """Which of the labels may be read: bool (classes,)."""
        return np.array([not charset or label in charset for label in self.classes])

    def _answer(self, probabilities: np.ndarray, box: Box, seen: np.ndarray) -> Character:
        return confidence.answer(probabilities, self._model.classes, box, shown(seen), self._demands)

    def _together(self, in_line: np.ndarray, alone: np.ndarray, weight: float) -> np.ndarray:
        """What the line and the character alone say of its class, as probabilities (model's classes,).

        Args:
            weight: how much the character alone counts, in [0, 1].
        """
        both = np.zeros(len(self._model.classes))
        both[self._named] = in_line ** (1 - weight) * np.maximum(alone[self._named], 1e-6) ** weight
        return both / max(both.sum(), 1e-12)

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
        known = {one.box: one for line in reading.lines for one in line.characters}
        boxes = [tuple(round(side) for side in box) for box in boxes]
        new = [box for box in boxes if box not in known]
        if new:
            ink, scale = page_ink(load_image(image), faintest)
            allowed = self._allowed(charset)
            if pattern:
                allowed &= np.any([one.allowed for one in lines.positions(pattern, self.classes)], axis=0)
            may_be = np.ones(len(self._model.classes))
            may_be[self._named] = allowed
            side, recipe = self._model.side, self._model.card["recipe"]
            glyphs = [glyph(_within(ink, box, scale), recipe, side) for box in new]
            probabilities = self._probabilities(np.reshape(glyphs, (-1, side, side)))
            for box, row, seen in zip(new, probabilities * may_be, glyphs, strict=True):
                read = self._answer(row / max(row.sum(), 1e-12), box, seen)
                known[box] = read if seen.any() else replace(confidence.blank(), box=box)
        return arranged([known[box] for box in boxes])

    def _probabilities(self, glyphs: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, classes) of glyphs (N, side, side), as the hand writes them."""
        probabilities, features = self._alone(glyphs)
        if self._hand:
            named = probabilities[:, self._named]
            share = np.maximum(
                named.sum(axis=1, keepdims=True), LEAST_ODDS
            )  # the rest: no character; it stays
            probabilities[:, self._named] = share * personal.personal(named / share, features, self._hand)
        return probabilities

    def _alone(self, glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the network says whoever wrote: calibrated probabilities (N, classes), features (N, width)."""
        card = self._model.card
        logits, features = self._model.logits_and_features(glyphs)
        return confidence.softmax(logits, card["temperature"], card.get("prior", 1.0)), features


def _within(ink: np.ndarray, box: Box, scale: float) -> np.ndarray:
    """The ink in a box given in pixels of the picture, on a page whose ink is `scale` times as large."""
    left, top = (max(0, int(place * scale)) for place in box[:2])
    right, bottom = (
        max(0, int(np.ceil((place + length) * scale))) for place, length in zip(box[:2], box[2:], strict=True)
    )
    return ink[top:bottom, left:right] if ink[top:bottom, left:right].size else np.zeros((1, 1), np.float32)
