"""Measure latency and memory.

python -m training.benchmark character    one character on one core, and the forward pass alone
python -m training.benchmark batch        256 characters at once on two cores
python -m training.benchmark read         pages of 50 and 2,000 characters, and a page of 12 megapixels
python -m training.benchmark page         the app in Chromium: from pen lift to answer
python -m training.benchmark start        import of the library, start of the app, its peak memory
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from training.options import command_parser
from training.tools import browser

PEN_LIFTS = 20  # on each page
CALLS = 300  # of each function, for the median
BATCH_SIZE = 256  # characters read at once
PAUSE = 500  # ms, in which a person looks at the answer before drawing on
STROKE_COUNT_PAGE = browser.ROOT / "tests" / "browser" / "stroke_count.py"
SEVEN = [(90, 80), (130, 78), (170, 76), (200, 75), (180, 120), (160, 170), (145, 210), (135, 240)]

# notes the times of the pen lift and of the answer that follows, by the browser's clock
WATCH_FOR_ANSWER = """() => {
  window.lifted = window.answered = null;
  addEventListener("mouseup", () => { window.lifted = performance.now(); }, {capture: true, once: true});
  const observer = new MutationObserver(() => {
    if (!window.lifted || !document.querySelector(".st-key-reading h1")) return;
    window.answered = performance.now();
    observer.disconnect();
  });
  observer.observe(document.body, {childList: true, subtree: true});
}"""


def character() -> None:
    """Print the median latency of one character on one core, for each reader."""
    os.sched_setaffinity(0, {0})
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    import cv2
    import keras
    import tensorflow as tf

    from recognizer import Recognizer
    from recognizer.models.store import WEIGHTS
    from recognizer.models.views import NETWORK
    from training.data import wild

    cv2.setNumThreads(1)
    network = keras.saving.load_model(WEIGHTS / f"{NETWORK}.keras", compile=False)
    forward = tf.function(lambda x: network(x, training=False))
    picture = cv2.cvtColor(wild.draw([SEVEN], 150, 16, 60, 60), cv2.COLOR_GRAY2RGBA)  # as the canvas gives it
    for name in ("digits", "letters", "alphanumeric"):
        reader = Recognizer.load(name)
        glyph = tf.constant(reader.character(picture).glyph[None, ..., None])
        bare, whole = _medians(lambda x=glyph: forward(x), lambda r=reader: r.character(picture))
        print(
            f"{name}: picture to answer {whole:.2f} ms, forward pass {bare:.2f} ms, {whole / bare:.2f} times"
        )


def batch() -> None:
    """Print how many glyphs and how many pictures a second are read on two cores, for each reader."""
    os.sched_setaffinity(0, {0, 1})
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "2", "OMP_NUM_THREADS": "2"}
    import cv2
    import numpy as np

    from recognizer import Recognizer
    from recognizer.models.store import load_model
    from training.data import wild

    corners = np.random.default_rng(1).uniform(10, 120, (BATCH_SIZE, 2))
    pictures = [wild.draw([SEVEN], 150, 16, *corner) for corner in corners]
    pictures = [cv2.cvtColor(picture, cv2.COLOR_GRAY2RGBA) for picture in pictures]
    for name in ("digits", "letters", "alphanumeric"):
        reader, network = Recognizer.load(name), load_model(name)
        glyphs = np.stack([character.glyph for character in reader.characters(pictures)])
        bare, whole = _medians(
            lambda m=network, x=glyphs: m.logits(x), lambda r=reader: r.characters(pictures), calls=20
        )
        glyph_rate, picture_rate = 1000 * BATCH_SIZE / bare, 1000 * BATCH_SIZE / whole
        print(f"{name}: {glyph_rate:,.0f} glyphs a second, {picture_rate:,.0f} pictures")


def read() -> None:
    """Print the peak memory of small and full pages, and the median time of a page of 12 megapixels."""
    os.sched_setaffinity(0, {0, 1})
    import cv2

    from recognizer import Recognizer

    reader = Recognizer.load("alphanumeric")
    _, photo = cv2.imencode(".jpg", _sevens(6, 10, 3000, 4000))
    for rows, columns in ((5, 10), (40, 50)):
        reading = reader.read(_sevens(rows, columns, 80 * rows, 60 * columns))
        count = sum(len(line.characters) for line in reading.lines)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"a page of {rows * columns} characters: {count} found, peak memory so far {peak:.0f} MB")
    reader.read(photo.tobytes())
    (median,) = _medians(lambda: reader.read(photo.tobytes()), calls=9)
    print(f"a page of 12 megapixels, file to text: median {median / 1000:.2f} s of 9")


def _sevens(rows: int, columns: int, height: int, width: int):
    """A document page full of sevens: uint8 (height, width)."""
    import numpy as np

    from recognizer.io.rasterizer import draw_stroke
    from training.data import wild

    sheet = np.full((height, width), 255, np.uint8)
    side = 0.6 * min(height / rows, width / columns)
    for top in np.arange(rows) * height / rows + 0.2 * height / rows:
        for left in np.arange(columns) * width / columns + 0.2 * width / columns:
            for points in wild.placed([SEVEN], side, side / 8, left, top):
                draw_stroke(sheet, points, 40, max(1, round(side / 8)))
    return sheet


def _medians(*functions: Callable[[], object], calls: int = CALLS) -> list[float]:
    """The median milliseconds of each function, called in turns."""
    times = [[] for _ in functions]
    for _ in range(calls):
        for function, milliseconds in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            milliseconds.append(1000 * (time.perf_counter() - start))
    return [statistics.median(milliseconds) for milliseconds in times]


def page() -> None:
    """Print the median time from pen lift to answer in Chromium.

    The app takes turns with a page that only counts strokes, which shows what Streamlit and the browser take.
    """
    with browser.serve() as app, browser.serve(STROKE_COUNT_PAGE) as counter, browser.chromium() as first:
        pages = {"app": first, "stroke count": first.context.new_page()}
        times = {name: [] for name in pages}
        for (name, tab), address in zip(pages.items(), (app, counter), strict=True):
            browser.open_app(tab, address)
            _lift_to_answer(tab)  # the first answer waits for the model
            print(f"{name}: opened", flush=True)
        for _ in range(PEN_LIFTS):
            for name, tab in pages.items():
                times[name].append(_lift_to_answer(tab))
    medians = {name: statistics.median(milliseconds) for name, milliseconds in times.items()}
    for name, milliseconds in times.items():
        span = f"from {min(milliseconds):.0f} to {max(milliseconds):.0f}"
        print(f"{name}: median {medians[name]:.0f} ms, {span}")
    print(f"{medians['app'] / medians['stroke count']:.2f} times")


def _lift_to_answer(tab) -> float:
    """Draw a seven and clear the canvas again; return the milliseconds from pen lift to answer."""
    tab.bring_to_front()
    tab.evaluate(WATCH_FOR_ANSWER)
    browser.draw(tab, [SEVEN])
    tab.wait_for_function("() => window.answered", timeout=60_000)
    milliseconds = tab.evaluate("() => window.answered - window.lifted")
    tab.wait_for_timeout(PAUSE)
    browser.clear(tab)
    tab.locator(".st-key-reading h1").wait_for(state="detached")
    tab.wait_for_timeout(PAUSE)
    return milliseconds


def start() -> None:
    """Print the import time of the library, and the time to the first answer and peak memory of the app."""
    code = "import time; t = time.perf_counter(); import recognizer; print(time.perf_counter() - t)"
    runs = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
    print(f"import recognizer: median {statistics.median(runs):.3f} s of 5")
    with browser.chromium() as tab:
        begin = time.monotonic()
        with browser.serve() as address:
            browser.open_app(tab, address)
            browser.draw(tab, [SEVEN])
            tab.locator(".st-key-reading h1").wait_for(timeout=60_000)
            print(f"start of the app to the first answer: {time.monotonic() - begin:.1f} s")
    # the maximum over all child processes, of which the app is by far the largest
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the app: {peak:.0f} MB")


def main() -> None:
    parser = command_parser("training.benchmark", __doc__)
    benchmarks = {"character": character, "batch": batch, "read": read, "page": page, "start": start}
    parser.add_argument("benchmark", choices=benchmarks)
    benchmarks[parser.parse_args().benchmark]()


if __name__ == "__main__":
    main()
