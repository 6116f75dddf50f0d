"""Draw the pages of a PDF as pictures, in a child process (pdf_child.py).

A process of its own can be given limits of time and memory, and be killed when a PDF exceeds them.
"""

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
from recognizer.io.pixels import MAX_PIXELS, check_size

CHILD = Path(__file__).with_name("pdf_child.py")
PDF_SIDE = 2500  # pixels of the longer side of a drawn page
MAX_CPU_SECONDS = 1.8  # of processor time per page; a scanned page takes a tenth of it
# Seconds that one answer of the child may take, whatever else the machine does. It is the only limit of time
# on Windows, which has none of processor time.
MAX_WAIT = 60
MAX_MEMORY = 450_000_000  # bytes of the child's data


def count(raw: bytes, name: str) -> int:
    """Count the pages of a PDF.

    Args:
        raw: the file's content.
        name: of the file, for messages.

    Raises:
        ImageError: the PDF is damaged or locked, or takes too long to open.
    """
    with _started_child(raw, name, []) as (_, page_count):
        return page_count


def draw(raw: bytes, name: str, numbers: Iterable[int]) -> Iterator[np.ndarray]:
    """Draw pages of a PDF, each when it is asked for.

    Args:
        raw: the file's content.
        name: of the file, for messages.
        numbers: the pages to draw, counted from 0.

    Yields:
        uint8 (H, W, 4), the longer side PDF_SIDE.

    Raises:
        ImageError: as `count`; or a page does not exist, is empty, takes too long or too much memory, or
            holds a picture of more than 25 megapixels.
    """
    numbers = list(numbers)
    with _started_child(raw, name, numbers) as (child, page_count):
        for number in numbers:
            if not 0 <= number < page_count:
                raise ImageError(f"{name} has {page_count} page(s), so there is no page {number + 1}")
            answer = _read_answer(child, name)
            page_name = f"page {number + 1} of {name}"
            if embedded_size := answer.get("picture"):
                check_size(embedded_size[0], embedded_size[1], f"a picture on {page_name}")
            width, height = answer["size"]
            check_size(width, height, page_name)
            stride = answer["stride"]
            with _killed_after_wait(child):
                bitmap = np.frombuffer(_stdout(child).read(height * stride), np.uint8)
            if len(bitmap) < height * stride:
                raise _error_of_ended(child, name)
            pixels = bitmap.reshape(height, stride)[:, : 3 * width].reshape(height, width, 3)
            yield cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA)


@contextlib.contextmanager
def _started_child(
    raw: bytes, name: str, numbers: list[int]
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The child process, which has opened the PDF, and the number of pages; killed on leaving."""
    limits = PDF_SIDE, MAX_PIXELS, MAX_CPU_SECONDS, MAX_MEMORY
    command = [sys.executable, "-P", str(CHILD), *map(str, limits), *map(str, numbers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdin
            # a broken pipe: the child has ended, and reading its answer tells why
            with _killed_after_wait(child), contextlib.suppress(BrokenPipeError), child.stdin:
                child.stdin.write(raw)
            yield child, _read_answer(child, name)["pages"]
        finally:
            child.kill()


def _read_answer(child: "subprocess.Popen[bytes]", name: str) -> dict[str, Any]:
    with _killed_after_wait(child):
        line = _stdout(child).readline()
    if not line.endswith(b"\n"):
        raise _error_of_ended(child, name)
    answer: dict[str, Any] = json.loads(line)
    if "reason" in answer:
        raise ImageError(f"{name} {answer['reason']}")
    return answer


def _stdout(child: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert child.stdout
    return child.stdout


@contextlib.contextmanager
def _killed_after_wait(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Kill the child if the block takes longer than MAX_WAIT."""
    timer = threading.Timer(MAX_WAIT, child.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _error_of_ended(child: "subprocess.Popen[bytes]", name: str) -> Exception:
    """The error to raise for a child that ended without an answer."""
    exit_code = child.wait()
    if exit_code > 0 and sys.platform != "win32":  # not killed by a signal: a fault of ours, not of the PDF
        return RuntimeError(f"{CHILD.name} ended with exit status {exit_code}: its error output says why")
    if exit_code in (-signal.SIGKILL, -getattr(signal, "SIGPROF", 0)):
        return ImageError(f"{name} takes more than {MAX_CPU_SECONDS} s to draw: save its pages as pictures")
    return ImageError(
        f"{name} cannot be drawn, as it needs too much memory or is damaged: save its pages as pictures"
    )
