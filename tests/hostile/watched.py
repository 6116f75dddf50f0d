"""A process that reads hostile pictures, and what became of each of them."""

import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from training.tools.browser import ROOT

SECONDS = 2.0  # of a processor that a call may take, which decodes a picture and reads it
MEGABYTES = 600  # of memory that it may take beside what the process had
BUSY = 3  # times as long as on an idle machine, of processor time: other work takes its caches away
PATIENCE = 30.0  # seconds of a processor for one picture; then its process is ended
WAIT = 3_600  # seconds, if it does nothing at all; other work may stop this machine for long
GOOD = ("read", "refused")
MEASURED = Path("/proc/self/clear_refs").exists()  # a Linux, where a process can forget its peak of memory


@dataclass(frozen=True)
class Outcome:
    """What became of one picture."""

    said: str  # "read", "refused" with ImageError, "error", "crash" or "hang"
    error: str = ""
    decoding: float = 0.0  # seconds of a processor
    reading: float = 0.0  # the same, by `character` or `read`, whichever took longer
    characters: int = 0  # found by `read`
    megabytes: float = 0.0  # of memory at the peak over before

    @property
    def seconds(self) -> float:
        """Of a processor, for one call that decodes and reads."""
        return self.decoding + self.reading

    @property
    def fault(self) -> str:
        """What went wrong: "error", "crash", "hang", "memory", or nothing."""
        if self.said not in GOOD:
            return self.said
        return "hang" if self.seconds > SECONDS else "memory" if self.megabytes > MEGABYTES else ""


def assert_bounded(outcome: Outcome, seconds: float = SECONDS) -> None:
    """For tests, which run beside other work."""
    assert outcome.seconds < BUSY * seconds
    assert outcome.megabytes < MEGABYTES


class Watched:
    """The process; a new one after each that dies."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None  # until there is something to do

    def tried(self, patience: float = PATIENCE, **job) -> Outcome:
        """Read one picture.

        Args:
            patience: seconds of a processor.
            job: as `tests.hostile.child` takes it: `case`, `file`, or `seed` and `number`;
                and `fault`, something to go wrong on purpose.
        """
        if self._process is None:
            self._start()
        self._process.stdin.write(json.dumps(job | {"patience": patience}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer:
            return Outcome(**json.loads(answer))
        code = self._process.wait()
        self.close()
        hung = code in (-signal.SIGPROF, -signal.SIGKILL)
        return Outcome("hang" if hung else "crash", f"the process ended with {code}")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.__exit__(None, None, None)
            self._process = None

    def _start(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.hostile.child"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if not self._answer():
            self.close()
            raise RuntimeError(f"{' '.join(command)} did not start: its error output says why")

    def _answer(self) -> str:
        """A line; none where the process ended."""
        timer = threading.Timer(WAIT, self._process.kill)
        timer.start()
        try:
            return self._process.stdout.readline()
        finally:
            timer.cancel()
