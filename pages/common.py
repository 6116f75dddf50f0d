"""What the pages share: models, a visitor's corrections, and messages."""

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

from pages import session
from recognizer import Character, Drawing, ImageError, ModelError, Recognizer
from recognizer.errors import CorrectionError, StoreError
from recognizer.io.decoding import load_image
from recognizer.models.keras_engine import prepare_server
from recognizer.models.store import read_card
from recognizer.personalization.archive import Correction, glyphs_for_recipe
from recognizer.personalization.database import URL_VARIABLE
from recognizer.personalization.store import Corrections

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = ROOT / "data" / "corrections.sqlite"
COLOURS = ["#2f7ed8", "#e4572e", "#2a9d5c"]  # distinct on white and on black, and for the colour-blind
MODELS = {"Digits": "digits", "Letters": "letters", "Both": "alphanumeric"}
# a single drawn character may be a digit as well as a letter, which "alphanumeric" does not expect
SINGLE_CHARACTER_MODELS = MODELS | {"Both": "anything"}
WARMUP_STROKE = Drawing((np.array([(50.0, 20.0), (50.0, 80.0)]),), 8, (100, 100))
COOKIE, COOKIE_DAYS = "scrawl-hand", 365
HAND_ID = re.compile("[0-9a-f]{32}")
DATABASE_DOWN = "Your corrections can't be saved or used right now. Everything else works."
RETRY_SECONDS = 30  # in which a session does not ask a database again that did not answer
HINT = "Your corrections teach Scrawl how you write"

_log = logging.getLogger("scrawl")

# The canvas's toolbar covers its upper right corner, and shows only under a mouse: a finger would find no
# undo, and a stroke that begins there would be lost. So always show it above the canvas, also on a new one.
TOOLBAR_SCRIPT = """<script>
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
    """A model of weights/, loaded and warmed up, for all sessions."""
    prepare_server()
    loaded = Recognizer.load(name)
    loaded.character(WARMUP_STROKE)  # also loads the network that sees strokes
    return loaded


@st.cache_resource(show_spinner=False)
def store() -> Corrections:
    """The database of all corrections: named by the secrets or the environment, else DEFAULT_DATABASE.

    Raises:
        StoreError: it cannot be opened.
    """
    from_secrets = st.secrets.load_if_toml_exists() and st.secrets.get("database_url")
    return Corrections(from_secrets or os.environ.get(URL_VARIABLE) or DEFAULT_DATABASE)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a model or a picture that cannot be used as an error; the rest of the page goes on."""
    try:
        yield
    except ModelError as error:
        _log.warning("%s", error)
        st.error(
            f"This model can't be used: {escaped(str(error))}. Choose another one above: it may work.",
            icon=":material/block:",
        )
    except ImageError as error:
        st.error(escaped(str(error)), icon=":material/broken_image:")


def message_of(error: CorrectionError) -> str:
    """The message for the visitor; what is wrong with the database, and where it is, only goes to the log."""
    if not isinstance(error, StoreError):
        return escaped(str(error))
    _log.warning("%s", error)
    return DATABASE_DOWN


def hand_id() -> str | None:
    """The random id of this visitor's corrections; None before they agreed to have any stored."""
    if "hand" not in st.session_state:
        from_cookie = _cookie()
        st.session_state.hand = from_cookie if HAND_ID.fullmatch(from_cookie) else None
    return st.session_state.hand


def _cookie() -> str:
    """The cookie as it was when the browser connected."""
    return str(st.context.cookies.get(COOKIE, ""))


def agree() -> None:
    """Store this visitor's corrections from now on."""
    st.session_state.hand = secrets.token_hex(16)


def forget() -> None:
    """Delete this visitor's corrections and their id."""
    store().delete(hand_id())
    st.session_state.hand = None
    session.drop_cache("adapted readers")


def update_cookie() -> None:
    """Have the browser remember the visitor's id, or forget it; call this last on a page."""
    own_id = hand_id() or ""
    if own_id != _cookie():
        seconds = COOKIE_DAYS * 24 * 3600 if own_id else 0
        cookie = f"{COOKIE}={own_id}; path=/; max-age={seconds}; SameSite=Lax"
        secure = "(location.protocol === 'https:' ? '; Secure' : '')"
        st.html(f"<script>document.cookie = '{cookie}' + {secure};</script>", unsafe_allow_javascript=True)


