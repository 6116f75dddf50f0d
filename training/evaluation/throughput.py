"""Measure `recognizer.batch`: thousands of files into one table.

    python -m training.evaluate throughput characters    10,000 files of one character, and one at a time
    python -m training.evaluate throughput canvases      the same with drawings of up to 280 pixels
    python -m training.evaluate throughput pages         what a page costs among 10, 100 and 1,000
    python -m training.evaluate throughput memory        of a worker after 1,000 and after 10,000 files
    python -m training.evaluate throughput kill          a job killed and resumed ten times

Characters are those of wild/photo_characters and wild/cut_characters; canvases and pages are drawn of the
strokes of wild/strokes62.
"""

import argparse
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
from training.data.datasets import DATA
from training.evaluation.lines import hands, written

COMMAND = [sys.executable, "-m", "recognizer", "batch"]
FILES, SOME, PAGES = 10_000, 1_000, (10, 100, 1_000)
ONE_AT_A_TIME = 300  # files that are read as other apps read them
LINES, ON_LINE = 5, 8  # of a page; characters of a line
KILLED, MORE = 10, 4  # times; a job is killed after fewer parts than this, and up to a second more


def cut_characters(folder: Path, count: int) -> None:
    """Files of one character each, as they were cut from photos."""
    pictures = [*wild.photo_characters(DATA)[0], *wild.character_set(DATA, "cut_characters")[0]]
    for number, picture in enumerate(pictures[:count]):
        Image.fromarray(picture).save(folder / f"{number:06}.png")


def draw_canvases(folder: Path, count: int) -> None:
    """Files of one character each, as a canvas has them: drawn at any size, each writer's every label."""
    rows, rng = wild.strokes62(DATA), np.random.default_rng(0)
    for number in range(count):
        strokes = rows[number % len(rows)]["strokes"]
        every = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
        scale = rng.uniform(60, 200) / max(np.ptp(every, axis=0).max(), 1)
        drawing = written([[[scale * np.asarray(stroke, float) for stroke in strokes]]], rng)
        Image.fromarray(drawing.picture()).save(folder / f"{number:06}.png")


def draw_pages(folder: Path, count: int) -> None:
    """Pages of one writer each."""
    writers, rng = hands(DATA), np.random.default_rng(0)
    for number in range(count):
        hand = writers[rng.integers(len(writers))]
        lines = [written([[hand[label] for label in rng.choice(list(hand), ON_LINE)]], rng).picture()
                 for _ in range(LINES)]  # fmt: skip
        wide = max(line.shape[1] for line in lines)
        page = [np.pad(line, ((0, 0), (0, wide - line.shape[1])), constant_values=255) for line in lines]
        Image.fromarray(np.vstack(page)).save(folder / f"{number:06}.png")


def characters(folder: Path) -> None:
    """Characters a second of the whole command, start included; and of a loop of model.predict."""
    cut_characters(folder, FILES)
    _beside_one_at_a_time(folder)


def canvases(folder: Path) -> None:
    """The same of larger files."""
    draw_canvases(folder, FILES)
    _beside_one_at_a_time(folder)


def _beside_one_at_a_time(folder: Path) -> None:
    whole = _seconds(folder / "*.png", folder / "readings.parquet")
    start = _seconds(folder / "0000*.png", folder / "some.parquet")
    ours, theirs = FILES / whole, _one_at_a_time(sorted(folder.glob("*.png"))[:ONE_AT_A_TIME])
    print(f"{FILES:,} files of one character: {ours:,.0f} a second, from start to end")
    print(f"of 100 files: {start:.1f} s; each 1,000 more: {1000 * (whole - start) / (FILES - 100):.2f} s")
    print(f"the same network, one at a time with model.predict: {theirs:,.1f} a second")
    print(f"{ours / theirs:,.0f} times")


def _seconds(source: Path, out: Path) -> float:
    """How long the whole command takes."""
    begin = time.perf_counter()
    subprocess.run([*COMMAND, source, "--characters", "--out", out], check=True)
    return time.perf_counter() - begin


