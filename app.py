"""Scrawl: page configuration and navigation, nothing else."""

import streamlit as st

draw = st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True)
compare = st.Page("pages/compare.py", title="Compare", icon=":material/bar_chart:")

page = st.navigation([draw, compare], position="top")
st.set_page_config(page_title="Scrawl", page_icon="✍️", layout="wide" if page is compare else "centered")
st.session_state.app = True  # see pages/common.py
page.run()
