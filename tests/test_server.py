"""/healthz answers whether the reader and the database work, in time even if the database hangs."""

import asyncio
import json
import socket

import pytest

import server
from pages.common import store

pytestmark = pytest.mark.slow


@pytest.fixture
def health(monkeypatch, tmp_path):
    """A function that asks /healthz with a database, and returns the status and the answer."""

    def ask(database: str) -> tuple[int, dict[str, str]]:
        monkeypatch.setenv("SCRAWL_DATABASE", database)
        response = asyncio.run(server.healthz())
        return response.status_code, json.loads(response.body)

    store.clear()
    ask(str(tmp_path / "first.sqlite"))  # loads the reader
    store.clear()
    yield ask
    store.clear()


def test_status_is_200_if_the_reader_and_the_database_answer(health, database_url):
    assert health(database_url) == (200, {"reader": "ok", "database": "ok"})


def test_a_missing_database_gives_503_and_is_not_named(health):
    status, answer = health("postgresql://me:secret@127.0.0.1:9/name")
    assert status == 503
    assert answer == {"reader": "ok", "database": "does not answer"}


def test_a_database_that_hangs_gives_503_in_time(health, monkeypatch):
    monkeypatch.setattr(server, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/name"
        assert health(url)[0] == 503
        assert health(url)[0] == 503  # although the first check still waits
    monkeypatch.undo()
