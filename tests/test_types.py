"""The library's type hints are complete and right, and its examples, as programs that use it, fit them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def mypy(cache: Path, *files: Path) -> subprocess.CompletedProcess:
    """Check files, by default those that pyproject.toml names."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nothing_is_found(cache):
    done = mypy(cache)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_program_that_uses_the_library_is_told_its_mistakes(cache, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from recognizer import Recognizer\n\nRecognizer.load('digits').character(7).labels\n")
    said = mypy(cache, program).stdout
    assert 'incompatible type "int"' in said
    assert '"Character" has no attribute "labels"' in said
