"""What one worker does: a chunk of files becomes rows."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from recognizer import Character, ImageError, Reading, Recognizer
from recognizer.batch.sources import Item, content
from recognizer.batch.table import BOX, CHARACTERS, PAGES
from recognizer.io.decoding import pages
from recognizer.models import litert_engine

LOADING = threading.Lock()


@dataclass(frozen=True)
class BatchOptions:
    """How all files of a job are read.

    Attributes:
        model: of weights/.
        pattern: what stands on every line, as `Recognizer.read` takes it.
        characters: whether each picture is one isolated character, and no page.
    """

    model: str = "alphanumeric"
    pattern: str | None = None
    characters: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns of the table."""
        return CHARACTERS if self.characters else PAGES


def read(items: Sequence[Item], how: BatchOptions) -> pa.Table:
    """Read files; one that cannot be read has a row with its error.

    Args:
        items: the files.
        how: how.

    Returns:
        A row a picture or page, in the order of the files; its schema is `how.schema`.
    """
    reader = _reader(how.model)
    rows = _characters(items, reader) if how.characters else _pages(items, how, reader)
    return pa.Table.from_pylist(rows, how.schema)


def failed(item: Item, error: str, how: BatchOptions) -> pa.Table:
    """The one row of a file that cannot be read."""
    return pa.Table.from_pylist([{"file": item.name, "page": 1, "error": error}], how.schema)


def _reader(model: str) -> Recognizer:
    """The one of this process, whatever the number of its threads."""
    with LOADING:
        return _loaded(model)


@cache
def _loaded(model: str) -> Recognizer:
    cv2.setNumThreads(1)  # there are as many workers as cores
    litert_engine.prefer()
    return Recognizer.load(model)


def _pages(items: Sequence[Item], how: BatchOptions, reader: Recognizer) -> list[dict[str, Any]]:
    rows = []
    for item in items:
        page = 0
        try:
            for page, picture in enumerate(pages(content(item)), 1):
                rows.append({"file": item.name, "page": page, **_of_page(picture, how, reader)})
        except ImageError as error:
            rows.append({"file": item.name, "page": page + 1, "error": str(error)})
    return rows


def _of_page(picture: np.ndarray, how: BatchOptions, reader: Recognizer) -> dict[str, Any]:
    try:
        return _of_reading(reader.read(picture, how.pattern))
    except ImageError as error:  # the pages after it are read
        return {"error": str(error)}


def _characters(items: Sequence[Item], reader: Recognizer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def pictures() -> Iterator[np.ndarray]:
        for item in items:
            page = 0
            try:
                for page, picture in enumerate(pages(content(item)), 1):
                    rows.append({"file": item.name, "page": page})
                    yield picture
            except ImageError as error:
                rows.append({"file": item.name, "page": page + 1, "error": str(error)})

    read = reader.characters(pictures())
    for row, character in zip((row for row in rows if "error" not in row), read, strict=True):
        row.update(_of_character(character))
    return rows


def _of_reading(reading: Reading) -> dict[str, Any]:
    characters = [
        {"line": number, **_of_character(one)}
        for number, line in enumerate(reading.lines, 1)
        for one in line.characters
    ]
    return {"text": reading.text, "characters": characters}


def _of_character(one: Character) -> dict[str, Any]:
    return {
        "label": one.label,
        "probability": one.probability,
        "accepted": one.accepted,
        "reason": one.reason,
        "alternatives": [{"label": label, "probability": value} for label, value in one.alternatives],
        **dict(zip(BOX, one.box or (None,) * len(BOX), strict=True)),
    }
