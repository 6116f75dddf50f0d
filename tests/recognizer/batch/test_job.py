"""Real workers in processes of their own: on this machine, and a Dask cluster on loopback."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from PIL import Image

from recognizer.batch import job
from recognizer.errors import ModelError, SourceError
from tests.characters import picture

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "recognizer", "batch"]
ALONE = job.BatchOptions("digits", characters=True)
LABELS = "0123457"
PATIENCE = 120  # seconds until a test gives up waiting


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """1,400 files, of which one is damaged."""
    folder = tmp_path_factory.mktemp("digits")
    for label in LABELS:
        Image.fromarray(picture(label)).save(folder / f"0000-{label}.png")
    for number in range(1, 200):
        for label in LABELS:
            (folder / f"{number:04}-{label}.png").write_bytes((folder / f"0000-{label}.png").read_bytes())
    (folder / "0077-7.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, subprocess.Popen]]:
    """The address of a Dask scheduler with two worker processes, and the process that keeps those."""
    with contextlib.ExitStack() as stack:
        scheduler = stack.enter_context(started("scheduler", "--host", "127.0.0.1", "--port", "0"))
        address = line_of(scheduler, r"Scheduler at:\s+(tcp://\S+)")
        workers = stack.enter_context(started("worker", address, "--nworkers", "2", "--nthreads", "1"))
        yield address, workers


@contextlib.contextmanager
def started(*command: str) -> Iterator[subprocess.Popen]:
    """A Dask process, ended afterwards with all of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + command[0], "--no-dashboard", *command[1:]],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def line_of(process: subprocess.Popen, pattern: str) -> str:
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"{process.args} ended before it said {pattern}")


def check(out: Path, folder: Path) -> None:
    """Every file once, in order, rightly read; the damaged one with its error."""
    rows = pq.read_table(out).to_pylist()
    assert [row["file"] for row in rows] == sorted(map(str, folder.glob("*.png")))
    wrong = [row for row in rows if row["label"] != Path(row["file"]).stem[-1]]
    assert [Path(row["file"]).name for row in wrong] == ["0077-7.png"]
    assert "not a picture" in wrong[0]["error"]
    assert not out.with_name(out.name + ".parts").exists()


def wait_for(condition, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, "the job ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_job_killed_and_resumed_has_each_file_once(folder, tmp_path):
    out = tmp_path / "out.parquet"
    command = [*COMMAND, folder, "--characters", "--model", "digits", "--out", out]
    parts = tmp_path / "out.parquet.parts"
    for least in (1, 3):
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        wait_for(lambda least=least: len(list(parts.glob("*.parquet"))) >= least, process)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)  # it alone: its workers notice, and end
        process.wait()
        _, alive = psutil.wait_procs(children, PATIENCE)
        assert not alive
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1  # one file could not be read
    assert "1,400 rows, 1 of them could not be read" in done.stderr
    check(out, folder)
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    check(out, folder)


def test_a_cluster_gives_the_same_table_and_survives_a_killed_worker(folder, tmp_path, cluster):
    address, workers = cluster
    out = tmp_path / "out.parquet"
    command = [*COMMAND, folder, "--characters", "--model", "digits", "--out", out, "--scheduler", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: list((tmp_path / "out.parquet.parts").glob("*.parquet")), process)
    before = readers(workers)
    before[0].kill()
    assert "1,400 rows" in process.communicate(timeout=PATIENCE)[1]
    check(out, folder)
    end = time.monotonic() + PATIENCE
    while len(readers(workers)) < 2:  # another took its place
        assert time.monotonic() < end
        time.sleep(0.1)


def readers(workers: subprocess.Popen) -> list[psutil.Process]:
    """The processes that read."""
    return [
        one
        for one in psutil.Process(workers.pid).children(recursive=True)
        if "spawn_main" in " ".join(one.cmdline())
    ]


def test_a_file_that_kills_its_worker_costs_no_other_file(tmp_path, cluster, monkeypatch):
    for label in LABELS:
        Image.fromarray(picture(label)).save(tmp_path / f"{label}.png")
    monkeypatch.setattr(job, "read", read_or_die)
    monkeypatch.setattr(job, "MAX_WORKER_DEATHS", 0)
    out = tmp_path / "out.parquet"
    done = job.run([str(tmp_path)], out, ALONE, workers=2, progress=False)
    assert done == job.Summary(rows=7, errors=1)
    rows = pq.read_table(out).to_pylist()
    assert [row["label"] for row in rows] == ["0", "1", "2", None, *"457"]
    assert "KilledWorker" in rows[3]["error"]


def read_or_die(items, options):
    """What a decoder's fault would do to a worker."""
    from recognizer.batch.work import read

    if any(item.name.endswith("3.png") for item in items):
        os.kill(os.getpid(), signal.SIGSEGV)
    return read(items, options)


def test_a_job_that_cannot_start_leaves_no_files(tmp_path):
    (tmp_path / "empty").mkdir()
    for sources, options, error in (
        (["nowhere"], ALONE, SourceError),
        ([str(tmp_path / "empty")], ALONE, SourceError),
        ([str(tmp_path)], job.BatchOptions("no such model"), ModelError),
    ):
        with pytest.raises(error):
            job.run(sources, tmp_path / "out.parquet", options)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
