"""How the database is opened and brought to the newest version, on SQLite and on PostgreSQL."""

import socket
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from recognizer.errors import StoreError
from recognizer.personalization.archive import Correction
from recognizer.personalization.database import STEPS, default_url
from recognizer.personalization.store import Corrections
from training.tools.browser import ROOT

GLYPH = np.arange(784, dtype=np.uint8).reshape(28, 28)
FIRST = (  # version 1, written down as it was: this never changes
    "CREATE TABLE schema_version (version INTEGER NOT NULL)",
    "INSERT INTO schema_version VALUES (1)",
    "CREATE TABLE corrections (id {id}, session VARCHAR(64) NOT NULL, key VARCHAR(64) NOT NULL,"
    " glyph {glyph} NOT NULL, label VARCHAR(1) NOT NULL, read VARCHAR(1) NOT NULL,"
    " model VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL, UNIQUE (session, key))",
)
ROW = "INSERT INTO corrections (session, key, glyph, label, read, model, at) VALUES " \
      "('mine', :key, :glyph, '7', '1', :model, '2026-01-31 12:00:00.000000')"  # fmt: skip
IDS = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL PRIMARY KEY"}
START = """
import sys, time
from recognizer.corrections import Corrections
print("ready", flush=True)
sys.stdin.readline()
Corrections(sys.argv[1])
"""


@pytest.fixture
def engine(database_url):
    """The database as SQLAlchemy sees it, without Scrawl."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def version(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT MAX(version) FROM schema_version")).scalar_one()


def test_an_older_database_keeps_its_rows(database_url, engine):
    kind = engine.dialect.name
    with engine.begin() as connection:
        for statement in FIRST:
            types = {"id": IDS[kind], "glyph": {"sqlite": "BLOB", "postgresql": "BYTEA"}[kind]}
            connection.execute(text(statement.format(**types)))
        for key, model in (("a", "digits"), ("b", "alphanumeric")):
            connection.execute(text(ROW), {"key": key, "glyph": GLYPH.tobytes(), "model": model})
    kept = Corrections(database_url)
    assert version(engine) == len(STEPS)
    found = kept.of("mine")
    assert [(one.key, one.label, one.model, one.recipe) for one in found] == [
        ("a", "7", "digits", "mnist"), ("b", "7", "alphanumeric", "emnist"),
    ]  # fmt: skip
    np.testing.assert_array_equal(found[0].glyph, GLYPH)
    assert kept.add(Correction("mine", GLYPH, "8")) == 3


def test_a_database_of_a_newer_scrawl_is_left_alone(database_url, engine):
    Corrections(database_url).add(Correction("mine", GLYPH, "7"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (99)"))
    with pytest.raises(StoreError, match=r"version 99.*update Scrawl"):
        Corrections(database_url)
    assert version(engine) == 99


def test_several_processes_start_at_once(database_url, engine):
    command = [sys.executable, "-c", START, database_url]
    starting = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in starting:
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in starting:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with engine.connect() as connection:
        steps = (
            connection.execute(text("SELECT version FROM schema_version ORDER BY version")).scalars().all()
        )
    assert steps == list(range(1, len(STEPS) + 1))


def test_sqlite_does_not_let_readers_wait_and_syncs_every_commit(tmp_path):
    kept = Corrections(tmp_path / "new" / "folder" / "mine.sqlite")
    with kept._engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() >= 10_000


def test_the_environment_says_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "mine.sqlite"))
    Corrections().add(Correction("mine", GLYPH, "7"))
    assert Corrections(f"sqlite:///{tmp_path / 'mine.sqlite'}").count("mine") == 1
    monkeypatch.delenv("SCRAWL_DATABASE")
    with pytest.raises(StoreError, match="give the path"):  # nothing is kept where nobody said
        default_url()


@pytest.mark.parametrize(("url", "message"), [
    ("mysql://me@host/name", "mysql databases are not supported"),
    ("sqlite://", "in memory keeps nothing"),
    ("postgresql://me@host:port/name", "URL cannot be read"),
    ("postgres://me:secret@127.0.0.1:9/name", r"PostgreSQL cannot be opened \(.*127\.0\.0\.1"),
    ("postgresql://127.0.0.1:9/name?user=me&password=secret", "PostgreSQL cannot be opened"),
    ("postgresql://me:9/secret@127.0.0.1/name", "PostgreSQL cannot be opened"),  # the name of a host
    ("postgresql://me:secret@127.0.0.1:secret/name", "URL cannot be read"),
    (".", "cannot be opened"),
    ("README.md", r"README\.md cannot be opened"),
])  # fmt: skip
def test_what_is_no_database_says_what_to_do(url, message, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(StoreError, match=message) as error:
        Corrections(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("url", [
    "postgresql://me:refused@127.0.0.1:9/name", "postgresql://127.0.0.1:9/name?password=refused",
])  # fmt: skip
def test_a_password_that_stands_in_what_the_server_says_is_left_out(url):
    with pytest.raises(StoreError, match=r"Connection \*\*\*"):
        Corrections(url)


def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("recognizer.personalization.database.ANSWER", 2)  # seconds: the least that it can be
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/name"
        with pytest.raises(StoreError, match="timeout"):
            Corrections(url)
