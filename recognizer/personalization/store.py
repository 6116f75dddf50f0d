"""What people taught: characters that they named, kept in a database and given back on demand."""

import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, TimeoutError

from recognizer.errors import CorrectionError, StoreError
from recognizer.personalization.archive import MOST, Correction, glyphs_of, packed, unpacked
from recognizer.personalization.database import corrections, default_url, open_engine, reason
from recognizer.preprocessing.normalize import GLYPH

__all__ = ["Correction", "CorrectionError", "Corrections", "StoreError", "default_url"]


class Corrections:
    """Corrections in SQLite or PostgreSQL; one may serve many threads, and many processes one database.

    What a call has returned from is on the disk: a process that is killed loses nothing of it.

    Example:
        >>> kept = Corrections("data/corrections.sqlite")
        >>> kept.add(Correction("my-session", glyph, "7", read="1", model="digits"))
        1
    """

    def __init__(self, url: str | os.PathLike[str] | None = None):
        """Open a database (see recognizer.personalization.database), by default `default_url()`.

        Raises:
            StoreError: none is given or named, or it cannot be opened.
        """
        self._engine = open_engine(url or default_url())

    def add(self, correction: Correction) -> int:
        """Keep one; gives its id. One with a key that its session has already is kept once, as it was.

        Raises:
            CorrectionError: it has no session, or that has 10,000 already; the database does not answer.
        """
        with self._transaction() as connection:
            self._insert(connection, correction.session, [correction])
            wanted = (corrections.c.session == correction.session) & (corrections.c.key == correction.key)
            return connection.execute(select(corrections.c.id).where(wanted)).scalar_one()

    def of(self, session: str) -> list[Correction]:
        """All of a session's, in the order they came."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(corrections).where(corrections.c.session == session).order_by(corrections.c.id)
            ).mappings()
            return [_from_row(row) for row in rows]

    def count(self, session: str) -> int:
        """How many a session has."""
        with self._transaction() as connection:
            return self._count(connection, session)

    def mark(self, session: str) -> tuple[int, int]:
        """How many a session has, and the newest one's id: no other corrections of its have both the same."""
        wanted = select(func.count(), func.coalesce(func.max(corrections.c.id), 0))
        with self._transaction() as connection:
            row = connection.execute(wanted.where(corrections.c.session == session)).one()
            return row[0], row[1]

    def delete(self, session: str, ids: Iterable[int] | None = None) -> int:
        """Forget all of a session's, or those of these ids that are its own; gives how many they were."""
        mine = delete(corrections).where(corrections.c.session == session)
        if ids is not None:
            mine = mine.where(corrections.c.id.in_(list(ids)))
        with self._transaction() as connection:
            return connection.execute(mine).rowcount

    def exported(self, session: str) -> bytes:
        """A session's corrections as a zip file (recognizer.personalization.archive)."""
        return packed(self.of(session))

    def imported(self, session: str, raw: bytes) -> int:
        """Take in all corrections of an exported zip file, or none; gives how many were not there yet.

        Raises:
            CorrectionError: the file is not an export, is damaged or too large; or there would be too many.
        """
        given = unpacked(raw, session)
        with self._transaction() as connection:
            return self._insert(connection, session, given)

    def glyphs_and_labels(self, session: str, recipe: str, side: int = GLYPH) -> tuple[np.ndarray, list[str]]:
        """What a session taught, for `Recognizer.adapted_to_glyphs` of a model with this recipe and side.

        Returns:
            float32 (N, side, side) in [0, 1], and the N labels.
        """
        mine = self.of(session)
        return glyphs_of(mine, recipe, side), [one.label for one in mine]

    def _insert(self, connection: Connection, session: str, given: Sequence[Correction]) -> int:
        if not session:
            raise CorrectionError("a correction needs the id of a session: give any random one")
        if not given:
            return 0
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
        before = self._count(connection, session)
        connection.execute(
            dialect.insert(corrections).on_conflict_do_nothing(), [_to_row(one) for one in given]
        )
        after = self._count(connection, session)
        if after > MOST:
            raise CorrectionError(f"{after:,} corrections are more than {MOST:,}: delete some first")
        return after - before

    def _count(self, connection: Connection, session: str) -> int:
        mine = select(func.count()).select_from(corrections).where(corrections.c.session == session)
        return connection.execute(mine).scalar_one()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """All of it is kept, or nothing."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            why = reason(error, self._engine.url)
            raise StoreError(f"the database does not answer ({why}): try again in a minute") from error


def _to_row(one: Correction) -> dict[str, Any]:
    row = {key.name: getattr(one, key.name) for key in dataclasses.fields(one) if key.name != "id"}
    return row | {"glyph": one.glyph.tobytes(), "at": one.at.astimezone(UTC).replace(tzinfo=None)}


def _from_row(row: RowMapping) -> Correction:
    glyph = np.frombuffer(row["glyph"], np.uint8).reshape(GLYPH, GLYPH)
    return Correction(**{**row, "glyph": glyph, "at": row["at"].replace(tzinfo=UTC)})
