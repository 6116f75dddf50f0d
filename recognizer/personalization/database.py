"""Open the database of corrections, SQLite or PostgreSQL, and migrate its schema to the newest version."""

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
from recognizer.personalization.archive import MAX_NAME_LENGTH

URL_VARIABLE = "SCRAWL_DATABASE"  # environment variable with the URL or path of the default database
SQLITE_LOCK_TIMEOUT = 60  # seconds that a writer waits for other writers before it gives up
SERVER_TIMEOUT = 5  # seconds that PostgreSQL may take to answer: short, because a person is waiting
RETRY_PAUSE = 0.01  # seconds
MIGRATION_LOCK = 7_267_295  # key of PostgreSQL's advisory lock during a migration: arbitrary, never changed

corrections = Table(
    "corrections",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("session", String(MAX_NAME_LENGTH)),
    Column("key", String(MAX_NAME_LENGTH)),
    Column("glyph", LargeBinary),  # 784 bytes, row by row
    Column("label", String(1)),
    Column("read", String(1)),
    Column("model", String(MAX_NAME_LENGTH)),
    Column("recipe", String(8)),
    Column("at", DateTime),  # UTC
)

# The statements that lead from each version of the schema to the next. Append new ones; never change one
# that was released.
MIGRATIONS = (
    (
        "CREATE TABLE corrections (id {identity}, session VARCHAR(64) NOT NULL, key VARCHAR(64) NOT NULL,"
        " glyph {bytes} NOT NULL, label VARCHAR(1) NOT NULL, read VARCHAR(1) NOT NULL,"
        " model VARCHAR(64) NOT NULL, at TIMESTAMP NOT NULL, UNIQUE (session, key))",
    ),
    (  # in version 1 the recipe of a glyph followed from the model's name
        "ALTER TABLE corrections ADD COLUMN recipe VARCHAR(8) NOT NULL DEFAULT 'emnist'",
        "UPDATE corrections SET recipe = 'mnist' WHERE model LIKE 'digits%'",
    ),
)
COLUMN_TYPES = {
    "sqlite": {"identity": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"},
    "postgresql": {"identity": "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"},
}


def default_url() -> str:
    """The value of the environment variable SCRAWL_DATABASE: a URL or the path of an SQLite file.

    Raises:
        StoreError: the variable is empty or not set.
    """
    if url := os.environ.get(URL_VARIABLE):
        return url
    raise StoreError(f"no database is given: give the path of a file or a URL, or set {URL_VARIABLE}")


def open_engine(url: str | os.PathLike[str]) -> Engine:
    """Open a database, and create its tables or migrate them; many processes may do so at once.

    Args:
        url: "postgresql://USER:PASSWORD@HOST/NAME", "sqlite:///FILE", or the path of an SQLite file.

    Raises:
        StoreError: the database does not exist, does not answer, or was written by a newer Scrawl. The
            message leaves the URL out, because it may hold a password.
    """
    address = _address(url)
    try:
        if address.get_backend_name() == "sqlite":
            name = address.database or ""
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(
                address, connect_args={"timeout": SQLITE_LOCK_TIMEOUT}, hide_parameters=True
            )
            event.listen(engine, "connect", _make_durable)
        else:
            name = "PostgreSQL"
            options = {"pool_pre_ping": True, "hide_parameters": True}  # keep glyphs and sessions out of logs
            engine = create_engine(address, connect_args=_timeouts(address), **options)
        _migrate(engine)
    except (DatabaseError, OSError) as error:
        raise StoreError(
            f"the database {name} cannot be opened ({describe_error(error, address)}): "
            "check its address, that it runs, and that you may write to it"
        ) from error
    return engine


def describe_error(error: Exception, address: URL) -> str:
    """The first line of a database's error message, with passwords replaced by ***."""
    message = str(getattr(error, "orig", error)).strip() or type(error).__name__
    for secret in (address.password, address.query.get("password")):
        message = message.replace(str(secret), "***") if secret else message
    return message.splitlines()[0]


def _timeouts(address: URL) -> dict[str, int]:
    """Timeouts for PostgreSQL that the URL does not set itself."""
    defaults = {"connect_timeout": SERVER_TIMEOUT, "tcp_user_timeout": 1000 * SERVER_TIMEOUT}  # s, ms
    return {key: value for key, value in defaults.items() if key not in address.query}


def _address(url: str | os.PathLike[str]) -> URL:
    """Parse a URL or the path of an SQLite file."""
    text_or_path = os.fspath(url)
    if "://" not in text_or_path:
        return URL.create("sqlite", database=text_or_path)
    try:
        address = make_url(text_or_path)
    except (ArgumentError, ValueError):
        raise StoreError("the database's URL cannot be read: write postgresql://USER@HOST/NAME") from None
    kind = address.get_backend_name()
    if kind in ("postgres", "postgresql"):  # several hosting services still use the old name
        return address.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f"{kind} databases are not supported: use PostgreSQL or SQLite")
    if address.database in (None, "", ":memory:"):
        raise StoreError("a database in memory keeps nothing: name a file, as in sqlite:///data/mine.sqlite")
    return address


def _make_durable(connection: sqlite3.Connection, _record: object) -> None:
    """Let readers go on while somebody writes (WAL), and put each commit on disk before it returns (FULL)."""
    deadline = time.monotonic() + SQLITE_LOCK_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # another process is switching to WAL; SQLite does not apply its own timeout to this statement
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_PAUSE)
    connection.execute("PRAGMA synchronous = FULL")


def _migrate(engine: Engine) -> None:
    """Run the missing migrations in one transaction, while other processes wait."""
    kind = engine.dialect.name
    with engine.begin() as connection:
        if kind == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
        version = _version(connection)
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the database has version {version}, newer than {len(MIGRATIONS)}: update Scrawl"
            )
        for number, statements in enumerate(MIGRATIONS[version:], version + 1):
            for statement in statements:
                connection.execute(text(statement.format(**COLUMN_TYPES[kind])))
            connection.execute(text(f"INSERT INTO schema_version VALUES ({number})"))


def _version(connection: Connection) -> int:
    return connection.execute(text("SELECT COALESCE(MAX(version), 0) FROM schema_version")).scalar_one()
