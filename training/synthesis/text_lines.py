"""Synthetic text lines that teach a network to read them: numbers, amounts, names, words, codes.

Characters of the training sets are set side by side as people write them: far apart, close or touching,
rising, slanted, zeros small and flat, with separators between thousands and signs around. Each line has its
own style.
"""

from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits

import cv2
import numpy as np

from recognizer.preprocessing.foreground import ink_box
from training.synthesis import stroke_templates
from training.synthesis.allographs import AllographRates
from training.synthesis.augment import Augmentation, augment
from training.synthesis.clutter import (
    SEPARATORS,
    SIGNS_AFTER,
    SIGNS_BEFORE,
    draw_line,
    with_clutter,
    with_sign,
)

MARGIN = 16  # pixels above and below the strip while it is written
INK_THRESHOLD = 0.4  # a pixel above this is ink that the next character may touch
X_HEIGHT_LETTERS = "acemnorsuvwxz"  # small letters without ascender or descender
# how far a character reaches below the baseline, as a fraction of its height
DESCENTS = {"g": 0.35, "j": 0.3, "p": 0.35, "q": 0.35, "y": 0.35, "f": 0.1, "Q": 0.1}
RELATIVE_HEIGHTS = {"j": 1.25, "f": 1.15, "t": 0.9, "i": 0.95}  # of a capital's height

TEMPLATE_RATE = 0.3  # share of characters from stroke templates; the others are rows of the training set
DIGIT_COUNT_RATES = (0.06, 0.08, 0.14, 0.20, 0.22, 0.17, 0.08, 0.05)  # of numbers with 1, 2, ... digits

