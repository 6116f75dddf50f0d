"""The API reference: it is generated from docstrings, and everything that it shows is described."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pdoc import doc

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    "recognizer",
    "recognizer.io.export",
    "recognizer.io.decoding",
    "recognizer.personalization.store",
    "recognizer.batch.job",
]
SHOWN = [one for name in MODULES for one in doc.Module(importlib.import_module(name)).members.values()]
CLASSES = [one for one in SHOWN if isinstance(one, doc.Class)]
MEMBERS = [(kind, one) for kind in CLASSES for one in kind.own_members if not one.name.startswith("_")]
FUNCTIONS = [one for one in [*SHOWN, *(one for _, one in MEMBERS)] if isinstance(one, doc.Function)]


def section(one: doc.Doc, title: str) -> str:
    """A section of a Google-style docstring; "" where there is none."""
    return inspect.cleandoc(one.docstring).partition(f"\n{title}:\n")[2].partition("\n\n")[0]


def test_it_is_generated(tmp_path):
    command = [sys.executable, "-m", "pdoc", "--docformat", "google", "-o", str(tmp_path), *MODULES]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    pages = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.html")}
    assert pages == {"index", *(name.replace(".", "/") for name in MODULES)}  # no inner rooms
    assert 'id="Recognizer.adapted"' in (tmp_path / "recognizer.html").read_text()
    tells_of_this_machine = [path for path in tmp_path.rglob("*.*") if str(ROOT) in path.read_text()]
    assert not tells_of_this_machine


def test_it_shows_what_is_imported_from_the_library():
    names = {one.fullname for one in [*SHOWN, *(one for _, one in MEMBERS)]}
    assert {"recognizer.Recognizer", "recognizer.available_models", "recognizer.io.export.to_csv"} <= names
    assert {"recognizer.Recognizer.load", "recognizer.Reading.text", "recognizer.Character.box"} <= names


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: one.fullname)
def test_everything_says_what_it_is(one):
    assert one.docstring


@pytest.mark.parametrize(("kind", "one"), MEMBERS, ids=lambda one: one.name)
def test_members_say_what_they_are(kind, one):
    assert one.docstring or f"    {one.name}: " in section(kind, "Attributes")


@pytest.mark.parametrize(
    "one",  # the store's session is everywhere
    [one for one in FUNCTIONS if one.modulename != "recognizer.personalization.store"],
    ids=lambda one: one.fullname,
)
def test_what_goes_in_and_what_comes_out_is_described(one):
    described = re.findall(r"^    ([\w, ]+): ", section(one, "Args"), re.MULTILINE)
    given = [name for name in one.signature.parameters if name not in ("self", "cls")]
    assert ", ".join(described).split(", ") == (given or [""])
    gives = str(one.signature.return_annotation)
    if "ndarray" in gives or "None" in gives:  # of what shape, and when
        assert section(one, "Returns") or section(one, "Yields"), gives
