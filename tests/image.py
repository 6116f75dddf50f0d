"""What the Dockerfile makes of this tree, laid out without Docker, and its command run as its user."""

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
    """The folder that is /app in the image, and how the image runs there."""

    folder: Path
    user: int
    environment: dict[str, str]
    command: list[str]

    def start(self, log: Path, **environment: str) -> subprocess.Popen:
        """Run the image's command, with more environment, as its user where this process may become that."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT_")}
        all_of_it = inherited | self.environment | {"HOME": "/nonexistent"} | environment
        command = [*self.as_user(), sys.executable, "-m", *self.command]
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=self.folder, env=all_of_it, stdout=output, stderr=subprocess.STDOUT
            )

    def as_user(self) -> list[str]:
        """What to put before a command that the image's user shall run; nothing where that cannot be done.

        Of root's rights that user keeps one, to read everything: the interpreter may stand in root's home.
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
    """The Dockerfile's, in order: name and the rest of the line, with continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line and not line.startswith("#")]


def only(name: str) -> str:
    """What stands behind an instruction that is there once."""
    (value,) = (value for instruction, value in instructions() if instruction == name)
    return value


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file of this tree from the image: the last line that fits decides."""
    answer = False
    names = [str(one) for one in (PurePosixPath(path), *PurePosixPath(path).parents)][:-1]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        if pattern.startswith("**/"):
            fits = any(fnmatch(part, pattern[3:]) for part in PurePosixPath(path).parts)
        else:
            fits = any(fnmatch(name, pattern) and name.count("/") == pattern.count("/") for name in names)
        if fits:
            answer = not line.startswith("!")
    return answer


def laid_out(folder: Path) -> Image:
    """Copy into a folder what the image copies, and read how it runs."""
    for name, value in instructions():
        if name == "COPY":
            *sources, target = shlex.split(value)
            for source in sources:
                _copy(ROOT / source, folder / target)
    environment = dict(word.split("=", 1) for word in shlex.split(only("ENV")))
    return Image(folder, int(only("USER")), environment, json.loads(only("CMD")))


def _copy(source: Path, target: Path) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for path in files:
        if ignored(path.relative_to(ROOT).as_posix()):
            continue
        to = target / (path.name if source.is_file() else path.relative_to(source))
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
