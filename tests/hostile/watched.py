"""A process that reads hostile pictures, and what became of each of them."""

import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass

from training.browser import ROOT

PATIENCE = 30.0  # seconds of a processor for one picture; then it hangs
WAIT = 3_600  # seconds, if it does nothing at all; other work may stop this machine for long
GOOD = ("read", "refused")


@dataclass(frozen=True)
class Outcome:
    """What became of one picture."""

    said: str  # "read", "refused" with ImageError, "error", "crash" or "hang"
    error: str = ""
    decoding: float = 0.0  # seconds of a processor
    reading: float = 0.0
    megabytes: float = 0.0  # of memory at the peak over before


class Watched:
    """The process; a new one after each that dies."""

    def __init__(self) -> None:
        self.deaths = 0
        self._process = self._started()

    def tried(self, patience: float = PATIENCE, **job) -> Outcome:
        """Read one picture.

        Args:
            patience: seconds of a processor.
            job: as `tests.hostile.child` takes it: `case`, `file`, or `seed` and `number`;
                and `fault`, something to go wrong on purpose.
        """
        self._process.stdin.write(json.dumps(job | {"patience": patience}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer:
            return Outcome(**json.loads(answer))
        code = self._process.wait()
        self.close()
        self.deaths += 1
        self._process = self._started()
        hung = code in (-signal.SIGPROF, -signal.SIGKILL)
        return Outcome("hang" if hung else "crash", f"the process ended with {code}")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.__exit__(None, None, None)

    def _started(self) -> subprocess.Popen:
        command = [sys.executable, "-W", "ignore", "-m", "tests.hostile.child"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if not self._answer():
            self.close()
            raise RuntimeError(f"{' '.join(command)} did not start: its error output says why")
        return self._process

    def _answer(self) -> str:
        """A line; none where the process ended."""
        timer = threading.Timer(WAIT, self._process.kill)
        timer.start()
        try:
            return self._process.stdout.readline()
        finally:
            timer.cancel()
