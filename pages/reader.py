"""The models of the app, each loaded once a process."""

import gc

import streamlit as st

from recognizer import Recognizer


@st.cache_resource(show_spinner="Getting the reader ready…")
def reader(name: str) -> Recognizer:
    """A model of weights/, loaded and warmed up."""
    loaded = Recognizer.load(name)
    # Streamlit collects garbage after every run, before the answer is sent: walking through all of
    # TensorFlow's objects each time would take longer (0.25 s) than all the rest.
    gc.collect()
    gc.freeze()
    return loaded
