"""Measure `recognizer.batch`, which reads thousands of files into one table.

    python -m training.evaluate throughput characters    10,000 files of one character, and one at a time
    python -m training.evaluate throughput canvases      the same with drawings of up to 280 pixels
    python -m training.evaluate throughput pages         time per page in jobs of 10, 100 and 1,000 pages
    python -m training.evaluate throughput memory        of a worker after 1,000 and after 10,000 files
    python -m training.evaluate throughput kill          a job that is killed and resumed ten times

Characters come from wild/photo_characters and wild/cut_characters; canvases and pages are drawn from the
strokes of wild/strokes62. The figures are printed only.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import wild
from training.evaluation.lines import compose, writers
from training.options import add_data_dir, command_parser

COMMAND = [sys.executable, "-m", "recognizer", "batch"]
FILES = 10_000  # of one character each, in a job
FIRST_FILES = 1_000  # after which memory is measured for the first time
PAGES = (10, 100, 1_000)  # in the jobs
SINGLE_FILES = 300  # read one at a time
LINES_PER_PAGE, CHARACTERS_PER_LINE = 5, 8
KILLS = 10  # times that a job is killed
MAX_NEW_PARTS = 4  # a job is killed after fewer new parts of its table than this, and up to a second later


def write_characters(folder: Path, count: int, data_dir: Path) -> None:
    """Write pictures of one character each, cut from photos."""
    pictures = [*wild.photo_characters(data_dir)[0], *wild.character_set(data_dir, "cut_characters")[0]]
    for number, picture in enumerate(pictures[:count]):
        Image.fromarray(picture).save(folder / f"{number:06}.png")


def write_canvases(folder: Path, count: int, data_dir: Path) -> None:
    """Write pictures of one character each, drawn with a pen at random sizes."""
    rows, rng = wild.strokes62(data_dir), np.random.default_rng(0)
    for number in range(count):
        strokes = rows[number % len(rows)]["strokes"]
        points = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
        scale = rng.uniform(60, 200) / max(np.ptp(points, axis=0).max(), 1)
        drawing = compose([[[scale * np.asarray(stroke, float) for stroke in strokes]]], rng)
        Image.fromarray(drawing.picture()).save(folder / f"{number:06}.png")


def write_pages(folder: Path, count: int, data_dir: Path) -> None:
    """Write pictures of document pages, each by one writer."""
    all_writers, rng = writers(data_dir), np.random.default_rng(0)
    for number in range(count):
        writer = all_writers[rng.integers(len(all_writers))]
        lines = []
        for _ in range(LINES_PER_PAGE):
            labels = rng.choice(list(writer), CHARACTERS_PER_LINE)
            lines.append(compose([[writer[label] for label in labels]], rng).picture())
        width = max(line.shape[1] for line in lines)
        page = [np.pad(line, ((0, 0), (0, width - line.shape[1])), constant_values=255) for line in lines]
        Image.fromarray(np.vstack(page)).save(folder / f"{number:06}.png")


def characters(folder: Path, data_dir: Path) -> None:
    """Print the characters a second of the whole command, and of a loop of model.predict."""
    write_characters(folder, FILES, data_dir)
    _compare_with_single_files(folder)


def canvases(folder: Path, data_dir: Path) -> None:
    """Print the same for larger files."""
    write_canvases(folder, FILES, data_dir)
    _compare_with_single_files(folder)


def _compare_with_single_files(folder: Path) -> None:
    all_files = _seconds(folder / "*.png", folder / "readings.parquet")
    start = _seconds(folder / "0000*.png", folder / "first.parquet")  # 100 files, mostly start-up time
    batch_rate = FILES / all_files
    single_rate = _single_file_rate(sorted(folder.glob("*.png"))[:SINGLE_FILES])
    print(f"{FILES:,} files of one character: {batch_rate:,.0f} a second, including the start")
    print(f"100 files: {start:.1f} s; each 1,000 more: {1000 * (all_files - start) / (FILES - 100):.2f} s")
    print(f"the same network, one file at a time with model.predict: {single_rate:,.1f} a second")
    print(f"{batch_rate / single_rate:,.0f} times as many")


def _seconds(source: Path, out: Path) -> float:
    """The duration of the whole command."""
    begin = time.perf_counter()
    subprocess.run([*COMMAND, source, "--characters", "--out", out], check=True)
    return time.perf_counter() - begin


def _single_file_rate(files: list[Path]) -> float:
    """Files a second if each is squeezed to 28x28 and given to model.predict, not counting the loading."""
    import keras

    from recognizer.models.store import WEIGHTS

    network = keras.saving.load_model(WEIGHTS / "characters.keras", compile=False)
    network.predict(np.zeros((1, 28, 28, 1)), verbose=0)
    begin = time.perf_counter()
    for file in files:
        glyph = Image.open(file).convert("L").resize((28, 28))
        network.predict(1 - np.asarray(glyph, np.float32)[None, ..., None] / 255, verbose=0).argmax()
    return len(files) / (time.perf_counter() - begin)


def pages(folder: Path, data_dir: Path) -> None:
    """Print the time per page of one warm worker, in jobs of different size."""
    from recognizer.batch import job

    write_pages(folder, max(PAGES), data_dir)
    files = sorted(map(str, folder.glob("*.png")))
    with _worker() as (_, address):
        job.run(files[-20:], folder / "warm.parquet", scheduler=address, progress=False)
        for count in PAGES:
            begin = time.perf_counter()
            job.run(files[:count], folder / f"{count}.parquet", scheduler=address, progress=False)
            page_ms = 1000 * (time.perf_counter() - begin) / count
            size = LINES_PER_PAGE * CHARACTERS_PER_LINE
            print(f"{count:,} pages of {size} characters: {page_ms:.1f} ms a page")


def memory(folder: Path, data_dir: Path) -> None:
    """Print the resident memory of one worker after few and after many files."""
    from recognizer.batch import job

    write_characters(folder, FILES, data_dir)
    files = sorted(map(str, folder.glob("*.png")))
    batch_options = job.BatchOptions(characters=True)
    with _worker() as (client, address):
        for start, end in ((0, FIRST_FILES), (FIRST_FILES, FILES)):
            job.run(
                files[start:end], folder / f"{end}.parquet", batch_options, scheduler=address, progress=False
            )
            print(f"memory of a worker after {end:,} files: {_resident(client):.0f} MB")


@contextlib.contextmanager
def _worker() -> Iterator[tuple]:
    """Yield the client and the scheduler's address of a cluster of one worker, in a process of its own."""
    from distributed import Client, SubprocessCluster

    with (
        SubprocessCluster(n_workers=1, worker_kwargs={"nthreads": 1}) as cluster,
        Client(cluster) as client,
    ):
        yield client, cluster.scheduler_address


