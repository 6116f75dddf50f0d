"""Made-up lines of writing, to teach a network to read them: numbers, amounts, names, words, codes.

Characters of the training sets are set side by side as people set them: near, far, touching, rising, slanted,
zeros small and flat, with dots between thousands and signs around. Every line has its own manner.
"""

from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box
from training.synthesis import stroke_templates
from training.synthesis.allographs import Habits
from training.synthesis.augment import Augmentation, augment
from training.synthesis.clutter import AFTER, BEFORE, BETWEEN, soiled, stroke, with_mark

ROOM = 16  # pixels over and under the strip while it is written
INKED = 0.4  # where a pixel is this dark, the next character may touch
LOW = "acemnorsuvwxz"  # small letters without a stroke up or down
# of the height, under the line
HANGING = {"g": 0.35, "j": 0.3, "p": 0.35, "q": 0.35, "y": 0.35, "f": 0.1, "Q": 0.1}
HIGHER = {"j": 1.25, "f": 1.15, "t": 0.9, "i": 0.95}  # of a capital's height

BY_PEN = 0.3  # of the characters are drawn with a pen, the others are rows of the training set
NUMBERS = (0.06, 0.08, 0.14, 0.20, 0.22, 0.17, 0.08, 0.05)  # of 1, 2, ... digits

HOW = Augmentation(
    untouched=0.3,
    rotation=5,
    slant=0.12,
    aspect=0.2,
    shift=0.0,
    thinner=0.3,
    thicker=0.4,
    serif=0.1,
    loss=0.08,
    blur=0.0,
    habits=Habits(
        upstroke=0.45,
        foot=0.15,
        foot_reach=0.4,
        short_stem=0.25,
        zigzag=0.15,
        tick=0.2,
        crossing=0.3,
        hooked=0.15,
        bow=0.35,
        small_loop=0.25,
        nose=0.3,
        hook=0.3,
        joined=0.1,
    ),
)


@dataclass(frozen=True)
class Characters:
    """Where the characters of a line come from."""

    images: np.ndarray  # uint8 (N, 28, 28), 255 = ink
    rows: dict[str, np.ndarray]  # for each label its rows
    recipe: str  # "mnist" or "emnist"
    high: int  # pixels of a strip
    tall: int  # pixels of a usual capital or digit on it
    how: Augmentation = field(default=HOW)

    def drawn(self, label: str, height: float, stretch: float, rng) -> np.ndarray:
        """One of them, varied, cut to its box, `height` pixels high and `stretch` times as wide."""
        if rng.random() < BY_PEN:
            only_digits = not any(one.isalpha() for one in self.rows)
            varied = stroke_templates.picture(label, rng, only_digits=only_digits)
        else:
            image = self.images[rng.choice(self.rows[label])]
            varied = augment(image, label, self.recipe, self.how, rng)
        box = ink_box(varied, 0.3)
        if box is None:
            return np.zeros((max(4, round(height)), 4), np.float32)
        x, y, wide, high = box
        crop = varied[max(y - 1, 0) : y + high + 1, max(x - 1, 0) : x + wide + 1]
        if wide < 0.35 * high:
            stretch = min(stretch, 1.2)
        scale = height / high
        size = max(3, round(crop.shape[1] * scale * stretch)), max(4, round(crop.shape[0] * scale))
        how = cv2.INTER_AREA if height < high else cv2.INTER_LINEAR
        return cv2.resize(crop, size, interpolation=how)


@dataclass(frozen=True)
class Manner:
    """How one line is written."""

    tall: float  # pixels: of a capital or a digit
    low: float  # of that: of a small letter without a stroke up
    spread: float  # standard deviation of the log of heights
    stretch: float  # of widths
    zeros: tuple[float, float]  # height and width of zeros beside other digits
    gap: float  # pixels between characters
    kerned: bool  # gaps are between the ink, not the boxes
    drift: float  # pixels up or down for each to the right
    pen: int  # pixels, of marks
    separator: str  # between thousands, "" for none
    chained: bool  # zeros are joined by a stroke above


def manner(usual: float, rng) -> Manner:
    """A manner of writing, for characters that are usually this high, in pixels."""
    tall = usual * rng.uniform(0.8, 1.22)
    far = rng.random() < 0.1
    return Manner(
        tall=tall,
        low=rng.uniform(0.5, 0.75),
        spread=rng.choice([0.03, 0.08, 0.15]),
        stretch=np.exp(rng.normal(0, 0.18)),
        zeros=(rng.uniform(0.55, 0.95), rng.uniform(1.0, 1.9)) if rng.random() < 0.35 else (1.0, 1.0),
        gap=tall * (rng.uniform(0.4, 1.4) if far else rng.uniform(-0.12, 0.4)),
        kerned=rng.random() < 0.6,
        drift=rng.normal(0, 0.02),
        pen=max(1, round(tall * rng.uniform(0.07, 0.14))),
        separator=rng.choice(BETWEEN, p=[0.7, 0.2, 0.1]) if rng.random() < 0.55 else "",
        chained=rng.random() < 0.15,
    )


def line(text: str, source: Characters, rng: np.random.Generator) -> np.ndarray:
    """A strip, float32 (source.high, W) in [0, 1], on which a text is written; spaces are wide gaps."""
    how = manner(source.tall, rng)
    far = max(how.gap, 0) + 1.6 * how.tall
    sheet = np.zeros((source.high + 2 * ROOM, int(200 + len(text) * far)), np.float32)
    base = ROOM + source.high / 2 + source.tall / 2 + rng.normal(0, 1.3)
    x = 8.0
    if rng.random() < 0.2:
        sheet, x = with_mark(sheet, rng.choice(BEFORE), (x, base, how.tall), how.pen, rng)
        x += how.tall * rng.uniform(0, 0.5)
    sheet, x = _written(sheet, text, x, base, how, source, rng)
    if rng.random() < 0.3:
        place = x + how.tall * rng.uniform(0.0, 0.5), base, how.tall
        sheet, x = with_mark(sheet, rng.choice(AFTER), place, how.pen, rng)
    sheet = sheet[:, int(rng.uniform(0, 6)) : int(x + rng.uniform(3, 14))]
    return soiled(_with_pen(_slanted(sheet, rng), rng), how.pen, rng)


