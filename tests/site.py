"""The page of training.tools.export_web, built once for all tests, and its modules in a Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import locket
import pytest

from training.evaluation.web import served
from training.tools.browser import chromium, find_chromium
from training.tools.export_web import PAGE, ExportError, export

SECONDS = 60_000  # ms, as Playwright counts


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that it is in; processes of one test run share it."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):  # of one of several test processes
        shared = shared.parent
    with locket.lock_file(str(shared / "site.lock")):
        if not (shared / "site").exists():
            try:
                export(shared / "site")
            except ExportError as error:
                pytest.skip(f"needs the runtime: {error}")
    return shared / "site"


@pytest.fixture(scope="module")
def modules() -> Iterator[Any]:
    """A page from which the modules in web/ can be imported."""
    if not find_chromium():
        pytest.skip("needs a Chromium: install your system's package chromium")
    with served(PAGE) as sources, chromium() as page:
        page.goto(sources.address + "LICENSE-LiteRT.txt")
        yield page