def save_correction(character: Character, label: str, name: str) -> int:
    """Store a correction of a visitor who has agreed to that, and return its id.

    Args:
        character: as a model read it.
        label: the right one.
        name: of the model.

    Raises:
        CorrectionError: the label is not a character, or the database does not accept it.
    """
    glyph = np.rint(255 * character.glyph).astype(np.uint8)
    recipe = read_card(name)["recipe"]
    return store().add(Correction(hand_id(), glyph, label, read=character.label, model=name, recipe=recipe))


def learn(character: Character, label: str, name: str, key: Hashable) -> None:
    """Store a correction if the visitor has agreed to that; it replaces an earlier one of the same character.

    Args:
        character, label, name: as for `save_correction`.
        key: identifies the character among all of the session (`learned`).
    """
    if hand_id() is None:
        return
    try:
        if key in learned():
            store().delete(hand_id(), [learned().pop(key)])
        learned()[key] = save_correction(character, label, name)
    except CorrectionError as error:
        st.toast(f"Not saved: {message_of(error)}", icon=":material/cloud_off:")


def learned() -> dict[Hashable, int]:
    """The ids of the corrections that this session stored, by the keys of their characters."""
    return st.session_state.setdefault("learned", {})


def learning_hint() -> None:
    """Say that Scrawl uses the visitor's corrections, or where they can switch that on."""
    if hand_id():
        st.caption(f":material/school: {HINT}")
    else:
        st.page_link("pages/handwriting.py", label="Let Scrawl learn how you write", icon=":material/school:")


def adapted(name: str) -> Recognizer:
    """A model adapted to this visitor's corrections; the shared model if there are none.

    If the database does not answer, a toast says so once, and the shared model is used.
    """
    return adapted_with_version(name)[0]


def adapted_with_version(name: str) -> tuple[Recognizer, Hashable]:
    """`adapted`, and a version that changes whenever the corrections do."""
    own_id, state = hand_id(), st.session_state
    if own_id is None or time.monotonic() < state.get("store-retry", 0.0):
        return reader(name), None
    try:
        version = own_id, store().revision(own_id)
        model = _adapted_to(version, name)
    except CorrectionError as error:
        message = message_of(error)
        if "store-retry" not in state:
            st.toast(message, icon=":material/cloud_off:")
        state["store-retry"] = time.monotonic() + RETRY_SECONDS
        return reader(name), None
    state.pop("store-retry", None)
    return model, version


def _adapted_to(version: tuple[str, Hashable], name: str) -> Recognizer:
    """The session's adapted model, made anew if its version has changed."""
    models = session.cache("adapted readers")
    known_version, model = models.get(name) or (None, None)
    if known_version != version:
        glyphs, labels = usable_corrections(name, store().of(version[0]))
        model = reader(name).adapted_to_glyphs(glyphs, labels)
        models.put(name, (version, model), session.CORRECTION_BYTES * len(labels))
    return model


def usable_corrections(name: str, corrections: Sequence[Correction]) -> tuple[np.ndarray, list[str]]:
    """The corrections whose labels a model has.

    Returns:
        Their glyphs, float32 (N, side, side), and their labels as the model has them.
    """
    card, classes = read_card(name), reader(name).classes
    usable = [
        correction
        for correction in corrections
        if correction.label in classes or correction.label.lower() in classes
    ]
    labels = [correction.label for correction in usable]
    labels = [label if label in classes else label.lower() for label in labels]
    return glyphs_for_recipe(usable, card["recipe"], card["input_shape"][0]), labels


def start_page() -> None:
    """Begin a page: run it through app.py if it was run without, and note the visit.

    Streamlit runs a page without app.py for the first visitor of a fresh server who comes by the page's own
    address: until app.py has run once, it takes the folder `pages` for its older kind of multipage app.
    """
    if "app" not in st.session_state:
        runpy.run_path(str(ROOT / "app.py"))
        st.stop()
    session.note_visit()


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-.!|~>$:" else sign for sign in text)


def canvas_picture(raw: bytes | None) -> np.ndarray | None:
    """A canvas's `image_bytes` as uint8 (H, W, 4); None before the first stroke.

    The canvas's own `image_data` would unpack a picture of any size.

    Raises:
        ImageError: the browser did not send the picture of a canvas.
    """
    return None if raw is None else load_image(raw)
