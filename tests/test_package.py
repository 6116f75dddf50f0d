"""The library as a package: what it needs, what its wheel holds, and that it reads where it is installed."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from recognizer import available_models
from tests.characters import picture

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
APP = {"streamlit", "streamlit-drawable-canvas"}  # what the app alone needs
DRIVERS = {"psycopg"}  # found by a database's URL, never imported
WITH = {"corrections": ("corrections.py", "database.py"), "batch": ("batch/*.py", "lite.py")}
LATER = {
    "tensorflow",
    "keras",
    "torch",
    "streamlit",
    "dask",
    "distributed",
    "pyarrow",
    "sqlalchemy",
    "pandas",
}


def required(file: str) -> set[str]:
    """The requirements of a file, one a line."""
    lines = (ROOT / file).read_text().splitlines()
    return {str(Requirement(line)) for line in lines if not line.startswith("-r ")}


def wanted(extra: str) -> set[str]:
    """The requirements of the package with an extra."""
    return {str(Requirement(one)) for one in PROJECT["dependencies"] + EXTRAS[extra]}


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def imported(files: Iterable[Path]) -> set[str]:
    """The distributions that modules import, at their top or later."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    distributions = packages_distributions()
    return {
        canonicalize_name(distributions[name][0]) for name in found - sys.stdlib_module_names - {"recognizer"}
    }


def test_the_app_and_the_library_ask_for_the_same_versions():
    app = required("requirements.txt")
    assert {one for one in app if Requirement(one).name not in APP} == wanted("corrections")
    assert wanted("batch") <= app | required("requirements-dev.txt")


def test_what_is_imported_is_asked_for_and_nothing_else():
    library = ROOT / "recognizer"
    files = {extra: {file for glob in globs for file in library.glob(glob)} for extra, globs in WITH.items()}
    core = imported(set(library.rglob("*.py")).difference(*files.values()))
    assert core == names(PROJECT["dependencies"])
    for extra, some in files.items():
        assert imported(some) - core == names(EXTRAS[extra]) - DRIVERS, extra


def test_importing_it_loads_nothing_that_takes_long():
    code = "import json, sys, recognizer; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert not LATER & set(json.loads(done.stdout))


def pip(*arguments: str) -> None:
    """Run pip, without a network."""
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*command, "--disable-pip-version-check"], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that the checkout stays as it is, and no earlier build gets into it."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for folder in ("recognizer", "weights", "tests", "pages"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "app.py"):
        shutil.copy(ROOT / file, copy)
    pip("wheel", str(copy), "--no-build-isolation", "--wheel-dir", str(out))
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder that the wheel is installed to; the packages that it needs are those of these tests."""
    target = tmp_path_factory.mktemp("installed")
    pip("install", str(wheel), "--target", str(target))
    return target


def run(installed: Path, *command: str) -> str:
    """What a program prints that finds the installed package, away from the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_library_and_its_weights_alone(wheel):
    library = {str(path.relative_to(ROOT)) for path in (ROOT / "recognizer").rglob("*.py")}
    weights = {f"recognizer/{path.relative_to(ROOT)}" for path in (ROOT / "weights").rglob("*.*")}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == library | weights | {"recognizer/py.typed"}


def test_the_installed_command_reads(installed, tmp_path):
    seven = tmp_path / "seven.png"
    seven.write_bytes(png("7"))
    command = str(installed / "bin" / "scrawl")
    assert run(installed, command, "read", str(seven), "--model", "digits") == "7\n"
    assert run(installed, command, "--help").startswith("usage: scrawl ")


def test_the_installed_library_reads(installed, tmp_path):
    five = tmp_path / "five.png"
    five.write_bytes(png("5"))
    code = (
        "import json, sys; from recognizer import *; "
        "answer = Recognizer.load('digits').character(sys.argv[1]).label; "
        "print(json.dumps([sys.modules['recognizer'].__file__, available_models(), answer]))"
    )
    said = json.loads(run(installed, sys.executable, "-c", code, str(five)))
    assert said == [str(installed / "recognizer" / "__init__.py"), available_models(), "5"]


def png(character: str) -> bytes:
    """A picture of one of the characters, as a file."""
    import cv2

    return cv2.imencode(".png", picture(character))[1].tobytes()
