"""Scrawl: page configuration and navigation, nothing else."""

import streamlit as st


@st.fragment(run_every=86_400)
def go_on() -> None:
    """Show nothing: a browser that has connected anew runs a page with a timer from its beginning.

    Without one, a page that only has fragments would look alive to somebody whose process has died, and
    do nothing: the new one does not know its fragments.
    """


draw = st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True)
photo = st.Page("pages/photo.py", title="Photo", icon=":material/photo_camera:")
compare = st.Page("pages/compare.py", title="Compare", icon=":material/bar_chart:")
handwriting = st.Page("pages/handwriting.py", title="My hand", icon=":material/signature:")

page = st.navigation([draw, photo, compare, handwriting], position="top")
st.set_page_config(page_title="Scrawl", page_icon="✍️", layout="centered" if page is draw else "wide")
st.session_state.app = True  # see pages/common.py
page.run()
go_on()
