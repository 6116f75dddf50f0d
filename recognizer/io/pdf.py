"""Pages of a PDF as pictures. A process of its own draws them (pdf_child.py): some can only be stopped."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from recognizer.errors import ImageError
from recognizer.io.decoding import MOST_PIXELS, PDF_SIDE, check_size

CHILD = Path(__file__).with_name("pdf_child.py")
SECONDS = 1.8  # of a processor for a page; a scanned one takes a tenth of it
WAIT = 60  # seconds in all, on a busy machine, or where processor time cannot be limited (Windows)
MOST_BYTES = 450_000_000  # of memory


def count(raw: bytes, name: str) -> int:
    """How many pages a PDF has.

    Args:
        raw: the file.
        name: for messages.

    Raises:
        ImageError: it is damaged or locked, or takes too long to open.
    """
    with _child(raw, name, []) as (_, pages):
        return pages


def draw(raw: bytes, name: str, numbers: Iterable[int]) -> Iterator[np.ndarray]:
    """Pages of a PDF, one after the other, each drawn when it is asked for.

    Args:
        raw: the file.
        name: for messages.
        numbers: of the pages, counted from 0.

    Yields:
        uint8 (H, W, 4), the longer side PDF_SIDE.

    Raises:
        ImageError: as `count`; a page is not there, empty, takes too long or too much memory, or has a
            picture of more than 25 megapixels on it.
    """
    numbers = list(numbers)
    with _child(raw, name, numbers) as (child, pages):
        for number in numbers:
            if not 0 <= number < pages:
                raise ImageError(f"{name} has {pages} page(s): none has the number {number + 1}")
            answer = _answer(child, name)
            page = f"page {number + 1} of {name}"
            if picture := answer.get("picture"):
                check_size(picture[0], picture[1], f"a picture on {page}")
            width, height = answer["size"]
            check_size(width, height, page)
            stride = answer["stride"]
            with _patience(child):
                bitmap = np.frombuffer(_output(child).read(height * stride), np.uint8)
            if len(bitmap) < height * stride:
                raise _ended(child, name)
            pixels = bitmap.reshape(height, stride)[:, : 3 * width].reshape(height, width, 3)
            yield cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA)


@contextlib.contextmanager
def _child(raw: bytes, name: str, numbers: list[int]) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The process, and how many pages the PDF has."""
    limits = PDF_SIDE, MOST_PIXELS, SECONDS, MOST_BYTES
    command = [sys.executable, "-P", str(CHILD), *map(str, limits), *map(str, numbers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdin
            with _patience(child), contextlib.suppress(BrokenPipeError), child.stdin:  # broken: it has ended
                child.stdin.write(raw)
            yield child, _answer(child, name)["pages"]
        finally:
            child.kill()


def _answer(child: "subprocess.Popen[bytes]", name: str) -> dict[str, Any]:
    with _patience(child):
        line = _output(child).readline()
    if not line.endswith(b"\n"):
        raise _ended(child, name)
    answer: dict[str, Any] = json.loads(line)
    if "reason" in answer:
        raise ImageError(f"{name} {answer['reason']}")
    return answer


def _output(child: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert child.stdout
    return child.stdout


@contextlib.contextmanager
def _patience(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Ends the process if it takes too long, whatever it does."""
    timer = threading.Timer(WAIT, child.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ended(child: "subprocess.Popen[bytes]", name: str) -> Exception:
    """What to raise for a process that ended without an answer."""
    code = child.wait()
    if code > 0 and sys.platform != "win32":  # by itself, not by a signal: that is no document's fault
        return RuntimeError(f"{CHILD.name} ended with exit status {code}: its error output says why")
    if code in (-signal.SIGKILL, -getattr(signal, "SIGPROF", 0)):
        return ImageError(f"{name} takes more than {SECONDS} s to draw: save its pages as pictures")
    return ImageError(f"{name} cannot be drawn, it needs too much memory or is damaged: save it as pictures")
