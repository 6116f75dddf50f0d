"""Scrawl: page configuration and navigation, nothing else."""

import streamlit as st

draw = st.Page("pages/draw.py", title="Draw", icon="✍️", default=True)
compare = st.Page("pages/compare.py", title="Compare", icon="📊")

page = st.navigation([draw, compare])
st.set_page_config(page_title="Scrawl", page_icon="✍️", layout="wide" if page is compare else "centered")
page.run()
