"""Compare the page that reads in the browser with the library, and measure its speed.

    python -m training.evaluate web --drawings 1000

Chromium opens the site that training.tools.export_web has built. The page and `Recognizer.characters` read
the same drawings of wild/strokes62: from the same pixels, and from the strokes, as if a person drew them. The
suite prints how much their glyphs and answers differ, how fast the page answers, and what a first visit
downloads.
"""

import base64
import functools
import http.server
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recognizer import Drawing, Recognizer
from training.data import wild
from training.options import add_data_dir, command_parser
from training.tools.browser import chromium
from training.tools.export_web import MEGABYTE, OUT, READERS

SEED = 10
DRAWINGS_PER_CALL = 50  # sent to the page at once
TIMEOUT = 60_000  # ms until the page is loaded, and until a model is
MOVES = 300  # of the mouse, while answers are counted

# reads drawings with the modules of the page: pixels in base64, or strokes
READ = """async ({ model, drawings }) => {
  const { reader } = await import(new URL("reader.js", location.href).href);
  const read = await reader(model);
  const answers = [];
  for (const drawing of drawings) {
    if (drawing.pixels) {
      const data = Uint8Array.from(atob(drawing.pixels), (letter) => letter.charCodeAt(0));
      answers.push(await read.picture({ ...drawing, data }));
    } else answers.push(await read.character(drawing));
  }
  return answers.map((one) => one && { label: one.label, reason: one.reason, glyph: [...one.glyph] });
}"""
DURATIONS = """() => performance.getEntriesByName("recognition").map(({ duration }) => duration)"""


@dataclass
class Served:
    """A site on this machine."""

    address: str
    sent: int = 0  # bytes of all responses, with their headers


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a folder on a free port, without compression, and count the bytes sent."""
    site = Served("")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            stream, counter = self.wfile, _CountingStream(self.wfile)
            self.wfile = counter  # type: ignore[assignment]
            super().do_GET()
            self.wfile = stream
            site.sent += counter.bytes

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.address = f"http://127.0.0.1:{server.server_address[1]}/"
        try:
            yield site
        finally:
            server.shutdown()


class _CountingStream:
    """Counts the bytes written to a stream."""

    def __init__(self, stream: Any):
        self._stream, self.bytes = stream, 0

    def write(self, content: bytes) -> int:
        self.bytes += len(content)
        return self._stream.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def read_by_page(page: Any, model: str, drawings: list[np.ndarray] | list[Drawing]) -> list[dict | None]:
    """Read drawings with the page.

    Args:
        page: of the site, in a browser.
        model: one of READERS.
        drawings: pictures, uint8 (H, W), or strokes.

    Returns:
        For each drawing a dict with label, reason and glyph; None for a blank one.
    """
    encoded = [_as_json(drawing) for drawing in drawings]
    starts = range(0, len(encoded), DRAWINGS_PER_CALL)
    chunks = [encoded[start : start + DRAWINGS_PER_CALL] for start in starts]
    return [answer for chunk in chunks for answer in page.evaluate(READ, {"model": model, "drawings": chunk})]


def _as_json(drawing: np.ndarray | Drawing) -> dict:
    if isinstance(drawing, Drawing):
        strokes = [points.tolist() for points in drawing.strokes]
        width, height = drawing.size
        return {"strokes": strokes, "pen": drawing.pen, "width": width, "height": height}
    height, width = drawing.shape
    return {"pixels": base64.b64encode(drawing.tobytes()).decode(), "width": width, "height": height}


def differences(page_answers: list[dict | None], characters: list[Any]) -> tuple[float, float, float]:
    """Compare the page's answers with the library's.

    Args:
        page_answers: as `read_by_page` returns them.
        characters: as `Recognizer.characters` returns them.

    Returns:
        The mean and the largest difference of glyphs, on a scale of 255, and the share of equal labels.
    """
    glyph_differences, same = [], 0
    for answer, character in zip(page_answers, characters, strict=True):
        glyph = np.array(answer["glyph"], np.float32).reshape(28, 28) if answer else np.zeros((28, 28))
        glyph_differences.append(255 * float(np.abs(glyph - character.glyph).mean()))
        same += (answer["label"] if answer else "") == character.label
    return float(np.mean(glyph_differences)), max(glyph_differences), same / len(characters)


def print_agreement(page: Any, data_dir: Path, number: int) -> None:
    """Print how much page and library agree, for each model, on a number of drawings."""
    rows = wild.strokes62(data_dir)
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:number]
    drawings, truth = wild.as_strokes([rows[row] for row in chosen], SEED)
    pictures = [drawing.picture() for drawing in drawings]
    print(f"{len(drawings):,} drawings: mean and largest difference of glyphs, same label | from strokes")
    for name in READERS:
        reader = Recognizer.load(name)
        pixels = differences(read_by_page(page, name, pictures), reader.characters(pictures))
        page_answers, characters = read_by_page(page, name, drawings), reader.characters(drawings)
        strokes = differences(page_answers, characters)
        in_model = np.isin(truth, reader.classes)
        page_labels = np.array([answer["label"] if answer else "" for answer in page_answers])
        library_labels = np.array([character.label for character in characters])
        library_accuracy, page_accuracy = (
            np.mean((labels == truth)[in_model]) for labels in (library_labels, page_labels)
        )
        print(
            f"{name}: {pixels[0]:.3f}/255, {pixels[1]:.2f}, {pixels[2]:.1%} | {strokes[0]:.2f}/255, "
            f"{strokes[1]:.1f}, {strokes[2]:.1%}; right {library_accuracy:.2%} by the library, "
            f"{page_accuracy:.2%} by the page",
            flush=True,
        )


def print_speed(page: Any, data_dir: Path) -> None:
    """Print the latency of an answer, and the answers a second while the mouse draws, for each model."""
    row = next(row for row in wild.strokes62(data_dir) if row["label"] == "8")
    points = np.concatenate(wild.placed(row["strokes"], 220, 16, 40, 40))
    for name in READERS:
        page.locator(f"label:has(input[value={name}])").click()
        page.locator(f".scrawl[data-model={name}]").wait_for(timeout=TIMEOUT)
        page.locator(".clear").click()
        box = page.locator(".canvas").bounding_box()
        page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
        page.mouse.down()
        page.evaluate("() => { performance.clearMeasures(); window.begun = performance.now(); }")
        for step in range(MOVES):  # back and forth along the character
            x, y = points[abs(step % (2 * len(points) - 2) - len(points) + 1)]
            page.mouse.move(box["x"] + float(x) + step % 2, box["y"] + float(y))
        seconds = page.evaluate("() => performance.now() - window.begun") / 1000
        times = page.evaluate(DURATIONS)
        page.mouse.up()
        print(
            f"{name}: an answer takes {statistics.median(times):.1f} ms, at the 95th percentile "
            f"{np.percentile(times, 95):.1f} ms; {len(times) / seconds:.0f} answers a second while drawing",
            flush=True,
        )


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate web", __doc__)
    parser.add_argument("--site", type=Path, default=OUT, help="folder of the site (default: static/site)")
    add_data_dir(parser)
    parser.add_argument("--drawings", type=int, default=1_000, help="to compare (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").exists():
        parser.error(f"{options.site} has no page: build it with python -m training.tools.export_web")
    with served(options.site) as site, chromium() as page:
        page.goto(site.address)
        page.locator(".scrawl[data-model]").wait_for(timeout=TIMEOUT)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        print(f'a first visit, with "Both": {site.sent / MEGABYTE:.2f} MB')
        print_speed(page, options.data_dir)
        print_agreement(page, options.data_dir, options.drawings)