def _written(sheet, text, x, base, how: Manner, source: Characters, rng) -> tuple[np.ndarray, float]:
    start, ends, left, before, last_x = x, np.zeros(0), len(text), "", x
    for label in text:
        left -= 1
        if label == " ":
            x, before = x + how.tall * rng.uniform(0.5, 1.6), ""
            continue
        box, bottom = _character(label, how, source, rng)
        high, wide = box.shape
        top = round(base + how.drift * (x - start) + bottom + rng.normal(0, 0.05) * how.tall) - high
        top = min(max(top, 0), len(sheet) - high)
        if before:
            gap = how.gap + rng.normal(0, 0.07) * how.tall
            touching = _touching(box, top, ends) if how.kerned else x
            x = max(touching + gap, last_x + 2)
        place = sheet[top : top + high, round(x) : round(x) + wide]
        np.maximum(place, box[:, : place.shape[1]], out=place)
        if how.chained and label == before == "0":
            y = top + rng.uniform(0, 0.3) * high
            joint = [(x - 0.4 * how.tall, y), (x + 0.4 * wide, y + rng.normal(0, 1))]
            sheet = stroke(sheet, joint, how.pen)
        ends = np.full(len(sheet), -1e3)
        ends[top : top + high] = _last(box) + round(x)
        last_x, x, before = x, x + wide, label
        if how.separator and left and left % 3 == 0 and text.isdigit():
            place = x + how.tall * rng.uniform(0, 0.15), base, how.tall
            sheet, x = with_mark(sheet, how.separator, place, how.pen, rng)
            if rng.random() < 0.6:
                ends = np.full(len(sheet), x)
    inked = np.nonzero((sheet > INKED).any(axis=0))[0]
    return sheet, float(inked.max() + 1) if len(inked) else x


def _character(label: str, how: Manner, source: Characters, rng) -> tuple[np.ndarray, float]:
    """A character's box as this line has it, and how far it hangs under the line, in pixels."""
    high, stretch = how.tall * np.exp(rng.normal(0, how.spread)), how.stretch * np.exp(rng.normal(0, 0.08))
    high *= how.low if label in LOW else HIGHER.get(label, 1.0)
    if label == "0":
        high, stretch = high * how.zeros[0], stretch * how.zeros[1]
    box = source.drawn(label, min(max(high, 7), source.high + ROOM), stretch, rng)
    hangs = HANGING.get(label, 0.25 * rng.random() if label in "79" and rng.random() < 0.15 else 0.0)
    return box, hangs * high


def _touching(box: np.ndarray, top: int, ends: np.ndarray) -> float:
    """The x at which a box touches the ink before it."""
    inked = box > INKED
    first = np.where(inked.any(axis=1), inked.argmax(axis=1), 1e3).astype(np.float32)
    near = cv2.erode(first[:, None], np.ones((3, 1)))[:, 0]
    return float((ends[top : top + len(box)] - near).max()) + 1


def _last(box: np.ndarray) -> np.ndarray:
    """For each row the last column with ink; far out where there is none."""
    inked = box > INKED
    return np.where(inked.any(axis=1), box.shape[1] - 1 - inked[:, ::-1].argmax(axis=1), -1e3)


def _slanted(sheet: np.ndarray, rng) -> np.ndarray:
    slant = rng.normal(0, 0.12)
    lean = np.array([[1, slant, -slant * len(sheet) / 2], [0, 1, 0]], np.float32)
    size = sheet.shape[::-1]
    return cv2.warpAffine(sheet, lean, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)[ROOM:-ROOM]


def _with_pen(sheet: np.ndarray, rng) -> np.ndarray:
    amount = rng.uniform(-0.5, 0.7)
    change = cv2.dilate if amount > 0 else cv2.erode
    thick = change(sheet, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return sheet + abs(amount) * (thick - sheet)


def number(rng) -> str:
    """Digits; of longer numbers a third end in zeros, as amounts do."""
    length = rng.choice(np.arange(1, 9), p=NUMBERS)
    text = "".join(rng.choice(list(digits), length))
    if length > 2 and rng.random() < 0.35:
        zeros = rng.integers(1, min(length, 5))
        text = text[: length - zeros] + "0" * zeros
    return text


def text(rng) -> str:
    """A number, a name in capitals, a word, a code, one character again and again."""
    kind = rng.choice(["number", "CAPITALS", "small", "Name", "code", "mixed", "again"],
                      p=[0.18, 0.32, 0.14, 0.12, 0.08, 0.08, 0.08])  # fmt: skip
    length = int(rng.integers(1, 12))
    if kind == "number":
        return number(rng)
    if kind == "again":
        return str(rng.choice(list(digits + ascii_uppercase + ascii_lowercase))) * length
    signs = {"CAPITALS": ascii_uppercase, "code": ascii_uppercase + digits}.get(kind, ascii_lowercase)
    if kind == "mixed":
        signs += ascii_uppercase + digits
    made = "".join(rng.choice(list(signs), length))
    if kind == "Name":
        made = made.capitalize()
    if length > 3 and rng.random() < 0.25:
        cut = rng.integers(1, length - 1)
        made = made[:cut] + " " + made[cut:]
    return made
