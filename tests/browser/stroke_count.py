"""The Draw page with the reading taken out: it prints how many strokes there are.

`python -m training.benchmark page` measures the app's answer beside this one's.
"""

import streamlit as st
from streamlit_drawable_canvas import st_canvas


@st.fragment
def draw_and_count() -> None:
    left, right = st.columns(2, gap="large")
    with left, st.container(key="canvas"):
        drawing = st_canvas(
            stroke_width=16,
            background_color="#ffffff",
            height=320,
            width=320,
            return_image_data=True,
            key="drawing",
        )
    strokes = len((drawing.json_data or {}).get("objects", []))
    with right, st.container(key="reading"):
        if strokes:
            st.markdown(f"# {strokes}")


st.title("Draw")
draw_and_count()
