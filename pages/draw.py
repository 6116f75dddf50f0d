"""Draw one character; it is read when the pen lifts."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from recognizer import Character, Recognizer

CANVAS = 320  # pixels a side: fits a phone's width
GLYPH_PIXEL = 6  # pixels of the screen for one of the 28x28
MODELS = {"Digits": "digits", "Letters": "letters", "Both": "alphanumeric"}


@st.cache_resource(show_spinner="Getting the reader ready…")
def reader(name: str) -> Recognizer:
    return Recognizer.load(name)


@st.fragment
def draw_and_read() -> None:
    model = st.segmented_control("Read as", MODELS, default="Both", required=True, key="model")
    left, right = st.columns([1, 1], gap="large")
    with left:
        with st.container(key="canvas"):
            drawing = st_canvas(
                stroke_width=st.session_state.get("pen", 16),
                background_color="#ffffff",
                height=CANVAS,
                width=CANVAS,
                return_image_data=True,
                key="drawing",
            )
        st.slider("Pen width", 4, 40, 16, key="pen")
    with right:
        if drawing.image_data is None:
            invite()
        else:
            show(reader(MODELS[model]).character(drawing.image_data))
    reader(MODELS[model])


def invite() -> None:
    with st.container(key="reading"):
        st.info("Draw a digit or a letter, as large and wherever you like.", icon="✍️")


def show(character: Character) -> None:
    if character.reason == "blank":
        invite()
        return
    with st.container(key="reading"):
        st.markdown(f"# {character.label}")
    if character.accepted:
        st.caption(f"{character.probability:.0%} sure")
    else:
        (first, _), (second, _) = character.alternatives[:2]
        st.caption(f"Not sure: {first} or {second}?")
    with st.container(key="alternatives"):
        for label, probability in character.alternatives:
            st.progress(probability, text=f"**{label}**  {probability:.1%}")
    with st.container(key="glyph"):
        pixels = np.rint((1 - character.glyph) * 255).astype(np.uint8)
        st.image(np.kron(pixels, np.ones((GLYPH_PIXEL, GLYPH_PIXEL), np.uint8)), caption="What the model sees")


st.title("Draw")
draw_and_read()
