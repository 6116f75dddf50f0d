"""My hand: teach Scrawl how you write; see, delete, export and import corrections; measure how they help."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from pages import teach
from pages.common import (
    COOKIE_DAYS,
    MODELS,
    agree,
    errors_shown,
    escaped,
    forget,
    hand_id,
    message_of,
    reader,
    start_page,
    store,
    update_cookie,
    usable_corrections,
)
from recognizer.errors import CorrectionError
from recognizer.personalization import leave_one_out
from recognizer.personalization.archive import Correction

TILE_SIDE = 56  # pixels of a glyph on the screen
TILES_PER_PAGE = 60
MIN_MEASURED = 2  # corrections: with one, there are no others to learn from
MAX_MEASURED = 100  # the newest corrections
ZIP_NAME = "my-hand.zip"

STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
.st-key-grid img { border: 1px solid rgba(128, 128, 128, 0.6); border-radius: 4px; }
.st-key-grid button { min-height: 2rem; padding: 0 0.35rem; }
.st-key-grid button p { font-size: 1.1rem; font-weight: 600; }
.st-key-grid [data-testid="stElementToolbar"] { display: none; }
.st-key-mine { min-width: 18rem; }
@media (max-width: 640px) {
  .stMainBlockContainer > div > .stElementContainer h1 { font-size: 1.75rem; padding: 0; }
}
</style>"""


def ask_consent() -> None:
    """What is stored and why, and a button to agree."""
    st.markdown(
        "Your corrections teach Scrawl how **you** write. If you agree, this server stores each character "
        "that you correct, or write here: its picture (28 by 28 pixels), what it is, what Scrawl read, with "
        "which model, and when. It is used only to read your writing better. A random number in a cookie, "
        f"which this browser keeps for {COOKIE_DAYS} days, tells your corrections from other people's. "
        "No name, no address."
    )
    st.button("Yes, keep them", type="primary", icon=":material/check:", key="agree", on_click=agree)
    st.caption("You can see, export and delete them here at any time.")


def grid(corrections: list[Correction]) -> None:
    """All corrections, the newest first, each with a button that deletes it."""
    page_count = -(-len(corrections) // TILES_PER_PAGE)
    page = st.pagination(page_count, key="grid-page") if page_count > 1 else 1
    newest_first = corrections[::-1]
    with st.container(horizontal=True, gap="small", key="grid"):
        for correction in newest_first[TILES_PER_PAGE * (page - 1) : TILES_PER_PAGE * page]:
            tile(correction)


def tile(correction: Correction) -> None:
    """The picture of a correction, and its label as a button that deletes it."""
    label = correction.label
    with st.container(width=TILE_SIDE + 8, gap=None):
        st.image(
            enlarged(correction.glyph), width=TILE_SIDE, output_format="PNG", alt=f"{label}, handwritten"
        )
        st.button(
            label if label.isalnum() else f"\\{label}",
            icon=":material/close:",
            icon_position="right",
            type="tertiary",
            key=f"delete-{correction.id}",
            help=details(correction),
            on_click=attempt,
            args=(store().delete, correction.session, [correction.id]),
        )


def attempt(change: Callable, *arguments) -> None:
    """Change the database; if that fails, show why."""
    try:
        change(*arguments)
    except CorrectionError as error:
        st.toast(message_of(error), icon=":material/cloud_off:")


def enlarged(glyph: np.ndarray) -> np.ndarray:
    """A glyph (28, 28) black on white, twice as large as its tile for screens of high resolution."""
    zoom = 2 * TILE_SIDE // len(glyph)
    return np.kron(255 - glyph, np.ones((zoom, zoom), np.uint8))


def details(correction: Correction) -> str:
    """What is stored besides the picture; escaped, since an imported file may hold any text."""
    read = f"read as {escaped(correction.read)} by" if correction.read else "seen by"
    return f"Delete this one: {read} {escaped(correction.model)}, {correction.at:%d %B %Y}"


def measure_help(corrections: list[Correction]) -> None:
    """How many of the corrections are read correctly, without and with the other corrections."""
    chosen = st.segmented_control("Read as", MODELS, default="Both", required=True, key="measure-model")
    too_few = len(corrections) < MIN_MEASURED
    if not st.button("Measure", icon=":material/straighten:", key="measure", disabled=too_few):
        return
    glyphs, labels = usable_corrections(MODELS[chosen], corrections[-MAX_MEASURED:])
    if len(labels) < MIN_MEASURED:
        st.info("You have taught too few of these characters. Teach some more.", icon=":material/draw:")
        return
    with st.spinner("Reading each with the help of all the others…"):
        before, after = leave_one_out.count_correct(reader(MODELS[chosen]), glyphs, labels)
    with st.container(horizontal=True, key="measured"):
        st.metric("Read correctly without", f"{before / len(labels):.0%}")
        change = f"{after - before:+} of {len(labels)}" if after != before else None
        st.metric("with your corrections", f"{after / len(labels):.0%}", change)
    st.caption("Each character was read by a model that had learned all the others, but not this one.")


def manage(corrections: list[Correction]) -> None:
    """Export, import and delete corrections."""
    with st.container(horizontal=True, key="take-along"):
        st.download_button(
            "Export",
            # made on demand, by a thread that knows no session: so it gets the id now
            partial(store().export_zip, hand_id()),
            ZIP_NAME,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            disabled=not corrections,
        )
        with st.popover("Import", icon=":material/upload:"):
            number = st.session_state.setdefault("import-number", 0)
            file = st.file_uploader(f"A {ZIP_NAME} that Scrawl exported", "zip", key=f"import-{number}")
            if file:
                import_zip(file.getvalue())
        with st.popover("Delete all", icon=":material/delete:"):
            st.markdown("Delete all your corrections and the cookie? This cannot be undone.")
            st.button("Yes, delete all", type="primary", key="forget", on_click=attempt, args=(forget,))


def import_zip(raw: bytes) -> None:
    """Import an exported file; the next run says how many were new, and has an empty uploader."""
    try:
        count = store().import_zip(hand_id(), raw)
    except CorrectionError as error:
        st.error(message_of(error), icon=":material/broken_image:")
        return
    st.session_state["import-number"] += 1
    st.session_state["imported"] = count
    st.rerun()


def show() -> None:
    """The page of a visitor who has agreed."""
    corrections = store().of(hand_id())
    if (count := st.session_state.pop("imported", None)) is not None:
        st.toast(f"Imported {count} new correction{'' if count == 1 else 's'}", icon=":material/upload:")
    columns = st.container(horizontal=True, gap="large")
    with columns.container(width=teach.CANVAS_SIDE):
        st.subheader("Teach me")
        teach.show(corrections)
    with columns.container(key="mine", width="stretch"):
        st.subheader(f"My corrections: {len(corrections)}" if corrections else "My corrections")
        if corrections:
            grid(corrections)
        else:
            st.caption("None yet. The characters that you teach appear here.")
        manage(corrections)
        st.subheader("Does it help?")
        with errors_shown():
            measure_help(corrections)


start_page()
st.title("My hand")
st.html(STYLE)
try:
    if hand_id() is None:
        store()  # nobody is asked to agree if nothing can be stored
        ask_consent()
    else:
        show()
except CorrectionError as error:
    st.info(message_of(error), icon=":material/cloud_off:")
update_cookie()
