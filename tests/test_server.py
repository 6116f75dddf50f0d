"""/healthz: what answers, what does not, and that nothing waits for it."""

import asyncio
import json
import socket

import pytest

import server
from pages.common import store


@pytest.fixture
def health(monkeypatch, tmp_path):
    """Asks /healthz with this database; gives the status and what it says."""

    def ask(database: str) -> tuple[int, dict[str, str]]:
        monkeypatch.setenv("SCRAWL_DATABASE", database)
        response = asyncio.run(server.healthz())
        return response.status_code, json.loads(response.body)

    store.clear()
    ask(str(tmp_path / "first.sqlite"))  # loads the reader
    store.clear()
    yield ask
    store.clear()


def test_it_answers_where_the_reader_and_the_database_do(health, database_url):
    assert health(database_url) == (200, {"reader": "ok", "database": "ok"})


def test_a_database_that_is_gone_makes_it_503_and_is_not_named(health):
    status, found = health("postgresql://me:secret@127.0.0.1:9/name")
    assert status == 503
    assert found == {"reader": "ok", "database": "does not answer"}


def test_a_database_that_hangs_makes_it_503_in_time(health, monkeypatch):
    monkeypatch.setattr(server, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/name"
        assert health(url)[0] == 503
        assert health(url)[0] == 503  # the first check still waits
    monkeypatch.undo()
