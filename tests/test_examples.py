"""docs/examples: each script prints the text in its docstring."""

import inspect
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "examples"


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.py")), ids=lambda script: script.stem)
def test_example_prints_the_text_in_its_docstring(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # some examples write files
    ran = runpy.run_path(str(script), run_name="__main__")
    expected = inspect.cleandoc(ran["__doc__"]).partition("Prints:\n")[2]
    assert capsys.readouterr().out == inspect.cleandoc(expected) + "\n"


def test_there_are_examples():
    assert len(list(FOLDER.glob("*.py"))) >= 6
