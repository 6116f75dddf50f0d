"""What the pages share."""

import gc
import logging
import os
import re
import runpy
import secrets
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import streamlit as st

from recognizer import Character, Drawing, ImageError, ModelError, Recognizer
from recognizer.errors import CorrectionError, StoreError
from recognizer.io.decoding import load_image
from recognizer.models.keras_engine import hold_session
from recognizer.models.store import read_card
from recognizer.personalization.archive import Correction, glyphs_of
from recognizer.personalization.database import VARIABLE
from recognizer.personalization.store import Corrections

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "data" / "corrections.sqlite"  # the database where none is named
COLOURS = ["#2f7ed8", "#e4572e", "#2a9d5c"]  # told apart on white and on black, and by the colour-blind
MODELS = {"Digits": "digits", "Letters": "letters", "Both": "alphanumeric"}
LONE = MODELS | {"Both": "anything"}  # who reads one character: a digit is as likely as a letter
HANDS = 50  # readers that know a hand, kept of those used last
A_STROKE = Drawing((np.array([(50.0, 20.0), (50.0, 80.0)]),), 8, (100, 100))
COOKIE, COOKIE_DAYS = "scrawl-hand", 365
HAND = re.compile("[0-9a-f]{32}")
AWAY = "Corrections cannot be kept or used at the moment. Everything else works."
RETRY = 30  # seconds that a session leaves a database alone which did not answer

_log = logging.getLogger("scrawl")

# A canvas hides its toolbar, over its own upper right corner, until a mouse rests on it: a finger would find
# no undo, and a stroke that begins there would be lost. Show it above, always, on every canvas that comes.
TOOLBAR = """<script>
clearInterval(window.scrawlPad);
window.scrawlPad = setInterval(() => {
  for (const host of document.querySelectorAll(".st-key-canvas *")) {
    if (!host.shadowRoot?.querySelector(".dc-toolbar") || host.shadowRoot.querySelector(".scrawl")) continue;
    const style = document.createElement("style");
    style.className = "scrawl";
    style.textContent = ".dc-toolbar { opacity: 1 !important; top: -2.65rem !important; }"
      + "[title='Update the app with this drawing'] { display: none; }";  // it is read without a button
    host.shadowRoot.append(style);
  }
}, 100);
</script>"""


@st.cache_resource(show_spinner="Getting the reader ready…")
def reader(name: str) -> Recognizer:
    """A model of weights/, loaded and warmed up."""
    hold_session()
    loaded = Recognizer.load(name)
    loaded.character(A_STROKE)  # loads what it reads strokes with
    # A full collection of garbage would walk through all of TensorFlow's objects: 0.25 s in which nobody is
    # answered.
    gc.collect()
    gc.freeze()
    return loaded


@st.cache_resource(show_spinner=False)
def store() -> Corrections:
    """The corrections of everybody: in the database that secrets or the environment name, else in FILE.

    Raises:
        StoreError: it cannot be opened.
    """
    named = st.secrets.load_if_toml_exists() and st.secrets.get("database_url")
    return Corrections(named or os.environ.get(VARIABLE) or FILE)


@contextmanager
def failures_said() -> Iterator[None]:
    """Where a model cannot be loaded or a picture not be read, say so there; the rest of the page stays."""
    try:
        yield
    except ModelError as error:
        _log.warning("%s", error)
        st.error(
            f"This reader cannot be used: {escaped(str(error))}. Others may work: choose what to read above.",
            icon=":material/block:",
        )
    except ImageError as error:
        st.error(escaped(str(error)), icon=":material/broken_image:")


def told(error: CorrectionError) -> str:
    """What a person is told of a failure; what is wrong with the database, and where it is, goes to a log."""
    if not isinstance(error, StoreError):
        return escaped(str(error))
    _log.warning("%s", error)
    return AWAY


def hand() -> str | None:
    """The random id that this person's corrections have; None before they agreed that any are kept."""
    if "hand" not in st.session_state:
        known = _remembered()
        st.session_state.hand = known if HAND.fullmatch(known) else None
    return st.session_state.hand


def _remembered() -> str:
    """What the cookie said when the browser came."""
    return str(st.context.cookies.get(COOKIE, ""))


