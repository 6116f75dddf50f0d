"""A batch job: the workers of a Dask cluster read files into one table; it can be interrupted and resumed."""

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
from recognizer.batch.sources import Item, list_items
from recognizer.batch.table import Parts
from recognizer.batch.work import BatchOptions, error_table, read
from recognizer.errors import SourceError, TableError
from recognizer.models.store import reader_card

__all__ = ["BatchOptions", "SourceError", "Summary", "TableError", "run"]

CHARACTERS_PER_TASK, PAGES_PER_TASK = 256, 4  # files
TASKS_PER_THREAD = 3  # queued for each thread of a worker, so that none waits for the scheduler
# A task may fail with its worker this often before it is divided, until the file that kills workers is found.
MAX_WORKER_DEATHS = 1


class ExitAtOnce(WorkerPlugin):
    """Ends a worker that closes at once, without the seconds in which TensorFlow would free its objects."""

    def teardown(self, worker: Worker) -> None:
        atexit.register(os._exit, 0)


@dataclass(frozen=True)
class Summary:
    """The outcome of a job.

    Attributes:
        rows: of the table, one for each picture or page.
        errors: how many of them could not be read.
    """

    rows: int
    errors: int


def run(
    sources: Sequence[str],
    out: str | os.PathLike[str],
    options: BatchOptions | None = None,
    scheduler: str = "",
    workers: int = 0,
    progress: bool = True,
) -> Summary:
    """Read every file of every source into one Parquet file.

    Called again with the same `out` after it was killed, it continues: a file whose rows were stored is not
    read again. Memory grows by 16 bytes for each file.

    Args:
        sources: files, folders, globs, zips or fsspec URLs. All workers of a cluster must reach them.
        out: the table; until it is complete, its parts are in the folder of the same name plus `.parts`.
        options: how the files are read.
        scheduler: address of a Dask scheduler, tcp://HOST:PORT; by default processes on this machine read.
        workers: processes on this machine; 0: one for each core.
        progress: show a bar with files, rate and remaining time on the error output.

    Returns:
        The number of rows and of errors.

    Raises:
        SourceError: a source does not exist, or there is nothing to read in any.
        TableError: the table cannot be written.
        ModelError: there is no such model.
        OSError: the scheduler cannot be reached.
    """
    options = options or BatchOptions()
    job = {**asdict(options), "weights": reader_card(options.model)["sha256"]}
    total = sum(1 for _ in list_items(sources))  # first: a missing source ends the job before it starts
    if not total:
        raise SourceError(f"there is no picture or PDF in {', '.join(sources)}: check the path or the URL")
    with Parts(Path(out), job) as parts:
        with _connected(scheduler, workers) as client, _bar(total, progress) as bar:
            for items, number, table in _read(client, _chunks(sources, options, parts, bar), options):
                parts.add(table, number)
                bar.update(len(items))
        return Summary(*parts.join(options.schema))


def _chunks(
    sources: Sequence[str], options: BatchOptions, parts: Parts, bar: tqdm
) -> Iterator[tuple[list[Item], int]]:
    """The unread files of each task, and the number of its first file among all files."""
    size = CHARACTERS_PER_TASK if options.characters else PAGES_PER_TASK
    # a resumed job has the same chunks, so that the parts keep the order of the files
    for _, chunk in groupby(enumerate(list_items(sources)), lambda numbered_item: numbered_item[0] // size):
        numbered = list(chunk)
        items = [item for _, item in numbered if parts.is_new(item.name)]
        bar.update(len(numbered) - len(items))
        if items:
            yield items, numbered[0][0]


def _read(
    client: Client, chunks: Iterable[tuple[list[Item], int]], options: BatchOptions
) -> Iterator[tuple[list[Item], int, pa.Table]]:
    """Read chunks on the cluster; yields the files, number and rows of each, in the order of completion.

    Only as many tasks are submitted at a time as keep the workers busy.
    """
    chunks = iter(chunks)
    running: dict[Future[pa.Table], tuple[list[Item], int]] = {}
    # files whose worker died, perhaps because of another task: each is read once more, alone on the cluster
    suspects: list[tuple[list[Item], int]] = []
    retried: set[int] = set()
    completed = as_completed()

    def submit(items: list[Item], number: int) -> None:
        future = client.submit(read, items, options, pure=False)
        running[future] = items, number
        completed.add(future)

    def fill() -> None:
        for _ in range(TASKS_PER_THREAD * max(1, sum(client.nthreads().values())) - len(running)):
            if (chunk := next(chunks, None)) is None:
                return
            submit(*chunk)

    fill()
    for future in completed:
        items, number = running.pop(future)
        if future.status == "finished":
            yield items, number, future.result()
        elif future.status != "error":  # the scheduler lost it
            submit(items, number)
        elif len(items) > 1:
            for offset, item in enumerate(items):
                submit([item], number + offset)
        elif number not in retried:
            retried.add(number)
            suspects.append((items, number))
        else:
            yield items, number, error_table(items[0], f"reading it failed: {future.exception()!r}", options)
        fill()
        if suspects and not running:
            submit(*suspects.pop())


@contextlib.contextmanager
def _connected(scheduler: str, workers: int) -> Iterator[Client]:
    """A client of the scheduler, or of worker processes on this machine that end with it."""
    if scheduler:
        with Client(scheduler) as client:
            yield client
        return
    settings = {
        "distributed.scheduler.allowed-failures": MAX_WORKER_DEATHS,
        "distributed.worker.memory.terminate": False,
        "logging.distributed": "error",
        # nobody sees these measurements, and they cost a sixth of the time
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
        client.register_plugin(ExitAtOnce())
        yield client


def _bar(total: int, shown: bool) -> tqdm:
    return tqdm(total=total, unit="file", disable=None if shown else True, file=sys.stderr, smoothing=0.1)
