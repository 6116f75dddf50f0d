"""Scrawl: page configuration and navigation, nothing else."""

import streamlit as st

st.set_page_config(page_title="Scrawl", page_icon="✍️", layout="centered")
st.navigation([st.Page("pages/draw.py", title="Draw", icon="✍️", default=True)]).run()
