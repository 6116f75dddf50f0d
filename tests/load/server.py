"""The app as a process of its own, whose memory and loads can be told."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from training.tools.browser import ROOT, START_SECONDS

MEGABYTE = 2**20
LOADED = "loaded "  # what recognizer.models.store logs of a model

# `streamlit run`, which does not show what a library logs as information
RUN = """import logging
logging.basicConfig(format="%(message)s")
logging.getLogger("recognizer").setLevel(logging.INFO)
from streamlit.web import cli
cli.main()"""


@dataclass(frozen=True)
class App:
    """The running app."""

    address: str  # http://HOST:PORT
    process: subprocess.Popen
    log: Path

    def memory(self) -> float:
        """Resident megabytes of the process and all its children."""
        first = psutil.Process(self.process.pid)
        resident = 0
        for one in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                resident += one.memory_info().rss
        return resident / MEGABYTE

    def loads(self) -> Counter[str]:
        """How often each model was loaded."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return Counter(line.removeprefix(LOADED) for line in lines if line.startswith(LOADED))


@contextlib.contextmanager
def started(script: Path = ROOT / "app.py") -> Iterator[App]:
    """Start the app by `streamlit run` on a free port, as deploy/ does; it is stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"headless": "true", "fileWatcherType": "none", "address": "127.0.0.1", "port": port}
    flags = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-c", RUN, "run", str(script), *flags]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as file:  # a pipe that nobody reads would stop the app
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, stdout=file, stderr=file
            )
        app = App(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait_until_healthy(app)
            yield app
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_until_healthy(app: App) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            raise RuntimeError(f"the app stopped at its start:\n{app.log.read_text(errors='replace')}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{app.address}/_stcore/health", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the app did not answer within {START_SECONDS} seconds")
