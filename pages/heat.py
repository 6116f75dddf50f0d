"""The heat map of a drawing: which ink supports the answer, and which speaks against it."""

import numpy as np
import streamlit as st
from PIL import Image

from pages.common import COLOURS, escaped
from recognizer import Explanation

FOR_COLOUR, AGAINST_COLOUR = COLOURS[:2]
DRAWING_OPACITY = 0.3  # of the drawing under the colours
MARGIN = 0.15  # around the ink, of its longer side
WIDTH = 200  # pixels of the screen
GAMMA = 0.6  # exponent of the heat; below 1, so that little heat is visible


def picture(drawing: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The drawing in grey on white, with its heat in colour.

    Args:
        drawing: uint8 (H, W, 4), the canvas; on a screen of high resolution it is larger than the heat.
        heat: float32 (h, w) in [-1, 1].

    Returns:
        uint8 (h, w, 3).
    """
    canvas = Image.fromarray(drawing)
    on_white = Image.alpha_composite(Image.new("RGBA", canvas.size, "white"), canvas).convert("L")
    darkness = 255 - np.asarray(on_white.resize(heat.shape[::-1]), np.float32)
    grey = np.repeat((255 - DRAWING_OPACITY * darkness)[..., None], 3, axis=2)
    colours = np.array([_rgb(AGAINST_COLOUR), _rgb(FOR_COLOUR)], np.float32)[(heat > 0).astype(int)]
    opacity = np.abs(heat)[..., None] ** GAMMA
    return np.rint(grey * (1 - opacity) + colours * opacity).astype(np.uint8)


def crop_to_ink(image: np.ndarray) -> np.ndarray:
    """The square around the ink of a picture (h, w, 3) on white, with a margin."""
    places = np.argwhere(image.min(axis=2) < 255)
    first, last = places.min(axis=0), places.max(axis=0)
    half = round((0.5 + MARGIN) * (last - first).max()) + 1
    top, left = (first + last) // 2  # the middle of the ink, minus `half`, in the padded picture
    padded = np.pad(image, ((half, half), (half, half), (0, 0)), constant_values=255)
    return padded[top : top + 2 * half, left : left + 2 * half]


def show(drawing: np.ndarray, explanation: Explanation) -> None:
    """The heat map with its legend."""
    label = escaped(explanation.character.label)
    with st.container(
        key="heatmap", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width="content"):
            st.markdown(f"{_square(FOR_COLOUR)} for **{label}**")
            st.markdown(f"{_square(AGAINST_COLOUR)} against **{label}**")
            st.caption("Grey ink made little difference")
        st.image(crop_to_ink(picture(drawing, explanation.heat)), width=WIDTH)


def _square(colour: str) -> str:
    return f':color[■]{{foreground="{colour}"}}'


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