def _one_at_a_time(files: list[Path]) -> float:
    """Files a second where each is squeezed to 28x28 and given to model.predict; loading is not counted."""
    import keras

    from recognizer.models.store import WEIGHTS

    network = keras.saving.load_model(WEIGHTS / "characters.keras", compile=False)
    network.predict(np.zeros((1, 28, 28, 1)), verbose=0)
    begin = time.perf_counter()
    for file in files:
        small = Image.open(file).convert("L").resize((28, 28))
        network.predict(1 - np.asarray(small, np.float32)[None, ..., None] / 255, verbose=0).argmax()
    return len(files) / (time.perf_counter() - begin)


def pages(folder: Path) -> None:
    """Seconds that one page takes one warm worker, as part of jobs of different size."""
    from recognizer.batch import job

    draw_pages(folder, max(PAGES))
    files = sorted(map(str, folder.glob("*.png")))
    with _worker() as (_, address):
        job.run(files[-20:], folder / "warm.parquet", scheduler=address, progress=False)
        for count in PAGES:
            begin = time.perf_counter()
            job.run(files[:count], folder / f"{count}.parquet", scheduler=address, progress=False)
            taken = time.perf_counter() - begin
            print(f"{count:,} pages of {LINES * ON_LINE} characters: {1000 * taken / count:.1f} ms a page")


def memory(folder: Path) -> None:
    """Resident memory of one worker."""
    from recognizer.batch import job

    cut_characters(folder, FILES)
    files = sorted(map(str, folder.glob("*.png")))
    how = job.BatchOptions(characters=True)
    with _worker() as (client, address):
        for start, end in ((0, SOME), (SOME, FILES)):
            job.run(files[start:end], folder / f"{end}.parquet", how, scheduler=address, progress=False)
            print(f"memory of a worker after {end:,} files: {_resident(client):.0f} MB")


@contextlib.contextmanager
def _worker() -> Iterator[tuple]:
    """A cluster of one worker, which imports nothing of this module: its client, its scheduler's address."""
    from distributed import Client, SubprocessCluster

    with (
        SubprocessCluster(n_workers=1, worker_kwargs={"nthreads": 1}) as cluster,
        Client(cluster) as client,
    ):
        yield client, cluster.scheduler_address


def _resident(client) -> float:
    import psutil

    (taken,) = client.run(lambda: psutil.Process().memory_info().rss).values()
    return taken / 1e6


def kill(folder: Path) -> None:
    """Kill a job and all its processes ten times, wherever it is; then let it end, and count."""
    import pyarrow.parquet as pq

    cut_characters(folder, FILES)
    rng, out = np.random.default_rng(), folder / "readings.parquet"
    command = [*COMMAND, folder, "--characters", "--out", out]
    kept = [0]
    while len(kept) <= KILLED:
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        enough = kept[-1] + rng.integers(MORE)
        while process.poll() is None and _parts(out) < enough:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 1))
        if process.poll() is not None:
            print(f"done before it could be killed {KILLED} times")
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kept.append(_parts(out))
    if not out.exists():
        subprocess.run(command, check=True)
    counts = Counter(pq.read_table(out, columns=["file"])["file"].to_pylist())
    wanted = {str(path) for path in folder.glob("*.png")}
    print(f"killed {len(kept) - 1} times; parts kept after each: {', '.join(map(str, kept[1:]))}")
    doubled = sum(count - 1 for count in counts.values())
    print(f"{len(wanted):,} files: {len(wanted - counts.keys())} lost, {doubled} doubled")


def _parts(out: Path) -> int:
    return len(list(Path(f"{out}.parts").glob("*.parquet")))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate throughput", description=__doc__.splitlines()[0]
    )
    measures = {
        "characters": characters,
        "canvases": canvases,
        "pages": pages,
        "memory": memory,
        "kill": kill,
    }
    parser.add_argument("what", choices=measures)
    what = parser.parse_args(arguments).what
    with tempfile.TemporaryDirectory() as folder:
        measures[what](Path(folder))
