"""Draws the pages of a PDF in a process of its own, which may take too long, fill the memory or crash.

    python -P pdf_child.py SIDE PIXELS SECONDS BYTES [PAGE...] < PDF

`recognizer.io.pdf` starts it. It writes lines of JSON to the standard output: first the number of pages, then
for each PAGE the size of its bitmap, which follows, or the size of an image on the page that has more than
PIXELS. On a failure it writes the reason and ends. It imports nothing else of this package, so that it starts
in a tenth of a second.
"""

import json
import math
import signal
import sys
from typing import Any, BinaryIO

try:
    import resource
except ImportError:  # Windows cannot limit a process so
    resource = None  # type: ignore[assignment]


def main(side: int, pixels: int, seconds: float, most_bytes: int, numbers: list[int]) -> None:
    """Answer.

    Args:
        side: pixels of the longer side that a page is drawn at.
        pixels: of the largest picture that may be on a page.
        seconds: of a processor, to open the document and to draw each page; then the process is ended.
        most_bytes: of memory; then it is ended, too.
        numbers: of the pages, counted from 0.
    """
    _limit_memory(most_bytes)
    _limit_time(seconds)
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(sys.stdin.buffer.read()) as document:
            _say(pages=len(document))
            for number in numbers:
                _limit_time(seconds)
                _draw(document[number], side, pixels, sys.stdout.buffer)
    except MemoryError:
        _say(reason="needs too much memory to be drawn: save its pages as pictures")
    except Exception as error:  # a damaged document makes the library raise anything
        _say(reason=f"is damaged or locked ({error}): save it again, without a password")


def _limit_memory(most: int) -> None:
    if resource:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)  # of a processor: a busy machine takes none away


def _say(**answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _draw(page: Any, side: int, pixels: int, output: BinaryIO) -> None:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for picture in page.get_objects(filter=(FPDF_PAGEOBJ_IMAGE,)):
        width, height = picture.get_px_size()
        if width * height > pixels:
            return _say(picture=(width, height))
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        return _say(size=(0, 0), stride=0)
    bitmap = page.render(scale=side / max(width, height))
    _say(size=(bitmap.width, bitmap.height), stride=bitmap.stride)
    output.write(bytes(bitmap.buffer))
    output.flush()


if __name__ == "__main__":
    a, b, c, d, *rest = sys.argv[1:]
    main(int(a), int(b), float(c), int(d), [int(number) for number in rest])
