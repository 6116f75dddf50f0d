"""What the app holds for one visitor: limited in bytes, and freed after they leave."""

import gc
import time
import weakref
from collections.abc import Iterator

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from pages import session
from pages.session import Cleaner, SessionCache, collect_garbage
from training.tools.browser import ROOT

SECONDS = 60  # the first run in a process loads TensorFlow


class Visitor:
    """An object that only a garbage collection frees, like a session of Streamlit's."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def frozen_visitor() -> Iterator[weakref.ref]:
    """A visitor who was there when a model was loaded, and has left since."""
    visitor = Visitor()
    reference = weakref.ref(visitor)
    gc.freeze()
    del visitor
    gc.collect()
    assert reference()
    yield reference
    gc.unfreeze()


def test_an_empty_cache_has_no_values():
    assert SessionCache(10).get("a") is None
    assert SessionCache(10).size == 0


def test_a_cache_drops_the_least_recently_used_values():
    cache = SessionCache(10)
    for key in "abc":
        cache.put(key, key.upper(), 3)
    assert cache.get("a") == "A"
    cache.put("d", "D", 3)
    assert [cache.get(key) for key in "abcd"] == ["A", None, "C", "D"]
    assert cache.size == 9


def test_a_value_can_grow_until_it_is_larger_than_the_cache():
    cache = SessionCache(10)
    cache.put("a", "A", 3)
    cache.put("b", "B", 3)
    cache.put("b", "B", 8)
    assert (cache.get("a"), cache.get("b"), cache.size) == (None, "B", 8)
    cache.put("b", "B", 11)
    assert (cache.get("b"), cache.size) == (None, 0)


def test_garbage_that_was_frozen_with_a_model_is_freed(frozen_visitor):
    collect_garbage()
    assert frozen_visitor() is None


def test_memory_is_freed_some_time_after_a_visitor_has_left(frozen_visitor, monkeypatch):
    monkeypatch.setattr(session, "FREE_AFTER", 0.2)
    monkeypatch.setattr(session, "_cleaner", Cleaner())  # the other may be waiting for an earlier visitor
    assert not AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run().exception
    assert frozen_visitor()
    clear_session_resource_cache("test session id")  # as Streamlit does when a browser disconnects
    deadline = time.monotonic() + SECONDS
    while frozen_visitor():
        assert time.monotonic() < deadline, "the visitor is still in memory"
        time.sleep(0.05)
