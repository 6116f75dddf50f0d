"""The database of corrections: opened, and its tables brought to the newest version. SQLite or PostgreSQL."""

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import (
    URL,
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError

from recognizer.errors import StoreError
from recognizer.personalization.archive import MOST_NAME

VARIABLE = "SCRAWL_DATABASE"  # of the environment: the database where none is given
WAIT = 60  # seconds that a writer waits for others before it gives up
ANSWER = 5  # seconds that a server may take to answer: a person waits meanwhile
LOCK = 7_267_295  # any number, but always the same: who migrates a PostgreSQL database holds it

corrections = Table(
    "corrections",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("session", String(MOST_NAME)),
    Column("key", String(MOST_NAME)),
    Column("glyph", LargeBinary),  # 784 bytes, row by row
    Column("label", String(1)),
    Column("read", String(1)),
    Column("model", String(MOST_NAME)),
    Column("recipe", String(8)),
    Column("at", DateTime),  # UTC
)

# What leads from each version to the next. Append; never change what has run somewhere.
STEPS = (
    (
        "CREATE TABLE corrections (id {identity}, session VARCHAR(64) NOT NULL, key VARCHAR(64) NOT NULL,"
        " glyph {bytes} NOT NULL, label VARCHAR(1) NOT NULL, read VARCHAR(1) NOT NULL,"
        " model VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL, UNIQUE (session, key))",
    ),
    (  # until here only the model's name told how a glyph was made
        "ALTER TABLE corrections ADD COLUMN recipe VARCHAR(8) NOT NULL DEFAULT 'emnist'",
        "UPDATE corrections SET recipe = 'mnist' WHERE model LIKE 'digits%'",
    ),
)
TYPES = {
    "sqlite": {"identity": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"},
    "postgresql": {"identity": "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"},
}


def default_url() -> str:
    """The database that the environment's SCRAWL_DATABASE names, a URL or the path of an SQLite file.

    Raises:
        StoreError: it names none.
    """
    if url := os.environ.get(VARIABLE):
        return url
    raise StoreError(f"no database is named: give the path of a file, or a URL, or set {VARIABLE}")


def open_engine(url: str | os.PathLike[str]) -> Engine:
    """A database, with its tables made or brought to the newest version; many processes may do so at once.

    Args:
        url: "postgresql://USER:PASSWORD@HOST/NAME", "sqlite:///FILE", or the path of an SQLite file.

    Raises:
        StoreError: no such database, it does not answer, or it is of a newer Scrawl. The message does not
            have the URL, in which a password may stand.
    """
    address = _address(url)
    try:
        if address.get_backend_name() == "sqlite":
            name = address.database or ""
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, connect_args={"timeout": WAIT}, hide_parameters=True)
            event.listen(engine, "connect", _make_durable)
        else:
            name = "PostgreSQL"
            options = {"pool_pre_ping": True, "hide_parameters": True}  # no glyph or session in a log
            engine = create_engine(address, connect_args=_patience(address), **options)
        _migrate(engine)
    except (DatabaseError, OSError) as error:
        raise StoreError(
            f"the database {name} cannot be opened ({reason(error, address)}): "
            "check its address, that it runs, and that it can be written to"
        ) from error
    return engine


def reason(error: Exception, address: URL) -> str:
    """What a database says went wrong: one line, without passwords."""
    said = str(getattr(error, "orig", error)).strip() or type(error).__name__
    for secret in (address.password, address.query.get("password")):
        said = said.replace(str(secret), "***") if secret else said
    return said.splitlines()[0]


def _patience(address: URL) -> dict[str, int]:
    """How long PostgreSQL may be silent, where the URL does not say so."""
    wanted = {"connect_timeout": ANSWER, "tcp_user_timeout": 1000 * ANSWER}  # s, ms
    return {key: value for key, value in wanted.items() if key not in address.query}


def _address(url: str | os.PathLike[str]) -> URL:
    given = os.fspath(url)
    if "://" not in given:
        return URL.create("sqlite", database=given)
    try:
        address = make_url(given)
    except (ArgumentError, ValueError):
        raise StoreError("the database's URL cannot be read: write postgresql://USER@HOST/NAME") from None
    kind = address.get_backend_name()
    if kind in ("postgres", "postgresql"):  # several hosts still hand out the old name
        return address.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f"{kind} databases are not supported: use PostgreSQL or SQLite")
    if address.database in (None, "", ":memory:"):
        raise StoreError("a database in memory keeps nothing: name a file, as in sqlite:///data/mine.sqlite")
    return address


def _make_durable(connection: sqlite3.Connection, _record: object) -> None:
    """Readers do not wait for a writer (WAL), and a commit is on the disk when it returns (FULL)."""
    until = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # another process does the same, and here SQLite itself does not wait
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous = FULL")


def _migrate(engine: Engine) -> None:
    """Take the steps that the database has not taken, in one transaction that no other process shares."""
    kind = engine.dialect.name
    with engine.begin() as connection:
        if kind == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
        version = _version(connection)
        if version > len(STEPS):
            raise StoreError(
                f"the database is of version {version}, this Scrawl knows up to {len(STEPS)}: update Scrawl"
            )
        for number, step in enumerate(STEPS[version:], version + 1):
            for statement in step:
                connection.execute(text(statement.format(**TYPES[kind])))
            connection.execute(text(f"INSERT INTO schema_version VALUES ({number})"))


def _version(connection: Connection) -> int:
    return connection.execute(text("SELECT COALESCE(MAX(version), 0) FROM schema_version")).scalar_one()
