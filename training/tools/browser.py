"""Drive the app like a person: start it by its command, open it in Chromium, draw with the mouse."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 120  # the longest wait for a server to answer, and for the canvas to appear


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextlib.contextmanager
def serve(script: Path = ROOT / "app.py") -> Iterator[str]:
    """Serve a Streamlit script on a free port of this machine; yield its address, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true",
               f"--server.port={port}", "--server.address=127.0.0.1"]  # fmt: skip
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_healthy(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app stopped while starting:\n{server.stdout.read().decode()}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the app did not answer within {START_SECONDS} seconds")


@contextlib.contextmanager
def chromium(**context) -> Iterator:
    """Yield a page of a headless Chromium; keyword arguments go to Playwright's `new_context`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        try:
            yield browser.new_context(**context).new_page()
        finally:
            browser.close()


def open_app(page, address: str) -> None:
    """Open the app and wait until its canvas can be drawn on."""
    page.goto(address)
    page.locator(".st-key-canvas canvas.upper-canvas").wait_for(timeout=START_SECONDS * 1000)


def wait_until_idle(page) -> None:
    """Wait until the app is connected and its script has run: no rerun replaces what is used next."""
    state = "[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
    page.locator(state).wait_for(timeout=START_SECONDS * 1000)


def draw(page, strokes: list) -> None:
    """Draw strokes with the mouse, one point per frame: the browser would merge faster moves.

    Args:
        page: of the app.
        strokes: lists of points (x, y) in pixels of the canvas.
    """
    canvas = page.locator(".st-key-canvas canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    corner = canvas.bounding_box()
    for stroke in strokes:
        points = [(corner["x"] + x, corner["y"] + y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:] or points:
            page.mouse.move(*point)
            page.evaluate("() => new Promise(requestAnimationFrame)")
        page.mouse.up()


def clear(page) -> None:
    """Clear the canvas with the reset button of its toolbar."""
    page.locator(".st-key-canvas").get_by_role("button", name="Reset canvas & history").click()
