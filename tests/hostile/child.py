"""Reads hostile pictures in a process that may die; `tests.hostile.watched` starts it and looks on.

    python -m tests.hostile.child

A job is a line of JSON on the standard input, its outcome one on the standard output. A job that takes more
of a processor than its patience ends the process by a signal.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import cv2

from recognizer import ImageError, Recognizer
from recognizer.io.decoding import ImageLike, load_image
from tests.characters import picture
from tests.hostile import cases
from tests.hostile.mutations import mutation


def main() -> None:
    """Do the jobs."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # decoders may print
    cv2.setNumThreads(1)
    reader = Recognizer.load("alphanumeric")
    reader.character(picture("7"))
    reader.read(picture("7"))
    print(json.dumps({"said": "ready"}), file=answers)
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            job = json.loads(line)
            image = _made(job, Path(folder))
            signal.setitimer(signal.ITIMER_PROF, job["patience"])
            if fault := job.get("fault"):
                FAULTS[fault]()
            outcome = tried(image, reader)
            signal.setitimer(signal.ITIMER_PROF, 0)
            print(json.dumps(outcome), file=answers)


def _spin() -> None:
    while True:
        pass


# to see that they are seen
FAULTS = {"crash": lambda: os.kill(os.getpid(), signal.SIGSEGV), "hang": _spin}


def _made(job: dict, folder: Path) -> ImageLike:
    """The picture of a job: a case by its name, a mutation by its seed and number, or a file by its path."""
    if "file" in job:
        return Path(job["file"]).read_bytes()
    if "number" in job:
        return mutation(job["seed"], job["number"]).raw
    made = (cases.READ | cases.REFUSED)[job["case"]]()
    if not isinstance(made, tuple):
        return made
    path = folder / made[0]
    path.write_bytes(made[1])
    return path


def tried(image: ImageLike, reader: Recognizer) -> dict:
    """What came of reading a picture, as `tests.hostile.watched.Outcome` has it."""
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    said, error, took, characters = "read", "", [], 0

    def timed(step: Callable, of: ImageLike):
        start = _seconds()
        try:
            return step(of)
        finally:
            took.append(_seconds() - start)

    try:
        picture = timed(load_image, image)
        timed(reader.character, picture)
        with contextlib.suppress(ImageError):  # more than any page has on it
            characters = sum(len(line.characters) for line in timed(reader.read, picture).lines)
    except ImageError as refused:
        said, error = "refused", str(refused)
    except Exception:
        said, error = "error", traceback.format_exc()
    return {
        "said": said,
        "error": error,
        "decoding": took[0],
        "reading": max(took[1:], default=0.0),
        "characters": characters,
        "megabytes": (_resident("VmHWM") - before) / 1000,
    }


def _seconds() -> float:
    """Of a processor, of this process and those it started and waited for."""
    return sum(os.times()[:4])


def _resident(which: str) -> int:
    """Memory of this process in kB, now (VmRSS) or at its peak (VmHWM)."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which))
    return int(line.split()[1])


if __name__ == "__main__":
    main()
