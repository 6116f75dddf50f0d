"""Draw the pages of a PDF in a process that may run too long, use too much memory or crash.

    python -P pdf_child.py SIDE MAX_PIXELS MAX_CPU_SECONDS MAX_MEMORY [PAGE...] < PDF

`recognizer.io.pdf` starts it. It writes JSON lines to the standard output: first the number of pages, then
for each PAGE the size of its bitmap, followed by the bitmap itself, or the size of a picture on the page that
has more than MAX_PIXELS. On a failure it writes the reason and ends. It imports nothing else of this package,
so that it starts within 0.1 s.
"""

import json
import math
import signal
import sys
from typing import Any, BinaryIO

try:
    import resource
except ImportError:  # Windows, where a process cannot limit its memory this way
    resource = None  # type: ignore[assignment]


def main(side: int, max_pixels: int, max_cpu_seconds: float, max_memory: int, numbers: list[int]) -> None:
    """Read a PDF from the standard input, and answer on the standard output.

    Args:
        side: pixels of a drawn page's longer side.
        max_pixels: of a picture on a page.
        max_cpu_seconds: of processor time to open the PDF, and again to draw each page; then a signal ends
            this process.
        max_memory: bytes of data this process may hold.
        numbers: the pages to draw, counted from 0.
    """
    _limit_memory(max_memory)
    _limit_time(max_cpu_seconds)
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(sys.stdin.buffer.read()) as document:
            _write_answer(pages=len(document))
            for number in numbers:
                _limit_time(max_cpu_seconds)
                _draw(document[number], side, max_pixels, sys.stdout.buffer)
    except MemoryError:
        _write_answer(reason="needs too much memory to be drawn: save its pages as pictures")
    except Exception as error:  # a damaged PDF can make the library raise anything
        _write_answer(reason=f"is damaged or locked ({error}): save it again, without a password")


def _limit_memory(max_bytes: int) -> None:
    if resource:
        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, max_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash writes no memory dump


def _limit_time(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)  # processor time: a busy machine takes none away


def _write_answer(**answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _draw(page: Any, side: int, max_pixels: int, output: BinaryIO) -> None:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for picture in page.get_objects(filter=(FPDF_PAGEOBJ_IMAGE,)):
        width, height = picture.get_px_size()
        if width * height > max_pixels:
            return _write_answer(picture=(width, height))
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        return _write_answer(size=(0, 0), stride=0)
    bitmap = page.render(scale=side / max(width, height))
    _write_answer(size=(bitmap.width, bitmap.height), stride=bitmap.stride)
    output.write(bytes(bitmap.buffer))
    output.flush()


if __name__ == "__main__":
    side, max_pixels, max_cpu_seconds, max_memory, *numbers = sys.argv[1:]
    main(
        int(side),
        int(max_pixels),
        float(max_cpu_seconds),
        int(max_memory),
        [int(number) for number in numbers],
    )
