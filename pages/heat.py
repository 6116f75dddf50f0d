"""Which ink of a drawing spoke for a label and which against it, to look at."""

import numpy as np
import streamlit as st
from PIL import Image

from pages.common import COLOURS, escaped
from recognizer import Explanation

FOR, AGAINST = COLOURS[:2]
PALE = 0.3  # of the ink's darkness is left in the drawing under the colours
MARGIN = 0.15  # of the drawing's longer side, around it
WIDTH = 200  # pixels of the screen
FAINT = 0.6  # power below 1: what spoke a little is seen too


def picture(drawn: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The drawing in grey on white, and in colour the ink that spoke.

    Args:
        drawn: uint8 (H, W, 4), the canvas.
        heat: float32 (h, w) in [-1, 1]; a canvas on a fine screen has more pixels.

    Returns:
        uint8 (h, w, 3).
    """
    sheet = Image.fromarray(drawn)
    paper = Image.alpha_composite(Image.new("RGBA", sheet.size, "white"), sheet).convert("L")
    dark = 255 - np.asarray(paper.resize(heat.shape[::-1]), np.float32)
    grey = np.repeat((255 - PALE * dark)[..., None], 3, axis=2)
    colours = np.array([_rgb(AGAINST), _rgb(FOR)], np.float32)[(heat > 0).astype(int)]
    strength = np.abs(heat)[..., None] ** FAINT
    return np.rint(grey * (1 - strength) + colours * strength).astype(np.uint8)


def around_ink(shown: np.ndarray) -> np.ndarray:
    """The square part of a picture (h, w, 3) on white that its ink is in, with a margin."""
    places = np.argwhere(shown.min(axis=2) < 255)
    first, last = places.min(axis=0), places.max(axis=0)
    half = round((0.5 + MARGIN) * (last - first).max()) + 1
    top, left = (first + last) // 2  # of the picture, which is `half` away in the padded one
    return np.pad(shown, ((half, half), (half, half), (0, 0)), constant_values=255)[
        top : top + 2 * half, left : left + 2 * half
    ]


def show(drawn: np.ndarray, explained: Explanation) -> None:
    """The heat map with its legend in words."""
    label = escaped(explained.character.label)
    with st.container(
        key="heatmap", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width="content"):
            st.markdown(f"{_square(FOR)} for **{label}**")
            st.markdown(f"{_square(AGAINST)} against **{label}**")
            st.caption("Grey ink said little")
        st.image(around_ink(picture(drawn, explained.heat)), width=WIDTH)


def _square(colour: str) -> str:
    return f':color[■]{{foreground="{colour}"}}'


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
