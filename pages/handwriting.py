"""My hand: corrections that a person taught, to look at, delete and take along, and what they help."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from pages import teach
from pages.common import (
    COOKIE_DAYS,
    MODELS,
    agree,
    escaped,
    failures_said,
    forget,
    hand,
    keep_cookie,
    lessons,
    reader,
    store,
    through_app,
    told,
)
from recognizer.errors import CorrectionError
from recognizer.personalization import leave_one_out
from recognizer.personalization.archive import Correction

TILE, TILES = 56, 60  # pixels of a glyph on the screen; glyphs on one page of the grid
FEWEST, MOST = 2, 100  # corrections to measure on: with one nothing is left to learn from; the newest
FILE = "my-hand.zip"

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


def ask() -> None:
    """What is kept and why, and a button to agree to it."""
    st.markdown(
        "Scrawl can learn how **you** write, from characters that you name. If you agree, each of them is "
        "kept on this server: its picture (28 by 28 pixels), what it is, what was read, by which model, "
        "and when, so that your writing is read better. A random number in a cookie, which this browser "
        f"keeps for {COOKIE_DAYS} days, tells yours from other people's: no name, no address."
    )
    st.button("Yes, keep them", type="primary", icon=":material/check:", key="agree", on_click=agree)
    st.caption("You can look at all of them here, take them along, and delete them at any time.")


def grid(mine: list[Correction]) -> None:
    """All corrections, the newest first, each with a button that deletes it."""
    pages = -(-len(mine) // TILES)
    page = st.pagination(pages, key="grid-page") if pages > 1 else 1
    with st.container(horizontal=True, gap="small", key="grid"):
        for one in mine[::-1][TILES * (page - 1) : TILES * page]:
            with st.container(width=TILE + 8, gap=None):
                st.image(enlarged(one.glyph), width=TILE, output_format="PNG", alt=f"{one.label}, written")
                st.button(
                    one.label if one.label.isalnum() else f"\\{one.label}",
                    icon=":material/close:",
                    icon_position="right",
                    type="tertiary",
                    key=f"delete-{one.id}",
                    help=about(one),
                    on_click=attempt,
                    args=(store().delete, one.session, [one.id]),
                )


def attempt(change: Callable, *arguments) -> None:
    """Change what is kept; where the database does not take it, say so."""
    try:
        change(*arguments)
    except CorrectionError as error:
        st.toast(told(error), icon=":material/cloud_off:")


def enlarged(glyph: np.ndarray) -> np.ndarray:
    """A glyph (28, 28) black on white, for screens with twice as many pixels."""
    times = 2 * TILE // len(glyph)
    return np.kron(255 - glyph, np.ones((times, times), np.uint8))


def about(one: Correction) -> str:
    """What is kept of a correction beside its picture; in a file that was taken in, anything may stand."""
    read = f"read as {escaped(one.read)} by" if one.read else "seen by"
    return f"Delete this one: {read} {escaped(one.model)}, {one.at:%d %B %Y}"


def help_so_far(mine: list[Correction]) -> None:
    """How many of the corrections are read rightly, by the plain reader and by one that knows the others."""
    chosen = st.segmented_control("Read as", MODELS, default="Both", required=True, key="measure-model")
    if not st.button("Measure", icon=":material/straighten:", key="measure", disabled=len(mine) < FEWEST):
        return
    glyphs, labels = lessons(MODELS[chosen], mine[-MOST:])
    if len(labels) < FEWEST:
        st.info("Too few of your characters are among those: teach some more.", icon=":material/draw:")
        return
    with st.spinner("Reading each, after teaching all the others…"):
        before, after = leave_one_out.right(reader(MODELS[chosen]), glyphs, labels)
    with st.container(horizontal=True, key="measured"):
        st.metric("Read rightly without", f"{before / len(labels):.0%}")
        change = f"{after - before:+} of {len(labels)}" if after != before else None
        st.metric("with your corrections", f"{after / len(labels):.0%}", change)
    st.caption("Each was read by a reader that had been taught all the others, but not this one.")


def take_along(mine: list[Correction]) -> None:
    """Export, import, delete all."""
    with st.container(horizontal=True, key="take-along"):
        st.download_button(
            "Export",
            partial(store().exported, hand()),  # made when it is asked for, by a thread that knows no session
            FILE,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            disabled=not mine,
        )
        with st.popover("Import", icon=":material/upload:"):
            number = st.session_state.setdefault("import-number", 0)
            file = st.file_uploader(
                f"A {FILE} that was exported here or elsewhere", "zip", key=f"import-{number}"
            )
            if file:
                take_in(file.getvalue())
        with st.popover("Delete all", icon=":material/delete:"):
            st.markdown(f"Delete all {len(mine)} and the cookie? Nobody can bring them back.")
            st.button("Yes, delete all", type="primary", key="forget", on_click=attempt, args=(forget,))


def take_in(raw: bytes) -> None:
    """The corrections of an exported file, said so once: the next run has an empty uploader."""
    try:
        count = store().imported(hand(), raw)
    except CorrectionError as error:
        st.error(told(error), icon=":material/broken_image:")
        return
    st.session_state["import-number"] += 1
    st.session_state["taken-in"] = count
    st.rerun()


def show() -> None:
    mine = store().of(hand())
    if (count := st.session_state.pop("taken-in", None)) is not None:
        st.toast(f"{count} taken in that were not here yet", icon=":material/upload:")
    both = st.container(horizontal=True, gap="large")
    with both.container(width=teach.CANVAS):
        st.subheader("Teach me")
        teach.show(mine)
    with both.container(key="mine", width="stretch"):
        st.subheader(f"My corrections: {len(mine)}" if mine else "My corrections")
        if mine:
            grid(mine)
        else:
            st.caption("None yet: what you teach will stand here.")
        take_along(mine)
        st.subheader("Does it help?")
        with failures_said():
            help_so_far(mine)


through_app()
st.title("My hand")
st.html(STYLE)
try:
    if hand() is None:
        store()  # nobody is asked where nothing can be kept
        ask()
    else:
        show()
except CorrectionError as error:
    st.info(told(error), icon=":material/cloud_off:")
keep_cookie()
