"""Words and numbers on a wide canvas: the text as it grows, and each character can be tapped."""

from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.boxes import Box, shared
from pages.common import adapted, escaped, learn, learning
from recognizer import Character, Drawing, Reading

WIDE, PHONE = (680, 260), (326, 300)  # pixels of the canvas; lines go one below the other
PEN, PENS = 6, (2, 20)  # pixels
OTHERS = 5  # labels offered for a character
SAME = 0.6  # of two boxes' union is in both: they are of one character, also after more was written
DOUBT = "?"  # behind a doubtful character
CORRECT = "Tap one to correct it"
LARGE = 12  # characters of a line: a longer one is set smaller

# read while nothing is written: the first reading takes seconds, and shall be over when the person begins
A_STROKE = Drawing((np.array([(50.0, 20.0), (50.0, 80.0)]),), PEN, (100, 100))

STYLE = """<style>
.st-key-reading h2 { font-size: 3.2rem; line-height: 1.15; padding: 0; overflow-wrap: anywhere; }
.st-key-reading h3 { font-size: 2rem; line-height: 1.2; padding: 0; overflow-wrap: anywhere; }
.st-key-characters button p { font-size: 1.25rem; }
.st-key-alternatives button { min-width: 3.5rem; }
.st-key-alternatives button p { font-size: 1.5rem; font-weight: 600; }
</style>"""


class Choice(NamedTuple):
    """What a person said of a character."""

    read: str  # its label before that
    said: str


def options() -> tuple[int, str]:
    """Pen width in pixels, and the pattern of each line."""
    pen = st.slider("Pen width", *PENS, PEN, key="fine-pen", format="%d px")
    pattern = st.text_input(
        "Pattern of each line",
        key="words-pattern",
        placeholder="99/99/9999",
        help="9 is a digit, A a letter, \\* any character, anything else itself",
    )
    return pen, pattern.strip()


def write_and_read(name: str, pen: int, pattern: str) -> None:
    """The canvas, and below it what a model reads and what the person says to that."""
    drawing = canvas(pen)
    reading = adapted(name).read(drawing or A_STROKE, pattern or None)
    reading = with_choices(reading) if drawing else Reading(())
    if not reading.lines:
        with st.container(key="reading"):
            st.info("Write a word, a number or several lines: they are read as you go.", icon="✍️")
        return
    with st.container(key="reading"):
        longest = max(len(line.text) for line in reading.lines)
        for line in reading.lines:
            st.markdown(f"{'##' if longest <= LARGE else '###'} {escaped(line.text)}")
    characters = [one for line in reading.lines for one in line.characters]
    correct(characters, name, key=f"tapped-{len(drawing.strokes)}")
    if st.session_state.get("choices-made"):
        learning()


def canvas(pen: int) -> Drawing | None:
    """The canvas, and the strokes on it."""
    width, height = PHONE if "Mobi" in st.context.headers.get("User-Agent", "") else WIDE
    st.caption("Words or numbers, on one line or several")  # and room for the canvas's floating toolbar
    with st.container(key="canvas"):
        drawn = st_canvas(
            stroke_width=pen, background_color="#ffffff", height=height, width=width, key="words-drawing"
        )
    return Drawing.from_canvas(drawn.json_data, (width, height))


def correct(characters: list[Character], name: str, key: str) -> None:
    """The characters as buttons; of one that is tapped, what else it may be."""
    doubtful = sum(not one.accepted for one in characters)
    with st.container(key="characters"):
        tapped = st.pills(
            f":material/help: {doubtful} doubtful; tap one to correct it" if doubtful else CORRECT,
            range(len(characters)),
            format_func=lambda place: escaped(shown(characters[place])),
            key=key,
        )
    if tapped is None:
        return
    one = characters[tapped]
    with st.container(horizontal=True, key="alternatives", gap="small"):
        for number, (label, probability) in enumerate(one.alternatives[:OTHERS]):
            st.button(
                escaped(label),
                key=f"alternative-{number}",
                type="primary" if label == one.label else "secondary",
                help=f"{probability:.1%}",
                on_click=choose,
                args=(one, label, name, key),
            )
    st.text_input("Or type it", max_chars=1, key="word-typed", on_change=choose_typed, args=(one, name, key))


def choose_typed(one: Character, name: str, key: str) -> None:
    """What the person typed is their choice."""
    if label := st.session_state["word-typed"].strip():
        choose(one, label, name, key)
    st.session_state["word-typed"] = ""


def shown(one: Character) -> str:
    return one.label if one.accepted else one.label + DOUBT


def choose(one: Character, label: str, name: str, key: str) -> None:
    """What the person says of a character is shown, and learnt from where they agreed to that."""
    made = st.session_state.get("choices-made", {})
    read = made[one.box].read if one.box in made else one.label
    st.session_state["choices-made"] = made | {one.box: Choice(read, label)}
    st.session_state[key] = None
    learn(one, label, name, ("word", one.box))


def with_choices(reading: Reading) -> Reading:
    """The reading with what the person said; what was said of a character that is gone is forgotten.

    Another character in its place is told by its label.
    """
    made: dict[Box, Choice] = st.session_state.get("choices-made", {})
    kept: dict[Box, Choice] = {}
    lines = []
    for line in reading.lines:
        labels = {}
        for place, one in enumerate(line.characters):
            box = max(made, key=lambda other, one=one: shared(other, one.box), default=None)
            if box and shared(box, one.box) >= SAME and one.label in made[box]:
                kept[one.box] = made[box]
                labels[place] = made[box].said
        lines.append(line.corrected(labels))
    st.session_state["choices-made"] = kept
    return Reading(tuple(lines))
