"""Fixtures that several test files share, markers, and the rule that CI skips nothing."""

import os

# Two test files run at once. With more threads each, PyTorch's idle threads spin and slow both down.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import contextlib
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url, text

from recognizer import Recognizer
from recognizer.models.store import WEIGHTS
from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from tests.hostile.watched import MEASURED, Watched
from training.data.datasets import DATA, Samples
from training.labels import DIGITS, NEGATIVE
from training.recipes import TrainingRecipe

NO_SKIPS = "SCRAWL_NO_SKIPS"  # set in CI, where everything is installed: a skipped test fails
POSTGRES = "SCRAWL_TEST_POSTGRES"  # the URL of a server where tests may make databases

# a network that trains in a moment
RECIPE = TrainingRecipe(
    "digits-small",
    (*DIGITS, NEGATIVE),
    "mnist",
    "mnist",
    settings={"widths": (16, 16, 16), "blocks": (1, 1)},
    epochs=2,
    batch_size=16,
)


@pytest.fixture
def copied(tmp_path):
    """A folder with the weights and the card of digits-mlp, to be damaged."""
    for path in WEIGHTS.glob("digits-mlp.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def own_main(monkeypatch):
    """AppTest leaves its script as the main module when a page raises; new processes would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def data_dir():
    if not (DATA / "wild").is_dir():
        pytest.skip(
            f"needs the data sets: set SCRAWL_DATA to a folder with mnist/, nist/ and wild/ (not {DATA})"
        )
    return DATA


@pytest.fixture(scope="session")
def samples() -> Samples:
    """Digits written down in tests.characters, eight of each."""
    labels = [label for label in STROKES if label.isdigit()] * 8
    images = [glyph(1 - picture(label).astype(np.float32) / 255, "mnist") for label in labels]
    allowed = np.array([[label == name for name in RECIPE.classes] for label in labels])
    return Samples(
        np.rint(255 * np.stack(images)).astype(np.uint8),
        allowed,
        np.array(labels),
        {"drawn": "0" * 64},
        np.full(len(RECIPE.classes), 1 / len(RECIPE.classes)),
    )


@pytest.fixture(scope="session")
def digits() -> Recognizer:
    return Recognizer.load("digits")


@pytest.fixture(scope="session")
def letters() -> Recognizer:
    return Recognizer.load("letters")


@pytest.fixture(scope="session")
def alphanumeric() -> Recognizer:
    return Recognizer.load("alphanumeric")


@pytest.fixture(scope="session")
def anything() -> Recognizer:
    return Recognizer.load("anything")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: a file, and one of a PostgreSQL server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'corrections.sqlite'}"
        return
    if POSTGRES not in os.environ:
        pytest.skip(f"needs a PostgreSQL server: set {POSTGRES} to its URL")
    name = f"scrawl_test_{uuid.uuid4().hex}"
    address = make_url(os.environ[POSTGRES]).set(drivername="postgresql+psycopg")
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield address.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def pytest_collection_modifyitems(config, items):
    """Mark tests that need data or a browser; skip slow ones unless CI or a -m expression asks for them."""
    skip_slow = not (os.environ.get(NO_SKIPS) or config.option.markexpr)
    for item in items:
        if "data_dir" in item.fixturenames:
            item.add_marker("data")
        if "needs_chromium" in item.fixturenames:
            item.add_marker("browser")
        if skip_slow and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason=f"slow: run with -m slow, or set {NO_SKIPS}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get(NO_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where {NO_SKIPS} is set: {report.longrepr}"
    return report


@pytest.fixture(scope="module")
def watched():
    """A process that reads hostile files, and how long and how much memory each took."""
    if not MEASURED:
        pytest.skip("needs a Linux, where a process can measure its peak of memory again and again")
    with contextlib.closing(Watched()) as process:
        yield process
