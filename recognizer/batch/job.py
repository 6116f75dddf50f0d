"""A job: files in, one table out, by the workers of a Dask cluster; interrupted, it goes on where it was."""

import atexit
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import dask
import pyarrow as pa
from distributed import Client, Future, LocalCluster, Worker, WorkerPlugin, as_completed
from tqdm import tqdm

from recognizer.batch.processes import prepare
from recognizer.batch.sources import Item, listed
from recognizer.batch.table import Parts
from recognizer.batch.work import BatchOptions, failed, read
from recognizer.errors import SourceError, TableError
from recognizer.models.store import reader_card

__all__ = ["BatchOptions", "SourceError", "Summary", "TableError", "run"]

CHARACTERS_AT_ONCE, PAGES_AT_ONCE = 256, 4  # files of one task
AHEAD = 3  # tasks that wait for each worker's thread
# a task whose worker died this often is divided, until the one file is found that kills
DEATHS = 1


class LeaveOnParentDeath(WorkerPlugin):
    """A worker that was told to close ends at once: TensorFlow's objects would be taken down for seconds."""

    def teardown(self, worker: Worker) -> None:
        atexit.register(os._exit, 0)


@dataclass(frozen=True)
class Summary:
    """What became of a job.

    Attributes:
        rows: how many pictures and pages the table has.
        errors: how many of them could not be read.
    """

    rows: int
    errors: int


def run(
    sources: Sequence[str],
    out: str | os.PathLike[str],
    how: BatchOptions | None = None,
    scheduler: str = "",
    workers: int = 0,
    progress: bool = True,
) -> Summary:
    """Read every file of every source into one Parquet file.

    Killed and called again with the same `out`, it goes on: a file whose rows were kept is not read again.
    What grows with the number of files is 16 bytes for each, by which it is known again.

    Args:
        sources: files, folders, globs, zips or fsspec URLs. With a scheduler, all workers must reach them.
        out: the table; until it is done, its parts are in the folder of the same name with `.parts` added.
        how: the model, the pattern, and whether pictures are pages or isolated characters.
        scheduler: the address of a Dask scheduler, tcp://HOST:PORT; here, where it is left out.
        workers: processes on this machine; as many as it has cores, where it is 0.
        progress: whether a bar tells files, rate and time left, on the error output.

    Returns:
        How many rows it has, and how many errors.

    Raises:
        SourceError: there is no such source, or nothing to read in it.
        TableError: the table cannot be written there.
        ModelError: no such model.
        OSError: the scheduler cannot be reached.
    """
    how = how or BatchOptions()
    job = {**asdict(how), "weights": reader_card(how.model)["sha256"]}
    total = sum(1 for _ in listed(sources))  # first: a source that is not there ends the job before it begins
    if not total:
        raise SourceError(f"there is no picture and no PDF in {', '.join(sources)}")
    with Parts(Path(out), job) as parts:
        with _connected(scheduler, workers) as client, _bar(total, progress) as bar:
            for items, number, table in _read(client, _chunks(sources, how, parts, bar), how):
                parts.add(table, number)
                bar.update(len(items))
        return Summary(*parts.joined(how.schema))


def _chunks(
    sources: Sequence[str], how: BatchOptions, parts: Parts, bar: tqdm
) -> Iterator[tuple[list[Item], int]]:
    """What is not read yet, some files at a time, and the number of the first of them."""
    size = CHARACTERS_AT_ONCE if how.characters else PAGES_AT_ONCE
    # the same files are together whenever the job goes on, so that the table keeps their order
    for _, some in groupby(enumerate(listed(sources)), lambda one: one[0] // size):
        numbered = list(some)
        items = [item for _, item in numbered if parts.is_new(item.name)]
        bar.update(len(numbered) - len(items))
        if items:
            yield items, numbered[0][0]


def _read(
    client: Client, chunks: Iterable[tuple[list[Item], int]], how: BatchOptions
) -> Iterator[tuple[list[Item], int, pa.Table]]:
    """Files, their number and their rows, as they are read; never more under way than keeps workers busy."""
    chunks = iter(chunks)
    under_way: dict[Future[pa.Table], tuple[list[Item], int]] = {}
    alone: list[tuple[list[Item], int]] = []  # whose worker died, perhaps of another file that it had
    tried: set[int] = set()
    done = as_completed()

    def submit(items: list[Item], number: int) -> None:
        future = client.submit(read, items, how, pure=False)
        under_way[future] = items, number
        done.add(future)

    def fill() -> None:
        for _ in range(AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)):
            if (chunk := next(chunks, None)) is None:
                return
            submit(*chunk)

    fill()
    for future in done:
        items, number = under_way.pop(future)
        if future.status == "finished":
            yield items, number, future.result()
        elif future.status != "error":  # the scheduler forgot it
            submit(items, number)
        elif len(items) > 1:
            for place, item in enumerate(items):
                submit([item], number + place)
        elif number not in tried:
            tried.add(number)
            alone.append((items, number))
        else:
            yield items, number, failed(items[0], f"reading it failed: {future.exception()!r}", how)
        fill()
        if alone and not under_way:
            submit(*alone.pop())


@contextlib.contextmanager
def _connected(scheduler: str, workers: int) -> Iterator[Client]:
    """A client of the scheduler, or of workers of our own on this machine."""
    if scheduler:
        with Client(scheduler) as client:
            yield client
        return
    settings = {
        "distributed.scheduler.allowed-failures": DEATHS,
        "distributed.worker.memory.terminate": False,
        "logging.distributed": "error",
        # nobody looks at these, and they cost a sixth of the time
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.interval": "60s",
        "distributed.worker.multiprocessing-method": prepare(),
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers or os.cpu_count(),
            threads_per_worker=1,
            dashboard_address=None,
            env={"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
        ) as cluster,
        Client(cluster) as client,
    ):
        client.register_plugin(LeaveOnParentDeath())
        yield client


def _bar(total: int, shown: bool) -> tqdm:
    return tqdm(total=total, unit="file", disable=None if shown else True, file=sys.stderr, smoothing=0.1)
