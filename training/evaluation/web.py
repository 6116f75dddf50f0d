"""Is the page that reads in the browser the same reader, and as quick as a page should be?

python -m training.evaluate web [--site static/site] [--data-dir DIR] [--drawings 1000]

Chromium opens the site of training.tools.export_web on this machine. The page and `Recognizer.characters`
read the same drawings of wild/strokes62: from the same pixels, and from the strokes, as when a person draws.
Prints a line a model, and what a first visit and an answer cost.
"""

import argparse
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
from training.data.datasets import DATA
from training.tools.browser import chromium
from training.tools.export_web import MEGABYTE, OUT, READERS

SEED = 10
CHUNK = 50  # drawings sent to the page at once
LOAD = 60_000  # ms
MOVES = 300  # of the mouse, while the rate is measured

# pixels in base64, or strokes: what the page's own modules make of them
READ = """async ({ model, drawings }) => {
  const { reader } = await import(new URL("reader.js", location.href).href);
  const read = await reader(model);
  const found = [];
  for (const drawing of drawings) {
    if (drawing.pixels) {
      const data = Uint8Array.from(atob(drawing.pixels), (letter) => letter.charCodeAt(0));
      found.push(await read.picture({ ...drawing, data }));
    } else found.push(await read.character(drawing));
  }
  return found.map((one) => one && { label: one.label, reason: one.reason, glyph: [...one.glyph] });
}"""
DURATIONS = """() => performance.getEntriesByName("recognition").map(({ duration }) => duration)"""


@dataclass
class Served:
    """A site on this machine."""

    address: str
    sent: int = 0  # bytes of answers, heads included


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a folder on a free port, as a static host that compresses nothing does."""
    site = Served("")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            writer, count = self.wfile, _Counting(self.wfile)
            self.wfile = count  # type: ignore[assignment]
            super().do_GET()
            self.wfile = writer
            site.sent += count.bytes

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.address = f"http://127.0.0.1:{server.server_address[1]}/"
        try:
            yield site
        finally:
            server.shutdown()


class _Counting:
    """A stream that knows how much went through it."""

    def __init__(self, stream: Any):
        self._stream, self.bytes = stream, 0

    def write(self, content: bytes) -> int:
        self.bytes += len(content)
        return self._stream.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def read_by_page(page: Any, model: str, drawings: list[np.ndarray] | list[Drawing]) -> list[dict | None]:
    """What the page makes of pictures, uint8 (H, W), or of strokes: label, reason and glyph; None: blank."""
    sent = [_as_json(one) for one in drawings]
    chunks = [sent[start : start + CHUNK] for start in range(0, len(sent), CHUNK)]
    return [one for chunk in chunks for one in page.evaluate(READ, {"model": model, "drawings": chunk})]


def _as_json(drawing: np.ndarray | Drawing) -> dict:
    if isinstance(drawing, Drawing):
        strokes = [points.tolist() for points in drawing.strokes]
        width, height = drawing.size
        return {"strokes": strokes, "pen": drawing.pen, "width": width, "height": height}
    height, width = drawing.shape
    return {"pixels": base64.b64encode(drawing.tobytes()).decode(), "width": width, "height": height}


def apart(pages: list[dict | None], python: list[Any]) -> tuple[float, float, float]:
    """Mean and largest difference of the glyphs, of 255, and the share of answers that are the same."""
    away, same = [], 0
    for ours, theirs in zip(pages, python, strict=True):
        glyph = np.array(ours["glyph"], np.float32).reshape(28, 28) if ours else np.zeros((28, 28))
        away.append(255 * float(np.abs(glyph - theirs.glyph).mean()))
        same += (ours["label"] if ours else "") == theirs.label
    return float(np.mean(away)), max(away), same / len(python)


def agreement(page: Any, data_dir: Path, number: int) -> None:
    """Print how near page and library are to each other, for every model."""
    rows = wild.strokes62(data_dir)
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:number]
    drawings, truth = wild.as_strokes([rows[row] for row in chosen], SEED)
    pictures = [one.picture() for one in drawings]
    print(f"{len(drawings):,} drawings of wild/strokes62 | same pixels: glyph, largest, label | from strokes")
    for name in READERS:
        reader = Recognizer.load(name)
        known = reader.characters(pictures)
        pixels = apart(read_by_page(page, name, pictures), known)
        found = read_by_page(page, name, drawings)
        by_strokes = reader.characters(drawings)
        strokes = apart(found, by_strokes)
        mine = [label in reader.classes for label in truth]
        right = [
            np.mean([one == label for one, label, may in zip(labels, truth, mine, strict=True) if may])
            for labels in ([one.label for one in by_strokes], [one["label"] if one else "" for one in found])
        ]
        print(
            f"{name}: {pixels[0]:.3f}/255, {pixels[1]:.2f}, {pixels[2]:.1%} | {strokes[0]:.2f}/255, "
            f"{strokes[1]:.1f}, {strokes[2]:.1%}; right {right[0]:.2%} here, {right[1]:.2%} there",
            flush=True,
        )


def speed(page: Any, data_dir: Path) -> None:
    """Print the latency of an answer and how many come while a hand draws, for every model."""
    row = next(row for row in wild.strokes62(data_dir) if row["label"] == "8")
    points = np.concatenate(wild.placed(row["strokes"], 220, 16, 40, 40))
    for name in READERS:
        page.locator(f"label:has(input[value={name}])").click()
        page.locator(f".scrawl[data-model={name}]").wait_for(timeout=LOAD)
        page.locator(".clear").click()
        box = page.locator(".canvas").bounding_box()
        page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
        page.mouse.down()
        page.evaluate("() => { performance.clearMeasures(); window.begun = performance.now(); }")
        for step in range(MOVES):  # to and fro along the character
            x, y = points[abs(step % (2 * len(points) - 2) - len(points) + 1)]
            page.mouse.move(box["x"] + float(x) + step % 2, box["y"] + float(y))
        seconds = page.evaluate("() => performance.now() - window.begun") / 1000
        times = page.evaluate(DURATIONS)
        page.mouse.up()
        print(
            f"{name}: {statistics.median(times):.1f} ms for an answer, the slowest of twenty "
            f"{np.percentile(times, 95):.1f} ms; {len(times) / seconds:.0f} answers a second while drawing",
            flush=True,
        )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate web",
        description="Compare the page in the browser with the library.",
    )
    parser.add_argument("--site", type=Path, default=OUT, help="made by training.tools.export_web")
    parser.add_argument("--data-dir", type=Path, default=DATA)
    parser.add_argument("--drawings", type=int, default=1_000)
    arguments = parser.parse_args(arguments)
    if not (arguments.site / "index.html").exists():
        parser.error(f"{arguments.site} has no page: python -m training.tools.export_web makes it")
    with served(arguments.site) as site, chromium() as page:
        page.goto(site.address)
        page.locator(".scrawl[data-model]").wait_for(timeout=LOAD)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        print(f'a first visit, with "Both": {site.sent / MEGABYTE:.2f} MB')
        speed(page, arguments.data_dir)
        agreement(page, arguments.data_dir, arguments.drawings)
