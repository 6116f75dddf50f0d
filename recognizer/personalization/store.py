"""Store corrections in a database, and give them back to adapt a recognizer."""

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
from recognizer.personalization.archive import (
    MAX_CORRECTIONS,
    Correction,
    from_zip,
    glyphs_for_recipe,
    to_zip,
)
from recognizer.personalization.database import corrections, default_url, describe_error, open_engine
from recognizer.preprocessing.normalize import GLYPH

__all__ = ["Correction", "CorrectionError", "Corrections", "StoreError", "default_url"]


class Corrections:
    """Corrections in SQLite or PostgreSQL, for many threads and many processes at once.

    A change is on disk when the call returns: a killed process loses nothing that was acknowledged.

    Example:
        >>> kept = Corrections("data/corrections.sqlite")
        >>> kept.add(Correction("my-session", glyph, "7", read="1", model="digits"))
        1
    """

    def __init__(self, url: str | os.PathLike[str] | None = None):
        """Open a database (see recognizer.personalization.database), by default `default_url()`.

        Raises:
            StoreError: no database is given, or it cannot be opened.
        """
        self._engine = open_engine(url or default_url())

    def add(self, correction: Correction) -> int:
        """Store a correction and return its id; if its session has one with the same key, that one stays.

        Raises:
            CorrectionError: it has no session, or its session has 10,000 corrections already.
            StoreError: the database does not answer.
        """
        with self._transaction() as connection:
            self._insert(connection, correction.session, [correction])
            same = (corrections.c.session == correction.session) & (corrections.c.key == correction.key)
            return connection.execute(select(corrections.c.id).where(same)).scalar_one()

    def of(self, session: str) -> list[Correction]:
        """All corrections of a session, the oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(corrections).where(corrections.c.session == session).order_by(corrections.c.id)
            ).mappings()
            return [_from_row(row) for row in rows]

    def count(self, session: str) -> int:
        """The number of corrections of a session."""
        with self._transaction() as connection:
            return self._count(connection, session)

    def revision(self, session: str) -> tuple[int, int]:
        """The number of a session's corrections and the id of the newest: every change gives another pair."""
        query = select(func.count(), func.coalesce(func.max(corrections.c.id), 0))
        with self._transaction() as connection:
            row = connection.execute(query.where(corrections.c.session == session)).one()
            return row[0], row[1]

    def delete(self, session: str, ids: Iterable[int] | None = None) -> int:
        """Delete a session's corrections, all or those with these ids, and return how many were deleted."""
        query = delete(corrections).where(corrections.c.session == session)
        if ids is not None:
            query = query.where(corrections.c.id.in_(list(ids)))
        with self._transaction() as connection:
            return connection.execute(query).rowcount

    def export_zip(self, session: str) -> bytes:
        """A session's corrections as a zip file (recognizer.personalization.archive)."""
        return to_zip(self.of(session))

    def import_zip(self, session: str, raw: bytes) -> int:
        """Store all corrections of an exported zip file, or none, and return how many were new.

        Raises:
            CorrectionError: the file is not an export, damaged or too large; or the session would have more
                than 10,000 corrections.
        """
        imported = from_zip(raw, session)
        with self._transaction() as connection:
            return self._insert(connection, session, imported)

    def glyphs_and_labels(self, session: str, recipe: str, side: int = GLYPH) -> tuple[np.ndarray, list[str]]:
        """A session's corrections for `Recognizer.adapted_to_glyphs` of a model with this recipe and side.

        Returns:
            float32 (N, side, side) in [0, 1], 1 = ink, and the N labels.
        """
        own = self.of(session)
        return glyphs_for_recipe(own, recipe, side), [correction.label for correction in own]

    def _insert(self, connection: Connection, session: str, new: Sequence[Correction]) -> int:
        """Store the corrections whose keys are new, and return how many these were."""
        if not session:
            raise CorrectionError("a correction needs the id of a session: give any random one")
        if not new:
            return 0
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
        before = self._count(connection, session)
        connection.execute(
            dialect.insert(corrections).on_conflict_do_nothing(), [_to_row(correction) for correction in new]
        )
        after = self._count(connection, session)
        if after > MAX_CORRECTIONS:
            raise CorrectionError(
                f"{after:,} corrections are more than {MAX_CORRECTIONS:,}: delete some first"
            )
        return after - before

    def _count(self, connection: Connection, session: str) -> int:
        query = select(func.count()).select_from(corrections).where(corrections.c.session == session)
        return connection.execute(query).scalar_one()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction: all of its changes are stored, or none if an exception leaves it."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            reason = describe_error(error, self._engine.url)
            raise StoreError(f"the database does not answer ({reason}): try again in a minute") from error


def _to_row(correction: Correction) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(correction) if field.name != "id"]
    at = correction.at.astimezone(UTC).replace(tzinfo=None)
    row = {name: getattr(correction, name) for name in names}
    return row | {"glyph": correction.glyph.tobytes(), "at": at}


def _from_row(row: RowMapping) -> Correction:
    glyph = np.frombuffer(row["glyph"], np.uint8).reshape(GLYPH, GLYPH)
    return Correction(**{**row, "glyph": glyph, "at": row["at"].replace(tzinfo=UTC)})
