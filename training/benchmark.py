"""How long an answer takes, and how much memory.

python -m training.benchmark character    one core: picture to answer beside the bare forward pass
python -m training.benchmark batch        two cores: 256 characters at once
python -m training.benchmark read         two cores: a photographed page, file to text; memory of a full one
python -m training.benchmark page         Chromium: pen lift to answer beside a page that counts strokes
python -m training.benchmark start        import, start to first answer, memory
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from training.tools import browser

ROUNDS = 20  # pen lifts on each page
CALLS = 300  # characters of each model
BATCH = 256  # characters read at once
REST = 500  # ms: a person does not draw the next before looking at the answer
STROKES_PAGE = browser.ROOT / "tests" / "browser" / "stroke_count.py"
SEVEN = [(90, 80), (130, 78), (170, 76), (200, 75), (180, 120), (160, 170), (145, 210), (135, 240)]

WATCH = """() => {
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
    """Median of one character on one core, for every flagship model."""
    os.sched_setaffinity(0, {0})
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    import cv2
    import keras
    import tensorflow as tf

    from recognizer import Recognizer
    from recognizer.models.store import WEIGHTS
    from training.data import wild

    cv2.setNumThreads(1)
    picture = cv2.cvtColor(wild.draw([SEVEN], 150, 16, 60, 60), cv2.COLOR_GRAY2RGBA)  # as a canvas gives it
    for name in ("digits", "letters", "alphanumeric"):
        reader = Recognizer.load(name)
        network = keras.saving.load_model(WEIGHTS / f"{name}.keras", compile=False)
        # the network alone, in this thread: nothing of ours around it
        forward = tf.function(lambda x, network=network: network(x, training=False))
        seen = tf.constant(reader.character(picture).glyph[None, ..., None])
        bare, whole = _medians(lambda f=forward, x=seen: f(x), lambda r=reader: r.character(picture))
        print(
            f"{name}: picture to answer {whole:.2f} ms, forward pass {bare:.2f} ms, {whole / bare:.2f} times"
        )


def batch() -> None:
    """Characters a second in a batch of 256 on two cores, of glyphs and of pictures, for every flagship."""
    os.sched_setaffinity(0, {0, 1})
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "2", "OMP_NUM_THREADS": "2"}
    import cv2
    import numpy as np

    from recognizer import Recognizer
    from recognizer.models.store import load_model
    from training.data import wild

    places = np.random.default_rng(1).uniform(10, 120, (BATCH, 2))
    pictures = [wild.draw([SEVEN], 150, 16, *place) for place in places]
    pictures = [cv2.cvtColor(picture, cv2.COLOR_GRAY2RGBA) for picture in pictures]
    for name in ("digits", "letters", "alphanumeric"):
        reader, network = Recognizer.load(name), load_model(name)
        glyphs = np.stack([one.glyph for one in reader.characters(pictures)])
        bare, whole = _medians(
            lambda m=network, x=glyphs: m.logits(x), lambda r=reader: r.characters(pictures), calls=20
        )
        print(f"{name}: {1000 * BATCH / bare:,.0f} glyphs a second, {1000 * BATCH / whole:,.0f} pictures")


def read() -> None:
    """What a page of 2,000 characters costs over one of 50; and a page of 12 megapixels, file to text."""
    os.sched_setaffinity(0, {0, 1})
    import cv2

    from recognizer import Recognizer

    reader = Recognizer.load("alphanumeric")
    _, photo = cv2.imencode(".jpg", _sevens(6, 10, 3000, 4000))
    for rows, columns in ((5, 10), (40, 50)):
        found = reader.read(_sevens(rows, columns, 80 * rows, 60 * columns))
        count = sum(len(line.characters) for line in found.lines)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"a page of {rows * columns} characters: {count} found, peak memory so far {peak:.0f} MB")
    reader.read(photo.tobytes())
    (taken,) = _medians(lambda: reader.read(photo.tobytes()), calls=9)
    print(f"a page of 12 megapixels, file to text: median {taken / 1000:.2f} s of 9")


def _sevens(rows: int, columns: int, height: int, width: int):
    """A page full of sevens: uint8 (height, width)."""
    import cv2
    import numpy as np

    from training.data import wild

    sheet = np.full((height, width), 255, np.uint8)
    side = 0.6 * min(height / rows, width / columns)
    for top in np.arange(rows) * height / rows + 0.2 * height / rows:
        for left in np.arange(columns) * width / columns + 0.2 * width / columns:
            for points in wild.placed([SEVEN], side, side / 8, left, top):
                path = np.rint(16 * points).astype(np.int32)[:, None]
                cv2.polylines(sheet, [path], False, 40, max(1, round(side / 8)), cv2.LINE_AA, 4)
    return sheet


def _medians(*functions: Callable[[], object], calls: int = CALLS) -> list[float]:
    """Median milliseconds of a call of each function, the functions taking turns."""
    times = [[] for _ in functions]
    for _ in range(calls):
        for call, mine in zip(functions, times, strict=True):
            start = time.perf_counter()
            call()
            mine.append(1000 * (time.perf_counter() - start))
    return [statistics.median(mine) for mine in times]


def page() -> None:
    """Median of pen lift to answer in Chromium, the app and the page that counts strokes taking turns."""
    with browser.serve() as app, browser.serve(STROKES_PAGE) as counter, browser.chromium() as first:
        pages = {"app": first, "stroke count": first.context.new_page()}
        times = {name: [] for name in pages}
        for (name, tab), address in zip(pages.items(), (app, counter), strict=True):
            browser.open_app(tab, address)
            _lift_to_answer(tab)  # the first answer waits for the model
            print(f"{name}: opened", flush=True)
        for _ in range(ROUNDS):
            for name, tab in pages.items():
                times[name].append(_lift_to_answer(tab))
    median = {name: statistics.median(mine) for name, mine in times.items()}
    for name, mine in times.items():
        print(f"{name}: median {median[name]:.0f} ms, from {min(mine):.0f} to {max(mine):.0f}")
    print(f"{median['app'] / median['stroke count']:.2f} times")


def _lift_to_answer(tab) -> float:
    """Draw on an empty canvas, then empty it; milliseconds from the pen's lift until the answer shows."""
    tab.bring_to_front()
    tab.evaluate(WATCH)
    browser.draw(tab, [SEVEN])
    tab.wait_for_function("() => window.answered", timeout=60_000)
    taken = tab.evaluate("() => window.answered - window.lifted")
    tab.wait_for_timeout(REST)
    browser.clear(tab)
    tab.locator(".st-key-reading h1").wait_for(state="detached")
    tab.wait_for_timeout(REST)
    return taken


def start() -> None:
    """Import of the library, start of the app to the first answer, peak memory of its process."""
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
    # of the children waited for, the app is by far the largest
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the app: {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.benchmark", description=__doc__.splitlines()[0])
    measures = {"character": character, "batch": batch, "read": read, "page": page, "start": start}
    parser.add_argument("what", choices=measures)
    measures[parser.parse_args().what]()


if __name__ == "__main__":
    main()