def agree() -> None:
    """From now on this person's corrections are kept."""
    st.session_state.hand = secrets.token_hex(16)


def forget() -> None:
    """Delete this person's corrections, and the id that they have."""
    store().delete(hand())
    st.session_state.hand = None


def keep_cookie() -> None:
    """Let the browser remember who agreed, and forget who does so no more; for a page's last line."""
    mine = hand() or ""
    if mine != _remembered():
        seconds = COOKIE_DAYS * 24 * 3600 if mine else 0
        cookie = f"{COOKIE}={mine}; path=/; max-age={seconds}; SameSite=Lax"
        secure = "(location.protocol === 'https:' ? '; Secure' : '')"
        st.html(f"<script>document.cookie = '{cookie}' + {secure};</script>", unsafe_allow_javascript=True)


def keep(character: Character, label: str, name: str) -> int:
    """Keep what a person, who agreed to that, says a character is that a model read; gives its id.

    Raises:
        CorrectionError: the label is no character, or the database does not take it.
    """
    seen = np.rint(255 * character.glyph).astype(np.uint8)
    recipe = read_card(name)["recipe"]
    return store().add(Correction(hand(), seen, label, read=character.label, model=name, recipe=recipe))


def learn(character: Character, label: str, name: str, about: Hashable) -> None:
    """Keep what a person says of a character, if they agreed to that, in place of what they said before.

    Args:
        character, label, name: as `keep` takes them.
        about: tells which character this is from all others of the session.
    """
    if hand() is None:
        return
    known = st.session_state.setdefault("learnt", {})
    try:
        if about in known:
            store().delete(hand(), [known.pop(about)])
        known[about] = keep(character, label, name)
    except CorrectionError as error:
        st.toast(f"Not kept: {told(error)}", icon=":material/cloud_off:")


def learning() -> None:
    """Say that what the person said is learnt from, or where they can have it so."""
    if hand():
        st.caption(":material/school: Kept: Scrawl learns your hand")
    else:
        st.page_link("pages/handwriting.py", label="Let Scrawl learn your hand", icon=":material/school:")


def adapted(name: str) -> Recognizer:
    """A model that knows this person's hand from their corrections; the plain one where there are none.

    Where the database does not answer, the person is told so once, and read by the plain one too.
    """
    mine, state = hand(), st.session_state
    if mine is None or time.monotonic() < state.get("store-retry", 0.0):
        return reader(name)
    try:
        known = _adapted(name, mine, store().mark(mine))
    except CorrectionError as error:
        said = told(error)
        if "store-retry" not in state:
            st.toast(said, icon=":material/cloud_off:")
        state["store-retry"] = time.monotonic() + RETRY
        return reader(name)
    state.pop("store-retry", None)
    return known


@st.cache_resource(max_entries=HANDS, show_spinner=False)
def _adapted(name: str, mine: str, mark: tuple[int, int]) -> Recognizer:
    return reader(name).adapted_to_glyphs(*lessons(name, store().of(mine)))


def lessons(name: str, corrections: Sequence[Correction]) -> tuple[np.ndarray, list[str]]:
    """Of corrections what a model can learn from: its glyphs, float32 (N, side, side), and their labels."""
    card, can_say = read_card(name), reader(name).classes
    fit = [one for one in corrections if {one.label, one.label.lower()} & set(can_say)]
    labels = [one.label if one.label in can_say else one.label.lower() for one in fit]
    return glyphs_of(fit, card["recipe"], card["input_shape"][0]), labels


def through_app() -> None:
    """Run app.py, which runs the page again, where the page was run without it.

    Streamlit does that for the first visitor of a fresh server who comes by a page's own address: it
    takes the folder `pages` for its older kind of multipage app until app.py has run once.
    """
    if "app" not in st.session_state:
        runpy.run_path(str(ROOT / "app.py"))
        st.stop()


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-.!|~>$:" else sign for sign in text)


def picture(raw: bytes | None) -> np.ndarray | None:
    """A canvas's `image_bytes` as uint8 (H, W, 4); None before the first stroke.

    The canvas's own `image_data` would unpack a picture of any size.

    Raises:
        ImageError: a browser sent something else than the picture of a canvas.
    """
    return None if raw is None else load_image(raw)
