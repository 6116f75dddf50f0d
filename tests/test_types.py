"""The type hints of the library are complete and correct, and the examples, which use it, agree with them."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def mypy(cache: Path, *files: Path) -> subprocess.CompletedProcess:
    """Check files, by default those that pyproject.toml names."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_mypy_finds_no_error(cache):
    done = mypy(cache)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_finds_the_mistakes_of_a_program_that_uses_the_library(cache, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from recognizer import Recognizer\n\nRecognizer.load('digits').character(7).labels\n")
    output = mypy(cache, program).stdout
    assert 'incompatible type "int"' in output
    assert '"Character" has no attribute "labels"' in output
