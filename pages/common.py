"""What the pages share."""

import gc
import runpy
from pathlib import Path

import streamlit as st

from recognizer import Recognizer

COLOURS = ["#2f7ed8", "#e4572e", "#2a9d5c"]  # told apart on white and on black, and by the colour-blind
MODELS = {"Digits": "digits", "Letters": "letters", "Both": "alphanumeric"}


@st.cache_resource(show_spinner="Getting the reader ready…")
def reader(name: str) -> Recognizer:
    """A model of weights/, loaded and warmed up."""
    loaded = Recognizer.load(name)
    # Streamlit collects garbage after every run, before the answer is sent: walking through all of
    # TensorFlow's objects each time would take longer (0.25 s) than all the rest.
    gc.collect()
    gc.freeze()
    return loaded


def through_app() -> None:
    """Run app.py, which runs the page again, where the page was run without it.

    Streamlit does that for the first visitor of a fresh server who comes by a page's own address: it
    takes the folder `pages` for its older kind of multipage app until app.py has run once.
    """
    if "app" not in st.session_state:
        runpy.run_path(str(Path(__file__).parent.parent / "app.py"))
        st.stop()
