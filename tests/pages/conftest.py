from collections.abc import Iterator

import pytest

from pages.common import store
from recognizer.personalization.store import Corrections


@pytest.fixture
def corrections(tmp_path, monkeypatch) -> Iterator[Corrections]:
    """The page's database."""
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "corrections.sqlite"))
    store.clear()
    yield Corrections()
    store.clear()
