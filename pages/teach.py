"""Ten characters to write, one after another; each is kept with what it is."""

import time
from collections import Counter

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.common import MODELS, TOOLBAR, failures_said, keep, picture, reader, told
from recognizer import Drawing
from recognizer.errors import CorrectionError
from recognizer.personalization.archive import Correction

CANVAS, PEN = 320, 16  # pixels: as on the Draw page
SENT = 0.3  # seconds after the pen lifts: the canvas has sent the stroke, which it does after 0.2
TEN = {"Digits": "0123456789", "Letters": "aegilnqruv", "Both": "1479agIlqz"}  # what is misread most often
WORDS = {
    "a": "apple", "e": "egg", "g": "goat", "i": "ink", "l": "lamp", "n": "nest", "q": "queen", "r": "ring",
    "u": "umbrella", "v": "vase", "z": "zebra",
}  # fmt: skip
STYLE = """<style>
.st-key-wanted h1 { font-size: 4rem; line-height: 1; padding: 0; min-width: 3rem; }
</style>"""


@st.fragment
def show(mine: list[Correction]) -> None:
    """One character after another to write; each is kept with what it is."""
    st.html(STYLE)
    st.html(TOOLBAR, unsafe_allow_javascript=True)
    chosen = st.segmented_control("For reading", MODELS, default="Both", required=True, key="teach-model")
    name = MODELS[chosen]
    wanted, done = next_of(TEN[chosen], [one.label for one in mine])
    with st.container(horizontal=True, vertical_alignment="center", key="wanted"):
        st.markdown(f"# {wanted}", width="content")
        st.markdown(f"{in_words(wanted, chosen)}  \n:gray[{done + 1} of {len(TEN[chosen])}]", width="content")
    st.caption("Write it as you always do")  # and room for the canvas's floating toolbar
    with failures_said():
        practise(wanted, name)


def practise(wanted: str, name: str) -> None:
    """The canvas for one character, and what happens to what is written there."""
    seen = canvas()
    with st.container(horizontal=True):
        keeping = st.button("Keep it", type="primary", icon=":material/check:", key="keep")
        skipping = st.button("Another one", icon=":material/skip_next:", key="skip")
    if keeping:
        st.session_state["keeping"] = True
        time.sleep(SENT)
        st.rerun()  # with all that the canvas has sent since
    elif st.session_state.pop("keeping", False):
        learn(seen, wanted, name)
    elif skipping:
        skipped()[wanted] += 1
        begin_anew()
    elif said := st.session_state.get("taught"):
        st.caption(said)
    reader(name)  # the first takes seconds: begin while the person writes


def canvas() -> Drawing | np.ndarray | None:
    """The canvas, and what is on it."""
    number = st.session_state.setdefault("teach-number", 0)
    with st.container(key="canvas"):
        drawing = st_canvas(
            stroke_width=PEN,
            background_color="#ffffff",
            height=CANVAS,
            width=CANVAS,
            return_image_data=True,
            key=f"teach-{number}",
        )
    return Drawing.from_canvas(drawing.json_data, (CANVAS, CANVAS)) or picture(drawing.image_bytes)


def learn(seen: Drawing | np.ndarray | None, wanted: str, name: str) -> None:
    """Keep a drawn character, and go on to the next."""
    character = reader(name).character(seen) if seen is not None else None
    if character is None or character.reason == "blank":
        st.info(f"Write a {wanted} first.", icon=":material/draw:")
        return
    try:
        keep(character, wanted, name)
    except CorrectionError as error:
        st.error(told(error), icon=":material/cloud_off:")
        return
    right = character.label == wanted
    was = "and would have been read so" if right else f"but would have been read as **{character.label}**"
    st.session_state["taught"] = f"The last one is kept as **{wanted}**, {was}."
    begin_anew()


def begin_anew() -> None:
    """The page again, with an empty canvas."""
    st.session_state["teach-number"] += 1
    st.rerun()


def skipped() -> Counter:
    """How often each character was left out."""
    return st.session_state.setdefault("teach-skipped", Counter())


def next_of(characters: str, labels: list[str]) -> tuple[str, int]:
    """Which of the characters was written or left out least often, and how many are done in this round."""
    had = Counter(labels) + skipped()
    least = min(had[one] for one in characters)
    ahead = [one for one in characters if had[one] == least]
    return ahead[0], len(characters) - len(ahead)


def in_words(character: str, chosen: str) -> str:
    """A character in words: an l looks like an I."""
    if character.isdigit():
        return "the digit"
    form = "" if chosen == "Letters" else " capital" if character.isupper() else " small"
    return f"the{form} letter, as in {WORDS[character.lower()]}"
