"""One Parquet file, written in parts that outlive a killed process."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import locket
import pyarrow as pa
import pyarrow.parquet as pq

from recognizer.errors import TableError

ROWS = 16_384  # of a row group of the table: what is in memory at once while parts are joined

BOX = ("x", "y", "width", "height")
_CHARACTER = [
    pa.field("label", pa.string()),
    pa.field("probability", pa.float32()),
    pa.field("accepted", pa.bool_()),
    pa.field("reason", pa.string()),
    pa.field(
        "alternatives",
        pa.list_(pa.struct([pa.field("label", pa.string()), pa.field("probability", pa.float32())])),
    ),
    *(pa.field(side, pa.int32()) for side in BOX),  # in pixels of the picture
]
_PICTURE = [pa.field("file", pa.string(), nullable=False), pa.field("page", pa.int32(), nullable=False)]
_ERROR = [pa.field("error", pa.string())]  # null where it was read

# a row for each picture of one character
CHARACTERS = pa.schema([*_PICTURE, *_CHARACTER, *_ERROR])
# a row for each page
PAGES = pa.schema(
    [
        *_PICTURE,
        pa.field("text", pa.string()),  # lines joined by newlines
        pa.field("characters", pa.list_(pa.struct([pa.field("line", pa.int32()), *_CHARACTER]))),
        *_ERROR,
    ]
)


class Parts:
    """The parts of a table that is being made, in a folder beside it.

    A part is on the disk as a whole or not at all, and a file's rows are in one part. So whoever opens the
    parts again after a kill knows which files were read.
    """

    def __init__(self, out: Path, job: dict[str, Any]):
        """Begin, or go on where an earlier process ended.

        Args:
            out: the table.
            job: what is done, as JSON has it; parts of another job are not mixed with these.

        Raises:
            TableError: the table is there already, another process makes it, its parts are of another job,
                or its folder cannot be written to.
        """
        self._out = out
        self._folder = out.with_name(out.name + ".parts")
        if out.exists() and not self._folder.exists():
            raise TableError(f"{out} is there already: remove it, or give another name")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = locket.lock_file(str(self._folder / "lock"), timeout=0)
            self._lock.acquire()
        except locket.LockError:
            raise TableError(f"{out} is being made by another process: wait, or give another name") from None
        except OSError as error:
            raise TableError(f"{self._folder} cannot be written to ({error.strerror})") from error
        before = self._noted(job)
        if before != job:
            self._lock.release()
            raise TableError(
                f"{self._folder} was begun with {before}, not with {job}: remove it, or give another name"
            )
        self._seen = {_digest(name) for part in self._parts() for name in _files(part)}
        self._finished = False

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        """Let another process go on; a finished table needs its parts no more."""
        self._lock.release()
        if self._finished:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _noted(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job that these parts are of."""
        noted = self._folder / "job.json"
        if not noted.exists():
            _replace(noted, json.dumps(job, indent=1).encode())
        return json.loads(noted.read_text())

    def add(self, table: pa.Table, number: int) -> None:
        """Keep rows; when this returns they are on the disk.

        Args:
            table: all rows of some files.
            number: the place of the first of these files among all that are listed: orders the table.
        """
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        first = table["file"][0].as_py()
        _replace(self._folder / f"{number:012}-{_digest(first).hex()}.parquet", sink.getvalue())

    def is_new(self, name: str) -> bool:
        """Whether no such file was read or asked about before."""
        digest = _digest(name)
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def joined(self, schema: pa.Schema) -> tuple[int, int]:
        """Join the parts to the table; gives how many rows it has, and how many of them are errors."""
        rows = errors = 0
        making = self._folder / "table"
        with pq.ParquetWriter(making, schema, compression="zstd") as writer:
            for group in self._groups(schema):
                writer.write_table(group)
                rows += len(group)
                errors += len(group) - group["error"].null_count
        os.replace(making, self._out)
        self._finished = True
        return rows, errors

    def _parts(self) -> list[Path]:
        return sorted(self._folder.glob("*.parquet"))

    def _groups(self, schema: pa.Schema) -> Iterator[pa.Table]:
        some: list[pa.Table] = []
        for part in self._parts():
            some.append(pq.read_table(part, schema=schema, partitioning=None))
            if sum(map(len, some)) >= ROWS:
                yield pa.concat_tables(some).combine_chunks()
                some = []
        if some:
            yield pa.concat_tables(some).combine_chunks()


def _files(part: Path) -> list[str]:
    return pq.read_table(part, columns=["file"], partitioning=None)["file"].to_pylist()


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _replace(path: Path, content: bytes | pa.Buffer) -> None:
    """Write a file as a whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
