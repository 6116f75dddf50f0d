"""Opening and migrating the database, on SQLite and on PostgreSQL."""

import socket
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from recognizer.errors import StoreError
from recognizer.personalization.archive import Correction
from recognizer.personalization.database import MIGRATIONS, default_url
from recognizer.personalization.store import Corrections
from training.tools.browser import ROOT

GLYPH = np.arange(784, dtype=np.uint8).reshape(28, 28)
VERSION_1 = (  # the schema as it was released: this never changes
    "CREATE TABLE schema_version (version INTEGER NOT NULL)",
    "INSERT INTO schema_version VALUES (1)",
    "CREATE TABLE corrections (id {id}, session VARCHAR(64) NOT NULL, key VARCHAR(64) NOT NULL,"
    " glyph {glyph} NOT NULL, label VARCHAR(1) NOT NULL, read VARCHAR(1) NOT NULL,"
    " model VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL, UNIQUE (session, key))",
)
INSERT_ROW = "INSERT INTO corrections (session, key, glyph, label, read, model, at) VALUES " \
             "('mine', :key, :glyph, '7', '1', :model, '2026-01-31 12:00:00.000000')"  # fmt: skip
ID_TYPES = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL PRIMARY KEY"}
OPEN_ON_SIGNAL = """
import sys
from recognizer.personalization.store import Corrections
print("ready", flush=True)
sys.stdin.readline()
Corrections(sys.argv[1])
"""


@pytest.fixture
def engine(database_url):
    """An SQLAlchemy engine of the database, opened without Scrawl."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def version(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT MAX(version) FROM schema_version")).scalar_one()


def test_migration_keeps_the_rows_of_version_1(database_url, engine):
    kind = engine.dialect.name
    with engine.begin() as connection:
        for statement in VERSION_1:
            types = {"id": ID_TYPES[kind], "glyph": {"sqlite": "BLOB", "postgresql": "BYTEA"}[kind]}
            connection.execute(text(statement.format(**types)))
        for key, model in (("a", "digits"), ("b", "alphanumeric")):
            connection.execute(text(INSERT_ROW), {"key": key, "glyph": GLYPH.tobytes(), "model": model})
    store = Corrections(database_url)
    assert version(engine) == len(MIGRATIONS)
    first, second = store.of("mine")
    assert (first.key, first.label, first.model, first.recipe) == ("a", "7", "digits", "mnist")
    assert (second.key, second.label, second.model, second.recipe) == ("b", "7", "alphanumeric", "emnist")
    np.testing.assert_array_equal(first.glyph, GLYPH)
    assert store.add(Correction("mine", GLYPH, "8")) == 3


def test_database_of_a_newer_scrawl_is_refused_and_not_changed(database_url, engine):
    Corrections(database_url).add(Correction("mine", GLYPH, "7"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (99)"))
    with pytest.raises(StoreError, match=r"version 99.*update Scrawl"):
        Corrections(database_url)
    assert version(engine) == 99


def test_several_processes_open_a_new_database_at_once(database_url, engine):
    command = [sys.executable, "-c", OPEN_ON_SIGNAL, database_url]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with engine.connect() as connection:
        query = text("SELECT version FROM schema_version ORDER BY version")
        versions = connection.execute(query).scalars().all()
    assert versions == list(range(1, len(MIGRATIONS) + 1))


def test_sqlite_uses_a_write_ahead_log_and_syncs_every_commit(tmp_path):
    store = Corrections(tmp_path / "new" / "folder" / "mine.sqlite")
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() >= 10_000


def test_environment_variable_names_the_default_database(monkeypatch, tmp_path):
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "mine.sqlite"))
    Corrections().add(Correction("mine", GLYPH, "7"))
    assert Corrections(f"sqlite:///{tmp_path / 'mine.sqlite'}").count("mine") == 1
    monkeypatch.delenv("SCRAWL_DATABASE")
    with pytest.raises(StoreError, match="give the path"):  # nothing is stored unless a database is given
        default_url()


@pytest.mark.parametrize(("url", "message"), [
    ("mysql://me@host/name", "mysql databases are not supported"),
    ("sqlite://", "in memory keeps nothing"),
    ("postgresql://me@host:port/name", "URL cannot be read"),
    ("postgres://me:secret@127.0.0.1:9/name", r"PostgreSQL cannot be opened \(.*127\.0\.0\.1"),
    ("postgresql://127.0.0.1:9/name?user=me&password=secret", "PostgreSQL cannot be opened"),
    ("postgresql://me:9/secret@127.0.0.1/name", "PostgreSQL cannot be opened"),  # "me" is the host
    ("postgresql://me:secret@127.0.0.1:secret/name", "URL cannot be read"),
    (".", "cannot be opened"),
    ("README.md", r"README\.md cannot be opened"),
])  # fmt: skip
def test_invalid_database_is_refused_without_showing_the_password(url, message, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(StoreError, match=message) as error:
        Corrections(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("url", [
    "postgresql://me:refused@127.0.0.1:9/name", "postgresql://127.0.0.1:9/name?password=refused",
])  # fmt: skip
def test_password_in_the_servers_message_is_masked(url):
    with pytest.raises(StoreError, match=r"Connection \*\*\*"):
        Corrections(url)


def test_silent_server_is_given_up_after_the_timeout(monkeypatch):
    monkeypatch.setattr("recognizer.personalization.database.SERVER_TIMEOUT", 2)  # seconds, the minimum
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/name"
        with pytest.raises(StoreError, match="timeout"):
            Corrections(url)
