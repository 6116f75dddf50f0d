"""Scrawl: page configuration and navigation, nothing else."""

import streamlit as st


@st.fragment(run_every=86_400)
def reconnect() -> None:
    """Show nothing, but have a browser that connects again run its page from the beginning.

    After a process has died, a new one does not know the fragments of the browser's page. A page with only
    fragments would look alive but do nothing; a page with a timer is run anew.
    """


draw = st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True)
photo = st.Page("pages/photo.py", title="Photo", icon=":material/photo_camera:")
compare = st.Page("pages/compare.py", title="Compare", icon=":material/bar_chart:")
handwriting = st.Page("pages/handwriting.py", title="My hand", icon=":material/signature:")

page = st.navigation([draw, photo, compare, handwriting], position="top")
st.set_page_config(page_title="Scrawl", page_icon="✍️", layout="centered" if page is draw else "wide")
st.session_state.app = True  # pages.common.start_page asks for it
page.run()
reconnect()
