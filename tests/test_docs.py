"""README.md and docs/: snippets print the output shown, links and names exist, printed help is up to date.

python -m tests.test_docs      writes the programs' help into docs/command_line.md
"""

import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests import samples
from tests.test_rooms import ROOMS
from training.tools.browser import ROOT

README = ROOT / "README.md"
COMMAND_LINE = ROOT / "docs" / "command_line.md"
PAGES = [
    *(README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"),
    *(ROOT / "training" / "README.md", *sorted((ROOT / "docs").glob("*.md"))),
]
MAX_README_LINES = 150
TABLE_ROWS = 8  # of the README's figures
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HELP = re.compile(r"^```text\n\$ (python -m [^\n]+ --help)\n.*?^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:recognizer|training|tests|pages|web|weights|docs|deploy)/[\w./-]*\w)`")
MODULE = re.compile(r"python -m ((?:recognizer|training|tests)[\w.]*)")
OUTPUTS = ("weights/NAME.json", "docs/api/index.html")  # a pattern; made by a command
# module paths that documents may name in the column of an earlier version
EARLIER = ROOT / "CHANGELOG.md"


def run(command: str) -> str:
    """What a documented command prints."""
    assert command.startswith("python ")
    environment = os.environ | {"COLUMNS": "100", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, *command.split()[1:]], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_printed_help(text: str) -> str:
    """A document with every block that shows a program's --help written anew."""
    return HELP.sub(lambda block: f"```text\n$ {block[1]}\n{run(block[1]).rstrip()}\n```", text)


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= MAX_README_LINES


def test_the_readme_snippets_print_the_output_shown(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = FENCE.findall(README.read_text())
    names: dict[str, object] = {}
    shown = 0
    for (language, code), (following, output) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language != "python":
            continue
        assert following == "text", "a snippet is followed by its output"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == output
        shown += 1
    assert shown == 3


def test_the_readme_commands_print_the_output_shown():
    blocks = [code for language, code in FENCE.findall(README.read_text()) if language == "console"]
    assert blocks
    for block in blocks:
        command, output = block.removeprefix("$ ").split("\n", 1)
        assert run(command) == output


def test_the_readme_figures_are_measured():
    measured = (ROOT / "docs" / "measured.md").read_text().splitlines()
    rows = re.findall(r"^\| [^|]+ \| (`\w+`) \| ([\d,]+) \| ([\d.]+%) \|$", README.read_text(), re.MULTILINE)
    assert len(rows) == TABLE_ROWS
    for model, number, right in rows:
        assert [row for row in measured if model in row and f"| {number} |" in row and f"| {right} |" in row]


def test_the_sample_pictures_are_drawn_by_this_repository(tmp_path):
    samples.write(tmp_path)
    drawn = sorted(tmp_path.iterdir())
    assert drawn
    for path in drawn:
        assert Image.open(path).size == Image.open(ROOT / "docs" / path.name).size


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page):
    for target, anchor in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_named_file_and_module_exists(page):
    text = page.read_text()
    if page == EARLIER:
        text = text.partition("| 0.1.0 |")[0]
    missing = [path for path in FILE.findall(text) if path not in OUTPUTS and not (ROOT / path).exists()]
    missing += [name for name in MODULE.findall(text) if importlib.util.find_spec(name.rstrip(".")) is None]
    assert not missing


@pytest.mark.parametrize("package", ROOMS)
def test_every_module_is_described(package):
    text = (ROOT / "docs" / "how_it_works.md").read_text()
    modules = {named(path) for path in (ROOT / package).rglob("*.py") if path.name != "__init__.py"}
    assert not sorted(path for path in modules if f"`{path}`" not in text)


def test_the_printed_help_is_up_to_date():
    text = COMMAND_LINE.read_text()
    assert len(HELP.findall(text)) == 7
    assert text == with_printed_help(text), "run python -m tests.test_docs"


if __name__ == "__main__":
    COMMAND_LINE.write_text(with_printed_help(COMMAND_LINE.read_text()))
