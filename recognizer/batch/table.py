"""One Parquet file, written in parts that survive a killed process."""

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

ROW_GROUP_ROWS = 16_384  # rows in memory at once while the parts are joined

BOX_COLUMNS = ("x", "y", "width", "height")
_CHARACTER = [
    pa.field("label", pa.string()),
    pa.field("probability", pa.float32()),
    pa.field("accepted", pa.bool_()),
    pa.field("reason", pa.string()),
    pa.field(
        "alternatives",
        pa.list_(pa.struct([pa.field("label", pa.string()), pa.field("probability", pa.float32())])),
    ),
    *(pa.field(side, pa.int32()) for side in BOX_COLUMNS),  # in pixels of the picture
]
_PICTURE = [pa.field("file", pa.string(), nullable=False), pa.field("page", pa.int32(), nullable=False)]
_ERROR = [pa.field("error", pa.string())]  # null if it was read

# a row for each picture of one isolated character
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
    """The parts of an unfinished table, in a folder beside it.

    A part is on the disk completely or not at all, and all rows of a file are in one part. So the parts show
    which files were read before the process was killed.
    """

    def __init__(self, out: Path, job: dict[str, Any]):
        """Start a table, or continue one that an earlier process started.

        Args:
            out: the table.
            job: the job's settings, which JSON can store; parts of a job with other settings are refused.

        Raises:
            TableError: the table exists, another process is writing it, its parts are of another job, or its
                folder cannot be written to.
        """
        self._out = out
        self._folder = out.with_name(out.name + ".parts")
        if out.exists() and not self._folder.exists():
            raise TableError(f"{out} exists already: remove it, or give another name")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = locket.lock_file(str(self._folder / "lock"), timeout=0)
            self._lock.acquire()
        except locket.LockError:
            raise TableError(f"another process is writing {out}: wait, or give another name") from None
        except OSError as error:
            raise TableError(f"{self._folder} cannot be written to ({error.strerror})") from error
        stored = self._stored_job(job)
        if stored != job:
            self._lock.release()
            raise TableError(
                f"{self._folder} was started with {stored}, not with {job}: remove it, or give another name"
            )
        self._known = {_digest(name) for part in self._parts() for name in _files(part)}
        self._finished = False

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        """Unlock the parts, and remove them if the table is complete."""
        self._lock.release()
        if self._finished:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _stored_job(self, job: dict[str, Any]) -> dict[str, Any]:
        """The settings that these parts were made with; `job` is stored if there are none yet."""
        path = self._folder / "job.json"
        if not path.exists():
            _replace(path, json.dumps(job, indent=1).encode())
        return json.loads(path.read_text())

    def add(self, table: pa.Table, number: int) -> None:
        """Store rows; they are on the disk when this returns.

        Args:
            table: all rows of some files.
            number: of the first of these files among all files of the job, which orders the table.
        """
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        first = table["file"][0].as_py()
        _replace(self._folder / f"{number:012}-{_digest(first).hex()}.parquet", sink.getvalue())

    def is_new(self, name: str) -> bool:
        """Whether this is the first time that a file of this name comes, in this and in earlier processes."""
        digest = _digest(name)
        if digest in self._known:
            return False
        self._known.add(digest)
        return True

    def join(self, schema: pa.Schema) -> tuple[int, int]:
        """Write the table from its parts; gives the number of its rows and of the errors among them."""
        rows = errors = 0
        unfinished = self._folder / "table"
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for group in self._groups(schema):
                writer.write_table(group)
                rows += len(group)
                errors += len(group) - group["error"].null_count
        os.replace(unfinished, self._out)
        self._finished = True
        return rows, errors

    def _parts(self) -> list[Path]:
        return sorted(self._folder.glob("*.parquet"))

    def _groups(self, schema: pa.Schema) -> Iterator[pa.Table]:
        tables: list[pa.Table] = []
        for part in self._parts():
            tables.append(pq.read_table(part, schema=schema, partitioning=None))
            if sum(map(len, tables)) >= ROW_GROUP_ROWS:
                yield pa.concat_tables(tables).combine_chunks()
                tables = []
        if tables:
            yield pa.concat_tables(tables).combine_chunks()


def _files(part: Path) -> list[str]:
    return pq.read_table(part, columns=["file"], partitioning=None)["file"].to_pylist()


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _replace(path: Path, content: bytes | pa.Buffer) -> None:
    """Write a file completely or not at all."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
