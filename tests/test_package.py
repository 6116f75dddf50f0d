"""The library as a package: requirements, contents of the wheel, and that the installed wheel reads."""

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

import cv2
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from recognizer.models.views import VIEWS
from tests.characters import picture

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
APP_ONLY = {"streamlit", "streamlit-drawable-canvas"}
DRIVERS = {"psycopg"}  # SQLAlchemy loads it for a PostgreSQL URL; no module of ours imports it
EXTRA_MODULES = {
    "corrections": ("personalization/store.py", "personalization/database.py"),
    "batch": ("batch/*.py", "models/litert_engine.py"),
}
ZOO = ("digits-", "letters-", "alphanumeric-")  # beginnings of the file names of the comparison models
MAX_WHEEL_MB = 15
SLOW_IMPORTS = {
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


def pinned(file: str) -> dict[str, Requirement]:
    """The requirements of a file by name."""
    lines = (ROOT / file).read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith(("-r ", "#"))]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def imported(files: Iterable[Path]) -> set[str]:
    """The distributions that modules import, at their top or inside functions."""
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


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-torch.txt"])
def test_every_requirement_is_pinned(file):
    for requirement in pinned(file).values():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement


def test_pinned_versions_lie_within_the_ranges_of_the_library():
    pins = pinned("requirements.txt") | pinned("requirements-dev.txt")
    for text in [*PROJECT["dependencies"], *EXTRAS["corrections"], *EXTRAS["batch"]]:
        wanted = Requirement(text)
        pin = pins[canonicalize_name(wanted.name)]
        (version,) = (specifier.version for specifier in pin.specifier)
        assert version in wanted.specifier, f"{pin} is not within {wanted}"
        assert pin.extras == wanted.extras


def test_the_app_requires_the_library_corrections_and_streamlit():
    library = names(PROJECT["dependencies"] + EXTRAS["corrections"])
    assert set(pinned("requirements.txt")) == library | APP_ONLY


def test_torch_is_in_a_file_of_its_own():
    assert set(pinned("requirements-torch.txt")) == {"torch"}
    assert "torch" not in pinned("requirements-dev.txt")


def test_every_import_is_required_and_every_requirement_is_imported():
    library = ROOT / "recognizer"
    files = {
        extra: {file for glob in globs for file in library.glob(glob)}
        for extra, globs in EXTRA_MODULES.items()
    }
    core = imported(set(library.rglob("*.py")).difference(*files.values()))
    assert core == names(PROJECT["dependencies"])
    for extra, modules in files.items():
        assert imported(modules) - core == names(EXTRAS[extra]) - DRIVERS, extra


def test_importing_the_library_loads_no_slow_package():
    code = "import json, sys, recognizer; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert not SLOW_IMPORTS & set(json.loads(done.stdout))


def pip(*arguments: str) -> None:
    """Run pip without a network."""
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*command, "--disable-pip-version-check"], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy: the checkout stays as it is, and no earlier build gets into the wheel."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for folder in ("recognizer", "weights", "tests", "pages"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "app.py"):
        shutil.copy(ROOT / file, copy)
    pip("wheel", str(copy), "--no-build-isolation", "--wheel-dir", str(out))
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder with the installed wheel; its requirements are found in the environment of these tests."""
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


def test_the_wheel_holds_the_library_and_its_own_weights(wheel):
    library = {str(path.relative_to(ROOT)) for path in (ROOT / "recognizer").rglob("*.py")}
    weights = {path for path in (ROOT / "weights").rglob("*.*") if path.is_file()}
    zoo = {path for path in weights if path.parent.name == "weights" and path.name.startswith(ZOO)}
    assert zoo
    carried = {f"recognizer/{path.relative_to(ROOT)}" for path in weights - zoo}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == library | carried | {"recognizer/py.typed"}
    assert wheel.stat().st_size < MAX_WHEEL_MB * 1_000_000


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
    answer = json.loads(run(installed, sys.executable, "-c", code, str(five)))
    assert answer == [str(installed / "recognizer" / "__init__.py"), sorted(VIEWS), "5"]


def png(character: str) -> bytes:
    """A picture of one of the characters, as a file."""
    return cv2.imencode(".png", picture(character))[1].tobytes()
