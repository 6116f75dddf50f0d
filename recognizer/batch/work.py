"""The work of one worker: read a chunk of files into rows of the table."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from recognizer import Character, ImageError, Reading, Recognizer
from recognizer.batch.sources import Item, read_content
from recognizer.batch.table import BOX_COLUMNS, CHARACTERS, PAGES
from recognizer.io.decoding import pages
from recognizer.models.store import quickest_engine

_loading = threading.Lock()


@dataclass(frozen=True)
class BatchOptions:
    """How a job reads its files.

    Attributes:
        model: name, as `Recognizer.load` takes it.
        pattern: of every line, as `Recognizer.read` takes it.
        characters: each picture is one isolated character, not a page.
    """

    model: str = "alphanumeric"
    pattern: str | None = None
    characters: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns of the table."""
        return CHARACTERS if self.characters else PAGES


def read(items: Sequence[Item], options: BatchOptions) -> pa.Table:
    """Read files; a file that cannot be read gives a row with its error.

    Args:
        items: the files.
        options: how they are read.

    Returns:
        A row for each picture or page, in the order of the files, with the schema `options.schema`.
    """
    reader = _reader(options.model)
    rows = _read_characters(items, reader) if options.characters else _read_pages(items, options, reader)
    return pa.Table.from_pylist(rows, options.schema)


def error_table(item: Item, error: str, options: BatchOptions) -> pa.Table:
    """The one row of a file that could not be read."""
    return pa.Table.from_pylist([{"file": item.name, "page": 1, "error": error}], options.schema)


def _reader(model: str) -> Recognizer:
    """The recognizer of this process, shared by its threads."""
    with _loading:
        return _loaded(model)


@cache
def _loaded(model: str) -> Recognizer:
    cv2.setNumThreads(1)  # there is a worker for each core
    return Recognizer.load(model, engine=quickest_engine(model))


def _read_pages(items: Sequence[Item], options: BatchOptions, reader: Recognizer) -> list[dict[str, Any]]:
    rows = []
    for item in items:
        page = 0
        try:
            for page, picture in enumerate(pages(read_content(item)), 1):
                rows.append({"file": item.name, "page": page, **_page_values(picture, options, reader)})
        except ImageError as error:
            rows.append({"file": item.name, "page": page + 1, "error": str(error)})
    return rows


def _page_values(picture: np.ndarray, options: BatchOptions, reader: Recognizer) -> dict[str, Any]:
    try:
        return _reading_values(reader.read(picture, options.pattern))
    except ImageError as error:  # only this page: the pages after it are read
        return {"error": str(error)}


def _read_characters(items: Sequence[Item], reader: Recognizer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def pictures() -> Iterator[np.ndarray]:
        for item in items:
            page = 0
            try:
                for page, picture in enumerate(pages(read_content(item)), 1):
                    rows.append({"file": item.name, "page": page})
                    yield picture
            except ImageError as error:
                rows.append({"file": item.name, "page": page + 1, "error": str(error)})

    read = reader.characters(pictures())
    for row, character in zip((row for row in rows if "error" not in row), read, strict=True):
        row.update(_character_values(character))
    return rows


def _reading_values(reading: Reading) -> dict[str, Any]:
    characters = [
        {"line": number, **_character_values(character)}
        for number, line in enumerate(reading.lines, 1)
        for character in line.characters
    ]
    return {"text": reading.text, "characters": characters}


def _character_values(character: Character) -> dict[str, Any]:
    return {
        "label": character.label,
        "probability": character.probability,
        "accepted": character.accepted,
        "reason": character.reason,
        "alternatives": [{"label": label, "probability": value} for label, value in character.alternatives],
        **dict(zip(BOX_COLUMNS, character.box or (None,) * len(BOX_COLUMNS), strict=True)),
    }
