"""Words and numbers on a wide canvas: the text as it grows; each character can be tapped to correct it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.boxes import Box, overlap
from pages.common import WARMUP_STROKE, adapted, escaped, learn, learned, learning_hint
from recognizer import Character, Drawing, Reading

WIDE_CANVAS, PHONE_CANVAS = (680, 260), (326, 300)  # width and height in pixels
PEN_WIDTH, PEN_WIDTHS = 6, (2, 20)  # pixels
MAX_ALTERNATIVES = 5  # offered for a character
MIN_OVERLAP = 0.6  # of two boxes, for them to be of one character before and after more was written
SAME_STROKE = 1.0  # pixels that points of one stroke may differ by: the canvas rounds them after an undo
DOUBTFUL_MARK = "?"
TAP_TO_CORRECT = "Tap a character to correct it"
LARGE_LINE = 12  # characters; if a line is longer, all are set smaller

STYLE = """<style>
.st-key-reading h2 { font-size: 3.2rem; line-height: 1.15; padding: 0; overflow-wrap: anywhere; }
.st-key-reading h3 { font-size: 2rem; line-height: 1.2; padding: 0; overflow-wrap: anywhere; }
.st-key-characters button p { font-size: 1.25rem; }
.st-key-alternatives button { min-width: 3.5rem; }
.st-key-alternatives button p { font-size: 1.5rem; font-weight: 600; }
</style>"""
PATTERN_LABEL = "Pattern for every line"
PATTERN_HELP = "9 stands for a digit, A for a letter, \\* for any character, everything else for itself"


class Choice(NamedTuple):
    """A visitor's label for a character."""

    read: str  # the model's label
    chosen: str


def options() -> tuple[int, str]:
    """The pen width in pixels, and the pattern of each line."""
    pen = st.slider("Pen width", *PEN_WIDTHS, PEN_WIDTH, key="fine-pen", format="%d px")
    pattern = st.text_input(PATTERN_LABEL, key="words-pattern", placeholder="99/99/9999", help=PATTERN_HELP)
    return pen, pattern.strip()


def write_and_read(name: str, pen: int, pattern: str) -> None:
    """The canvas, and below it the text of a model and the visitor's means to correct it."""
    drawing = canvas(pen)
    forget_choices_of_other_drawing(drawing.strokes if drawing else ())
    # the first reading takes seconds: begin while the canvas is empty
    reading = adapted(name).read(drawing or WARMUP_STROKE, pattern or None)
    reading = with_choices(reading) if drawing else Reading(())
    if not reading.lines:
        with st.container(key="reading"):
            st.info("Write a word, a number or several lines. Scrawl reads along.", icon="✍️")
        return
    with st.container(key="reading"):
        longest = max(len(line.text) for line in reading.lines)
        for line in reading.lines:
            st.markdown(f"{'##' if longest <= LARGE_LINE else '###'} {escaped(line.text)}")
    characters = [character for line in reading.lines for character in line.characters]
    correct(characters, name, key=f"tapped-{len(drawing.strokes)}")
    if choices():
        learning_hint()


def canvas(pen: int) -> Drawing | None:
    """The canvas, and the strokes on it."""
    on_phone = "Mobi" in st.context.headers.get("User-Agent", "")
    width, height = PHONE_CANVAS if on_phone else WIDE_CANVAS
    st.caption(
        "Words or numbers, on one line or several"
    )  # also makes room for the canvas's floating toolbar
    with st.container(key="canvas"):
        drawn = st_canvas(
            stroke_width=pen, background_color="#ffffff", height=height, width=width, key="words-drawing"
        )
    return Drawing.from_canvas(drawn.json_data, (width, height))


def correct(characters: list[Character], name: str, key: str) -> None:
    """The characters as buttons, and the alternatives of the one that is tapped."""
    doubtful = sum(not character.accepted for character in characters)
    with st.container(key="characters"):
        tapped = st.pills(
            f":material/help: Not sure about {doubtful}. {TAP_TO_CORRECT}." if doubtful else TAP_TO_CORRECT,
            range(len(characters)),
            format_func=lambda position: escaped(marked_label(characters[position])),
            key=key,
        )
    if tapped is None:
        return
    character = characters[tapped]
    with st.container(horizontal=True, key="alternatives", gap="small"):
        for number, (label, probability) in enumerate(character.alternatives[:MAX_ALTERNATIVES]):
            st.button(
                escaped(label),
                key=f"alternative-{number}",
                type="primary" if label == character.label else "secondary",
                help=f"{probability:.1%}",
                on_click=choose,
                args=(character, label, name, key),
            )
    st.text_input(
        "Or type it", max_chars=1, key="word-typed", on_change=choose_typed, args=(character, name, key)
    )


def marked_label(character: Character) -> str:
    return character.label if character.accepted else character.label + DOUBTFUL_MARK


def choose_typed(character: Character, name: str, key: str) -> None:
    """Take the typed label as the visitor's choice."""
    if label := st.session_state["word-typed"].strip():
        choose(character, label, name, key)
    st.session_state["word-typed"] = ""


def choose(character: Character, label: str, name: str, key: str) -> None:
    """Take a label as the visitor's choice: it is shown from now on, and stored if they have agreed."""
    read = choices()[character.box].read if character.box in choices() else character.label
    choices()[character.box] = Choice(read, label)
    st.session_state[key] = None  # no character is tapped any more
    learn(replace(character, label=read), label, name, learned_key(character.box))


def choices() -> dict[Box, Choice]:
    """The visitor's labels for characters of the present drawing."""
    return st.session_state.setdefault("choices-made", {})


def learned_key(box: Box) -> tuple[str, Box]:
    """The key of a character of the present drawing among the corrections of the session."""
    return "word", box


def forget_choices_of_other_drawing(strokes: Iterable[np.ndarray]) -> None:
    """Forget the choices if no stroke is left of the drawing that they were made on."""
    strokes = tuple(strokes)
    before = st.session_state.get("words-strokes", ())
    st.session_state["words-strokes"] = strokes
    if not any(is_same_stroke(old, new) for old in before for new in strokes):
        keep_choices({})


def is_same_stroke(first: np.ndarray, second: np.ndarray) -> bool:
    return first.shape == second.shape and np.allclose(first, second, rtol=0, atol=SAME_STROKE)


def keep_choices(boxes: dict[Box, Box]) -> None:
    """Keep only some of the choices, and what was learned from them.

    Args:
        boxes: the present box of each character to keep, and its box when it was chosen.
    """
    ids = {new: learned()[learned_key(old)] for new, old in boxes.items() if learned_key(old) in learned()}
    kept = {new: choices()[old] for new, old in boxes.items()}
    for box in [key[1] for key in learned() if isinstance(key, tuple)]:
        del learned()[learned_key(box)]
    learned().update({learned_key(box): number for box, number in ids.items()})
    st.session_state["choices-made"] = kept


def with_choices(reading: Reading) -> Reading:
    """The reading with the visitor's choices; those for characters that are gone are forgotten.

    A character in the place of another is recognized by its label.
    """
    boxes: dict[Box, Box] = {}
    lines = []
    for line in reading.lines:
        labels = {}
        for position, character in enumerate(line.characters):
            box = max(choices(), key=lambda other, own=character.box: overlap(other, own), default=None)
            if box and overlap(box, character.box) >= MIN_OVERLAP and character.label in choices()[box]:
                boxes[character.box] = box
                labels[position] = choices()[box].chosen
        lines.append(line.corrected(labels))
    keep_choices(boxes)
    return Reading(tuple(lines))