def _resident(client) -> float:
    """The resident memory of the worker, in MB."""
    import psutil

    (size,) = client.run(lambda: psutil.Process().memory_info().rss).values()
    return size / 1e6


def kill(folder: Path, data_dir: Path) -> None:
    """Kill a job and all its processes at random times, let it finish, and count lost and doubled files."""
    import pyarrow.parquet as pq

    write_characters(folder, FILES, data_dir)
    rng, out = np.random.default_rng(), folder / "readings.parquet"
    command = [*COMMAND, folder, "--characters", "--out", out]
    kept = [0]  # parts of the table after each kill
    while len(kept) <= KILLS:
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        enough = kept[-1] + rng.integers(MAX_NEW_PARTS)
        while process.poll() is None and _parts(out) < enough:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 1))
        if process.poll() is not None:
            print(f"finished before it could be killed {KILLS} times")
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kept.append(_parts(out))
    if not out.exists():
        subprocess.run(command, check=True)
    counts = Counter(pq.read_table(out, columns=["file"])["file"].to_pylist())
    expected = {str(path) for path in folder.glob("*.png")}
    print(f"killed {len(kept) - 1} times; parts kept after each: {', '.join(map(str, kept[1:]))}")
    doubled = sum(count - 1 for count in counts.values())
    print(f"{len(expected):,} files: {len(expected - counts.keys())} lost, {doubled} doubled")


def _parts(out: Path) -> int:
    return len(list(Path(f"{out}.parts").glob("*.parquet")))


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate throughput", __doc__)
    measures = {
        "characters": characters,
        "canvases": canvases,
        "pages": pages,
        "memory": memory,
        "kill": kill,
    }
    parser.add_argument("quantity", choices=measures)
    add_data_dir(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        measures[options.quantity](Path(folder), options.data_dir)
