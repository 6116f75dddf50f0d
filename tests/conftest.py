"""What several test files share: the data folder, and the rule that nothing skips where all is there."""

import os

import pytest

from recognizer import Recognizer
from training.datasets import DATA

NO_SKIPS = "SCRAWL_NO_SKIPS"  # set where the data and a browser are there: a skipped test then fails


@pytest.fixture(scope="session")
def data_dir():
    if not (DATA / "wild").is_dir():
        pytest.skip(
            f"needs the data sets: set SCRAWL_DATA to a folder with mnist/, nist/ and wild/ (not {DATA})"
        )
    return DATA


@pytest.fixture(scope="session")
def digits() -> Recognizer:
    return Recognizer.load("digits")


@pytest.fixture(scope="session")
def letters() -> Recognizer:
    return Recognizer.load("letters")


@pytest.fixture(scope="session")
def alphanumeric() -> Recognizer:
    return Recognizer.load("alphanumeric")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get(NO_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where {NO_SKIPS} is set: {report.longrepr}"
    return report