LINE_AUGMENTATION = Augmentation(
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
    habits=AllographRates(
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
class CharacterSource:
    """Where the characters of a line come from."""

    images: np.ndarray  # uint8 (N, 28, 28), 255 = ink
    rows: dict[str, np.ndarray]  # indices into `images` for each label
    recipe: str  # "mnist" or "emnist"
    strip_height: int  # pixels
    capital_height: int  # pixels of a usual capital or digit on the strip
    augmentation: Augmentation = field(default=LINE_AUGMENTATION)

    def draw(self, label: str, height: float, stretch: float, rng) -> np.ndarray:
        """A random character, varied and cropped, `height` pixels high and `stretch` times as wide."""
        if rng.random() < TEMPLATE_RATE:
            only_digits = not any(known.isalpha() for known in self.rows)
            image = stroke_templates.picture(label, rng, only_digits=only_digits)
        else:
            row = self.images[rng.choice(self.rows[label])]
            image = augment(row, label, self.recipe, self.augmentation, rng)
        box = ink_box(image, 0.3)
        if box is None:
            return np.zeros((max(4, round(height)), 4), np.float32)
        x, y, ink_width, ink_height = box
        crop = image[max(y - 1, 0) : y + ink_height + 1, max(x - 1, 0) : x + ink_width + 1]
        if ink_width < 0.35 * ink_height:
            stretch = min(stretch, 1.2)
        scale = height / ink_height
        size = max(3, round(crop.shape[1] * scale * stretch)), max(4, round(crop.shape[0] * scale))
        interpolation = cv2.INTER_AREA if height < ink_height else cv2.INTER_LINEAR
        return cv2.resize(crop, size, interpolation=interpolation)


@dataclass(frozen=True)
class LineStyle:
    """How one line is written."""

    capital_height: float  # pixels of a capital or digit
    x_height: float  # fraction of that: height of a small letter without ascender
    height_spread: float  # standard deviation of the log of heights
    stretch: float  # factor on widths
    zero_scale: tuple[float, float]  # factors on height and width of zeros
    gap: float  # pixels between characters
    kerned: bool  # gaps are measured between the ink, not between the boxes
    drift: float  # pixels up or down per pixel to the right
    pen: int  # pixels, of signs
    separator: str  # between thousands, "" for none
    joined_zeros: bool  # a stroke above joins zeros


def line_style(usual_height: float, rng) -> LineStyle:
    """A random style, for capitals that are usually this high, in pixels."""
    capital_height = usual_height * rng.uniform(0.8, 1.22)
    spaced = rng.random() < 0.1
    return LineStyle(
        capital_height=capital_height,
        x_height=rng.uniform(0.5, 0.75),
        height_spread=rng.choice([0.03, 0.08, 0.15]),
        stretch=np.exp(rng.normal(0, 0.18)),
        zero_scale=(rng.uniform(0.55, 0.95), rng.uniform(1.0, 1.9)) if rng.random() < 0.35 else (1.0, 1.0),
        gap=capital_height * (rng.uniform(0.4, 1.4) if spaced else rng.uniform(-0.12, 0.4)),
        kerned=rng.random() < 0.6,
        drift=rng.normal(0, 0.02),
        pen=max(1, round(capital_height * rng.uniform(0.07, 0.14))),
        separator=rng.choice(SEPARATORS, p=[0.7, 0.2, 0.1]) if rng.random() < 0.55 else "",
        joined_zeros=rng.random() < 0.15,
    )


def line(text: str, source: CharacterSource, rng: np.random.Generator) -> np.ndarray:
    """Write a text on a strip, float32 (source.strip_height, W) in [0, 1], 1 = ink; spaces are wide gaps."""
    style = line_style(source.capital_height, rng)
    max_advance = max(style.gap, 0) + 1.6 * style.capital_height
    sheet = np.zeros((source.strip_height + 2 * MARGIN, int(200 + len(text) * max_advance)), np.float32)
    baseline = MARGIN + source.strip_height / 2 + source.capital_height / 2 + rng.normal(0, 1.3)
    x = 8.0
    if rng.random() < 0.2:
        place = x, baseline, style.capital_height
        sheet, x = with_sign(sheet, rng.choice(SIGNS_BEFORE), place, style.pen, rng)
        x += style.capital_height * rng.uniform(0, 0.5)
    sheet, x = _with_text(sheet, text, x, baseline, style, source, rng)
    if rng.random() < 0.3:
        place = x + style.capital_height * rng.uniform(0.0, 0.5), baseline, style.capital_height
        sheet, x = with_sign(sheet, rng.choice(SIGNS_AFTER), place, style.pen, rng)
    sheet = sheet[:, int(rng.uniform(0, 6)) : int(x + rng.uniform(3, 14))]
    return with_clutter(_with_pen(_slanted(sheet, rng), rng), style.pen, rng)


def _with_text(
    sheet, text, x, baseline, style: LineStyle, source: CharacterSource, rng
) -> tuple[np.ndarray, float]:
    """The sheet with a text that begins at x, and the x after its ink."""
    start, last_ink, remaining, before, last_x = x, np.zeros(0), len(text), "", x
    for label in text:
        remaining -= 1
        if label == " ":
            x, before = x + style.capital_height * rng.uniform(0.5, 1.6), ""
            continue
        box, descent = _character(label, style, source, rng)
        height, width = box.shape
        drift = style.drift * (x - start)
        top = round(baseline + drift + descent + rng.normal(0, 0.05) * style.capital_height) - height
        top = min(max(top, 0), len(sheet) - height)
        if before:
            gap = style.gap + rng.normal(0, 0.07) * style.capital_height
            touching = _touching_x(box, top, last_ink) if style.kerned else x
            x = max(touching + gap, last_x + 2)
        window = sheet[top : top + height, round(x) : round(x) + width]
        np.maximum(window, box[:, : window.shape[1]], out=window)
        if style.joined_zeros and label == before == "0":
            y = top + rng.uniform(0, 0.3) * height
            joint = [(x - 0.4 * style.capital_height, y), (x + 0.4 * width, y + rng.normal(0, 1))]
            sheet = draw_line(sheet, joint, style.pen)
        last_ink = np.full(len(sheet), -1e3)
        last_ink[top : top + height] = _last_ink_columns(box) + round(x)
        last_x, x, before = x, x + width, label
        if style.separator and remaining and remaining % 3 == 0 and text.isdigit():
            place = x + style.capital_height * rng.uniform(0, 0.15), baseline, style.capital_height
            sheet, x = with_sign(sheet, style.separator, place, style.pen, rng)
            if rng.random() < 0.6:
                last_ink = np.full(len(sheet), x)
    inked = np.nonzero((sheet > INK_THRESHOLD).any(axis=0))[0]
    return sheet, float(inked.max() + 1) if len(inked) else x


def _character(label: str, style: LineStyle, source: CharacterSource, rng) -> tuple[np.ndarray, float]:
    """A character in the style of the line, cropped, and how far it reaches below the baseline, in pixels."""
    height = style.capital_height * np.exp(rng.normal(0, style.height_spread))
    stretch = style.stretch * np.exp(rng.normal(0, 0.08))
    height *= style.x_height if label in X_HEIGHT_LETTERS else RELATIVE_HEIGHTS.get(label, 1.0)
    if label == "0":
        height, stretch = height * style.zero_scale[0], stretch * style.zero_scale[1]
    box = source.draw(label, min(max(height, 7), source.strip_height + MARGIN), stretch, rng)
    descent = DESCENTS.get(label, 0.25 * rng.random() if label in "79" and rng.random() < 0.15 else 0.0)
    return box, descent * height


def _touching_x(box: np.ndarray, top: int, last_ink: np.ndarray) -> float:
    """The x at which a box touches the ink before it.

    Args:
        box: the character, (H, W).
        top: its first row on the sheet.
        last_ink: for each row of the sheet the x of the last ink of the character before.
    """
    inked = box > INK_THRESHOLD
    first = np.where(inked.any(axis=1), inked.argmax(axis=1), 1e3).astype(np.float32)
    near = cv2.erode(first[:, None], np.ones((3, 1)))[:, 0]
    return float((last_ink[top : top + len(box)] - near).max()) + 1


def _last_ink_columns(box: np.ndarray) -> np.ndarray:
    """For each row the last column with ink; -1000 for a row without ink."""
    inked = box > INK_THRESHOLD
    return np.where(inked.any(axis=1), box.shape[1] - 1 - inked[:, ::-1].argmax(axis=1), -1e3)


def _slanted(sheet: np.ndarray, rng) -> np.ndarray:
    """The strip without its margins, slanted about its middle row."""
    slant = rng.normal(0, 0.12)
    matrix = np.array([[1, slant, -slant * len(sheet) / 2], [0, 1, 0]], np.float32)
    size = sheet.shape[::-1]
    return cv2.warpAffine(sheet, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)[MARGIN:-MARGIN]


def _with_pen(sheet: np.ndarray, rng) -> np.ndarray:
    """Blend towards one pixel of ink more or less all round, by a random amount."""
    amount = rng.uniform(-0.5, 0.7)
    change = cv2.dilate if amount > 0 else cv2.erode
    changed = change(sheet, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return sheet + abs(amount) * (changed - sheet)


def number(rng) -> str:
    """A random number of 1 to 8 digits; a third of the longer ones end in zeros, as amounts do."""
    length = rng.choice(np.arange(1, 9), p=DIGIT_COUNT_RATES)
    text = "".join(rng.choice(list(digits), length))
    if length > 2 and rng.random() < 0.35:
        zeros = rng.integers(1, min(length, 5))
        text = text[: length - zeros] + "0" * zeros
    return text


def text(rng) -> str:
    """A random number, name in capitals, word, code, or one character repeated."""
    kind = rng.choice(["number", "CAPITALS", "small", "Name", "code", "mixed", "again"],
                      p=[0.18, 0.32, 0.14, 0.12, 0.08, 0.08, 0.08])  # fmt: skip
    length = int(rng.integers(1, 12))
    if kind == "number":
        return number(rng)
    if kind == "again":
        return str(rng.choice(list(digits + ascii_uppercase + ascii_lowercase))) * length
    charset = {"CAPITALS": ascii_uppercase, "code": ascii_uppercase + digits}.get(kind, ascii_lowercase)
    if kind == "mixed":
        charset += ascii_uppercase + digits
    result = "".join(rng.choice(list(charset), length))
    if kind == "Name":
        result = result.capitalize()
    if length > 3 and rng.random() < 0.25:
        cut = rng.integers(1, length - 1)
        result = result[:cut] + " " + result[cut:]
    return result
