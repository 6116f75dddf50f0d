"""Ten characters to write, one after another; each is stored as a correction."""

import time
from collections import Counter

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.common import (
    MODELS,
    TOOLBAR_SCRIPT,
    canvas_picture,
    errors_shown,
    message_of,
    reader,
    save_correction,
)
from recognizer import Drawing
from recognizer.errors import CorrectionError
from recognizer.personalization.archive import Correction

CANVAS_SIDE, PEN_WIDTH = 320, 16  # pixels: as on the Draw page
SEND_SECONDS = 0.3  # after the pen lifts, for the canvas to send the stroke, which it does after 0.2
# the characters that are misread most often
LESSONS = {"Digits": "0123456789", "Letters": "aegilnqruv", "Both": "1479agIlqz"}
EXAMPLES = {
    "a": "apple", "e": "egg", "g": "goat", "i": "ink", "l": "lamp", "n": "nest", "q": "queen", "r": "ring",
    "u": "umbrella", "v": "vase", "z": "zebra",
}  # fmt: skip
STYLE = """<style>
.st-key-wanted h1 { font-size: 4rem; line-height: 1; padding: 0; min-width: 3rem; }
</style>"""


@st.fragment
def show(corrections: list[Correction]) -> None:
    """Ask for one character after another.

    Args:
        corrections: the visitor's.
    """
    st.html(STYLE)
    st.html(TOOLBAR_SCRIPT, unsafe_allow_javascript=True)
    chosen = st.segmented_control("Practise", MODELS, default="Both", required=True, key="teach-model")
    name = MODELS[chosen]
    wanted, done = next_character(LESSONS[chosen], [correction.label for correction in corrections])
    with st.container(horizontal=True, vertical_alignment="center", key="wanted"):
        st.markdown(f"# {wanted}", width="content")
        progress = f":gray[{done + 1} of {len(LESSONS[chosen])}]"
        st.markdown(f"{in_words(wanted, chosen)}  \n{progress}", width="content")
    st.caption("Write it the way you always do")  # also makes room for the canvas's floating toolbar
    with errors_shown():
        practise(wanted, name)


def practise(wanted: str, name: str) -> None:
    """The canvas for one character, and the buttons that save or skip it."""
    drawing = canvas()
    with st.container(horizontal=True):
        keeping = st.button("Keep it", type="primary", icon=":material/check:", key="keep")
        skipping = st.button("Skip", icon=":material/skip_next:", key="skip")
    if keeping:
        st.session_state["keeping"] = True
        time.sleep(SEND_SECONDS)
        st.rerun()  # with the last stroke, which the canvas may have sent since
    elif st.session_state.pop("keeping", False):
        learn(drawing, wanted, name)
    elif skipping:
        skipped()[wanted] += 1
        clear_canvas()
    elif message := st.session_state.get("taught"):
        st.caption(message)
    reader(name)  # loading takes seconds the first time: begin while the visitor writes


def canvas() -> Drawing | np.ndarray | None:
    """The canvas, and what is drawn on it."""
    number = st.session_state.setdefault("teach-number", 0)
    with st.container(key="canvas"):
        drawn = st_canvas(
            stroke_width=PEN_WIDTH,
            background_color="#ffffff",
            height=CANVAS_SIDE,
            width=CANVAS_SIDE,
            return_image_data=True,
            key=f"teach-{number}",
        )
    strokes = Drawing.from_canvas(drawn.json_data, (CANVAS_SIDE, CANVAS_SIDE))
    return strokes or canvas_picture(drawn.image_bytes)


def learn(drawing: Drawing | np.ndarray | None, wanted: str, name: str) -> None:
    """Save a drawn character, and go on to the next."""
    character = reader(name).character(drawing) if drawing is not None else None
    if character is None or character.reason == "blank":
        st.info(f"First write {wanted} on the canvas.", icon=":material/draw:")
        return
    try:
        save_correction(character, wanted, name)
    except CorrectionError as error:
        st.error(message_of(error), icon=":material/cloud_off:")
        return
    would_read = "correctly" if character.label == wanted else f"as **{character.label}**"
    st.session_state["taught"] = f"Saved as **{wanted}**. Scrawl would have read it {would_read}."
    clear_canvas()


def clear_canvas() -> None:
    """Run the page again with an empty canvas."""
    st.session_state["teach-number"] += 1
    st.rerun()


def skipped() -> Counter:
    """How often each character was skipped."""
    return st.session_state.setdefault("teach-skipped", Counter())


def next_character(characters: str, labels: list[str]) -> tuple[str, int]:
    """The character that was written or skipped least often, and how many are done in this round.

    Args:
        characters: to choose from.
        labels: of the characters that were written.
    """
    counts = Counter(labels) + skipped()
    fewest = min(counts[character] for character in characters)
    remaining = [character for character in characters if counts[character] == fewest]
    return remaining[0], len(characters) - len(remaining)


def in_words(character: str, chosen: str) -> str:
    """A character in words, since an l looks like an I."""
    if character.isdigit():
        return "the digit"
    size = "" if chosen == "Letters" else " capital" if character.isupper() else " small"
    return f"the{size} letter, as in {EXAMPLES[character.lower()]}"
