"""A page on a canvas, with a labelled box on each character that can be moved, deleted and added."""

import base64
import io
from typing import NamedTuple

import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import CanvasResult, boxes_to_drawing, st_canvas

from pages import boxes, session
from recognizer.io.decoding import load_image

MAX_CANVAS = (720, 900)  # pixels: the width and height that a page takes on the screen
MAX_ENLARGEMENT = 3  # of a small picture
JPEG_QUALITY = 85
DASHES = [5, 4]  # pixels drawn and left out in the lines around doubtful characters
LABEL_SHARE, LABEL_HEIGHTS = 0.4, (9, 16)  # a label's height: this share of the median box's, within pixels
LOOK, CHANGE, ADD = "Look", "Move or delete", "Add"
HELP = {
    LOOK: "Green: at least 90% sure. Blue: less sure. Dashed red with a ?: doubtful.",
    CHANGE: "Tap a box to move it or drag its corners; ✕ deletes it. Tap it again to type its label.",
    ADD: "Draw a box around a character that was missed.",
}

# The canvas has a fixed width, and a toolbar for every kind of drawing that shows only under a mouse. Let it
# shrink to the screen, let it scroll under a finger in LOOK mode, and always show the buttons that help here.
TOOLS_SCRIPT = """<script>
clearInterval(window.scrawlTools);
window.scrawlTools = setInterval(() => {
  for (const host of document.querySelectorAll(".st-key-photo-canvas *")) {
    const root = host.shadowRoot;
    const edit = root?.querySelector("[title='Edit']");
    if (!edit || !root.querySelector("canvas.upper-canvas")) continue;
    if (!root.querySelector("style.scrawl")) {
      const style = document.createElement("style");
      style.className = "scrawl";
      root.append(style);
      document.addEventListener("keydown", (event) => {
        if (!host.isConnected || !["Delete", "Backspace"].includes(event.key)) return;
        if (/INPUT|TEXTAREA/.test(event.composedPath()[0].tagName)) return;
        root.querySelector("[title='Delete selected']:not(:disabled)")?.click();
      });
    }
    const rules = `
      .dc-root { width: 100% !important; max-width: WIDTHpx !important; display: flex;
        flex-direction: column-reverse; }
      .dc-container { width: 100% !important; height: auto !important; aspect-ratio: WIDTH / HEIGHT; }
      .canvas-container, canvas { width: 100% !important; height: 100% !important; }
      canvas { touch-action: TOUCH !important; }
      .dc-toolbar { position: static !important; opacity: 1 !important; padding: 0 0 .25rem !important; }
      .dc-icon-button svg { width: 1.3rem !important; height: 1.3rem !important; }
      [title='Update the app with this drawing'], [title='Edit'], [title='Bring forward'],
      [title='Send backward'], [title='Reset canvas & history'], .dc-toolbar-separator {
        display: none !important; }`;
    const style = root.querySelector("style.scrawl");
    if (style.textContent !== rules) style.textContent = rules;
    if ((edit.getAttribute("aria-pressed") === "true") !== EDIT) edit.click();
  }
}, 100);
</script>"""


class ScreenPicture(NamedTuple):
    """A page at the size of its canvas."""

    # a JPEG as a data URL: the canvas keeps any other kind of picture in a cache of the whole process
    url: str
    width: int  # pixels of the canvas
    height: int
    scale: float  # pixels of the canvas for one of the page


def screen_picture(digest: str, page: int, raw: bytes) -> ScreenPicture:
    """A page for the canvas, kept in the session.

    Args:
        digest: of the file.
        page: counted from 0.
        raw: the file.
    """
    pictures = session.cache("pictures")
    known = pictures.get((digest, page))
    if known is None:
        known = _screen_picture(raw, page)
        pictures.put((digest, page), known, len(known.url))
    return known


def _screen_picture(raw: bytes, page: int) -> ScreenPicture:
    original = load_image(raw, page)
    height, width = original.shape[:2]
    scale = min(MAX_CANVAS[0] / width, MAX_CANVAS[1] / height, MAX_ENLARGEMENT)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = Image.fromarray(original).resize(size, reducing_gap=2)
    paper = Image.new("RGBA", size, "white")
    paper.alpha_composite(resized)
    file = io.BytesIO()
    paper.convert("RGB").save(file, "JPEG", quality=JPEG_QUALITY)
    url = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return ScreenPicture(url, *size, scale)


def changed_boxes(sheet: boxes.Sheet) -> list[boxes.Box] | None:
    """The boxes on the sheet's canvas, if the visitor has changed them since the last run."""
    state = st.session_state.get(_key(sheet))
    if not state or not state.get("drawing"):
        sheet.redraw_if_stale()
        return None
    return sheet.changed_boxes(CanvasResult(state["drawing"]["raw"], None, False).boxes)


def show(sheet: boxes.Sheet, picture: ScreenPicture) -> None:
    """The picture with a box on each character."""
    mode = st.segmented_control("Boxes", [LOOK, CHANGE, ADD], default=LOOK, required=True, key="mode")
    st.caption(HELP[mode])
    values = {
        "WIDTH": picture.width,
        "HEIGHT": picture.height,
        "EDIT": str(mode == CHANGE).lower(),
        "TOUCH": "pan-x pan-y pinch-zoom" if mode == LOOK else "none",
    }
    script = TOOLS_SCRIPT
    for placeholder, value in values.items():
        script = script.replace(placeholder, str(value))
    with st.container(key="photo-canvas"):
        st_canvas(
            fill_color="rgba(0, 0, 0, 0)",
            stroke_width=boxes.LINE_WIDTH,
            stroke_color=boxes.LESS_SURE_COLOUR,
            background_image=picture.url,
            height=picture.height,
            width=picture.width,
            drawing_mode="labeled_rect",
            initial_drawing=initial_drawing(sheet),
            disabled=mode == LOOK,
            key=_key(sheet),
        )
    st.html(script, unsafe_allow_javascript=True)


def initial_drawing(sheet: boxes.Sheet) -> dict:
    """The drawing that the canvas begins with; another `redraws` makes it begin anew with the same boxes."""
    heights = sorted(box["height"] for box in sheet.boxes) or [0]
    lowest, highest = LABEL_HEIGHTS
    label_height = round(min(max(LABEL_SHARE * heights[len(heights) // 2], lowest), highest))
    objects = []
    for box in sheet.boxes:
        drawing = boxes_to_drawing([box], stroke_color=box["colour"], stroke_width=boxes.LINE_WIDTH)
        dashes = DASHES if box["doubtful"] else None
        objects.append({**drawing["objects"][0], "fontSize": label_height, "strokeDashArray": dashes})
    return {"objects": objects, "redraws": sheet.canvas_version}


def _key(sheet: boxes.Sheet) -> str:
    return f"boxes-{sheet.name}"
