"""What the app holds for one visitor: only in their session, limited in bytes, and freed after they leave."""

import gc
import threading
from collections.abc import Hashable
from typing import Any

import streamlit as st

MEGABYTE = 1 << 20
CHARACTER_BYTES = 4_000  # memory of a read character (3,780 measured): mostly its 28x28 glyph
BOX_BYTES = 1_000  # memory of a character's box on a canvas
CORRECTION_BYTES = 6_400  # memory of a correction in an adapted reader (6,390 measured): mostly its features
MAX_PAGE_BYTES = 4_000 * CHARACTER_BYTES  # a page that is read has at most 4,000 marks

# Bytes that each cache of a session may hold
LIMITS = {
    "readings": 128 * MEGABYTE,  # 33,000 characters: about twenty pages full of writing
    "sheets": 64 * MEGABYTE,  # pages under correction: 16,000 characters
    "pictures": 8 * MEGABYTE,  # pages as shown on the screen: about 40
    "adapted readers": 128 * MEGABYTE,  # 20,000 corrections, over all models
}
# Streamlit keeps a closed session for 120 seconds, so that a browser with a broken connection can come back
FREE_AFTER = 150  # seconds


class SessionCache:
    """Values by key, up to a number of bytes; the least recently used are dropped first."""

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._entries: dict[Hashable, tuple[Any, int]] = {}  # value and size, the last used at the end

    @property
    def size(self) -> int:
        """The bytes of all values."""
        return sum(size for _, size in self._entries.values())

    def get(self, key: Hashable) -> Any:
        """The value of a key; None if there is none."""
        if key not in self._entries:
            return None
        entry = self._entries[key] = self._entries.pop(key)
        return entry[0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Hold a value of so many bytes, unless it is larger than the whole cache."""
        self._entries.pop(key, None)
        self._entries[key] = value, size
        while self.size > self._max_bytes:
            del self._entries[next(iter(self._entries))]


def cache(name: str) -> SessionCache:
    """A cache of this session.

    Args:
        name: one of LIMITS.
    """
    return st.session_state.setdefault(f"cache of {name}", SessionCache(LIMITS[name]))


def drop_cache(name: str) -> None:
    """Forget everything in a cache of this session."""
    st.session_state.pop(f"cache of {name}", None)


def collect_garbage() -> None:
    """Free all unreachable objects, also those that `prepare_server` has frozen, and freeze the rest again.

    Frozen objects make the usual collections quick. But a session that is frozen stays in memory with its
    uploads after its visitor has left, until the next call: the very first session, and all that were open
    at the last call. A call stops all sessions for up to 0.4 s.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Cleaner:
    """Collects garbage some time after visitors left, once for all who leave meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = False
        self._left_meanwhile = False

    def note_departure(self) -> None:
        with self._lock:
            if self._waiting:
                self._left_meanwhile = True
                return
            self._waiting = True
        self._start()

    def _start(self) -> None:
        timer = threading.Timer(FREE_AFTER, self._run)
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        collect_garbage()
        with self._lock:
            again = self._waiting = self._left_meanwhile
            self._left_meanwhile = False
        if again:
            self._start()


_cleaner = Cleaner()


def _visitor_left(_visit: object) -> None:
    _cleaner.note_departure()


@st.cache_resource(scope="session", on_release=_visitor_left, show_spinner=False)
def note_visit() -> object:
    """Have this visitor's memory freed after they leave: Streamlit releases the result when they do."""
    return object()
