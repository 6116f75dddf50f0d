"""The API reference: docs/api.md generates it from docstrings, and they describe everything that it shows."""

import importlib
import inspect
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pdoc import doc

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    "recognizer",
    "recognizer.io.export",
    "recognizer.io.decoding",
    "recognizer.personalization.store",
    "recognizer.batch.job",
]
SHOWN = [member for name in MODULES for member in doc.Module(importlib.import_module(name)).members.values()]
CLASSES = [member for member in SHOWN if isinstance(member, doc.Class)]
MEMBERS = [
    (kind, member) for kind in CLASSES for member in kind.own_members if not member.name.startswith("_")
]
FUNCTIONS = [
    member for member in [*SHOWN, *(member for _, member in MEMBERS)] if isinstance(member, doc.Function)
]


def section(shown: doc.Doc, title: str) -> str:
    """A section of a Google-style docstring; "" if it has none."""
    return inspect.cleandoc(shown.docstring).partition(f"\n{title}:\n")[2].partition("\n\n")[0]


def test_the_documented_command_generates_the_reference(tmp_path):
    text = (ROOT / "docs" / "api.md").read_text().replace("\\\n", " ")
    (line,) = re.findall(r"^ *python -m (pdoc .+)$", text, re.MULTILINE)
    arguments = shlex.split(line)
    assert arguments[-len(MODULES) :] == MODULES
    arguments[arguments.index("docs/api")] = str(tmp_path)
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, check=True)
    pages = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.html")}
    assert pages == {"index", *(name.replace(".", "/") for name in MODULES)}  # no internal modules
    assert 'id="Recognizer.adapted"' in (tmp_path / "recognizer.html").read_text()
    assert not [path for path in tmp_path.rglob("*.*") if str(ROOT) in path.read_text()]


def test_the_reference_shows_the_public_names():
    names = {member.fullname for member in [*SHOWN, *(member for _, member in MEMBERS)]}
    assert {"recognizer.Recognizer", "recognizer.available_models", "recognizer.io.export.to_csv"} <= names
    assert {"recognizer.Recognizer.load", "recognizer.Reading.text", "recognizer.Character.box"} <= names


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.fullname)
def test_every_public_name_has_a_docstring(shown):
    assert shown.docstring


@pytest.mark.parametrize(("kind", "member"), MEMBERS, ids=lambda shown: shown.name)
def test_every_member_is_described(kind, member):
    assert member.docstring or f"    {member.name}: " in section(kind, "Attributes")


@pytest.mark.parametrize(
    "function",  # every function of the store takes the same session, which the module describes once
    [function for function in FUNCTIONS if function.modulename != "recognizer.personalization.store"],
    ids=lambda shown: shown.fullname,
)
def test_every_argument_and_return_value_is_described(function):
    described = re.findall(r"^    ([\w, ]+): ", section(function, "Args"), re.MULTILINE)
    parameters = [name for name in function.signature.parameters if name not in ("self", "cls")]
    assert ", ".join(described).split(", ") == (parameters or [""])
    returns = str(function.signature.return_annotation)
    if "ndarray" in returns or "None" in returns:  # an array needs its shape, None the case it stands for
        assert section(function, "Returns") or section(function, "Yields"), returns
