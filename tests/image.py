"""The image that the Dockerfile builds, laid out in a folder without Docker, and its command."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from training.tools.browser import ROOT


@dataclass(frozen=True)
class Image:
    """A laid-out image.

    Attributes:
        folder: stands for /app.
        user: the user id that the command runs as.
        environment: the variables that the Dockerfile sets.
        command: the arguments of the image's command.
    """

    folder: Path
    user: int
    environment: dict[str, str]
    command: list[str]

    def start(self, log: Path, **environment: str) -> subprocess.Popen:
        """Run the image's command, as its user if this process may, with additional environment variables."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT_")}
        merged = inherited | self.environment | {"HOME": "/nonexistent"} | environment
        command = [*self.user_prefix(), sys.executable, "-m", *self.command]
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=self.folder, env=merged, stdout=output, stderr=subprocess.STDOUT
            )

    def user_prefix(self) -> list[str]:
        """Words that run the command behind them as the image's user; empty if this process may not do that.

        The user keeps root's right to read every file, because the Python interpreter may be in root's home.
        """
        reading = "-all,+dac_read_search"
        prefix = [
            "setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
            f"--inh-caps={reading}", f"--ambient-caps={reading}", "--no-new-privs",
        ]  # fmt: skip
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            return []
        return prefix if subprocess.run([*prefix, sys.executable, "-c", ""]).returncode == 0 else []


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile in order: name and arguments, with continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line and not line.startswith("#")]


def value_of(name: str) -> str:
    """The arguments of an instruction that occurs once."""
    (value,) = (value for instruction, value in instructions() if instruction == name)
    return value


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file out of the image; the last matching line decides."""
    answer = False
    names = [str(parent) for parent in (PurePosixPath(path), *PurePosixPath(path).parents)][:-1]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        if pattern.startswith("**/"):
            matches = any(fnmatch(part, pattern[3:]) for part in PurePosixPath(path).parts)
        else:
            matches = any(fnmatch(name, pattern) and name.count("/") == pattern.count("/") for name in names)
        if matches:
            answer = not line.startswith("!")
    return answer


def lay_out(folder: Path) -> Image:
    """Copy the files of the image into a folder, and read from the Dockerfile how it runs."""
    for name, value in instructions():
        if name == "COPY":
            *sources, target = shlex.split(value)
            for source in sources:
                _copy(ROOT / source, folder / target)
    environment = dict(word.split("=", 1) for word in shlex.split(value_of("ENV")))
    return Image(folder, int(value_of("USER")), environment, json.loads(value_of("CMD")))


def _copy(source: Path, target: Path) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for path in files:
        if ignored(path.relative_to(ROOT).as_posix()):
            continue
        destination = target / (path.name if source.is_file() else path.relative_to(source))
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, destination)
