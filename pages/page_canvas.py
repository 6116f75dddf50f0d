"""A page on a canvas, with a labelled box on each character that can be moved, deleted and added."""

import io

import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import CanvasResult, boxes_to_drawing, st_canvas

from pages import boxes
from recognizer.io.decoding import load_image

CANVAS = (720, 900)  # pixels: the most that a page takes on the screen
ENLARGED = 3  # times: a small picture, at most
PICTURES = 40  # kept of those shown last
BROKEN = [5, 4]  # pixels of a doubtful one's line that are drawn and left out
LABEL, LABELS = 0.4, (9, 16)  # a label's height: a share of the usual box's, and its limits in pixels
LOOK, CHANGE, ADD = "Look", "Move or delete", "Add"
HELP = {
    LOOK: "Green boxes are surer than 90%, blue ones less; broken red ones with a ? are doubtful.",
    CHANGE: "Press a box, then move it or pull its corners; ✕ deletes it. Press it again to type its label.",
    ADD: "Draw a box around a character that was missed.",
}

# The canvas has a fixed width, and a toolbar for every kind of drawing that only a mouse brings up. Let it
# shrink to the screen and scroll under a finger while nothing is changed; show the buttons that serve here.
TOOLS = """<script>
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


@st.cache_data(max_entries=PICTURES, show_spinner=False)
def picture(digest: str, page: int, _raw: bytes) -> tuple[bytes, float]:
    """A page as a JPEG of the canvas's size, and how many of its pixels are one of the page."""
    whole = load_image(_raw, page)
    height, width = whole.shape[:2]
    scale = min(CANVAS[0] / width, CANVAS[1] / height, ENLARGED)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(whole).resize(size, reducing_gap=2)
    paper = Image.new("RGBA", small.size, "white")
    paper.alpha_composite(small)
    file = io.BytesIO()
    paper.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue(), scale


def changed(sheet: boxes.Sheet) -> list | None:
    """The boxes on the sheet's canvas, if somebody changed them since the last run."""
    state = st.session_state.get(_key(sheet))
    if not state or not state.get("drawing"):
        sheet.draw_where_it_is_not()
        return None
    return sheet.changed(CanvasResult(state["drawing"]["raw"], None, False).boxes)


def show(sheet: boxes.Sheet, image: bytes) -> None:
    """The picture with a box on each character."""
    width, height = Image.open(io.BytesIO(image)).size
    mode = st.segmented_control("Boxes", [LOOK, CHANGE, ADD], default=LOOK, required=True, key="mode")
    st.caption(HELP[mode])
    tools = {"WIDTH": width, "HEIGHT": height, "EDIT": str(mode == CHANGE).lower()}
    script = TOOLS.replace("TOUCH", "pan-x pan-y pinch-zoom" if mode == LOOK else "none")
    for word, value in tools.items():
        script = script.replace(word, str(value))
    with st.container(key="photo-canvas"):
        st_canvas(
            fill_color="rgba(0, 0, 0, 0)",
            stroke_width=boxes.LINE,
            stroke_color=boxes.LESS_SURE,
            background_image=image,
            height=height,
            width=width,
            drawing_mode="labeled_rect",
            initial_drawing=drawing(sheet),
            disabled=mode == LOOK,
            key=_key(sheet),
        )
    st.html(script, unsafe_allow_javascript=True)


def drawing(sheet: boxes.Sheet) -> dict:
    """What the canvas begins with; `times` makes it begin anew where the boxes are the same."""
    heights = sorted(box["height"] for box in sheet.boxes) or [0]
    size = round(min(max(LABEL * heights[len(heights) // 2], LABELS[0]), LABELS[1]))
    objects = []
    for box in sheet.boxes:
        drawn = boxes_to_drawing([box], stroke_color=box["colour"], stroke_width=boxes.LINE)["objects"]
        objects.append({**drawn[0], "fontSize": size, "strokeDashArray": BROKEN if box["doubtful"] else None})
    return {"objects": objects, "times": sheet.times}


def _key(sheet: boxes.Sheet) -> str:
    return f"boxes-{sheet.name}"
