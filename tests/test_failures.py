"""What the app does where something is missing or broken at its start: one message, and the rest works.

Each test runs a copy of the app, laid out as in the image and then broken.
"""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pages.common import AWAY
from recognizer.personalization.database import STEPS
from recognizer.personalization.store import Corrections
from tests.image import Image, laid_out
from training.tools.browser import ROOT

HAND = "0123456789abcdef" * 2  # somebody who agreed that corrections are kept
SECRET = "hunter2"
NOBODY = f"postgresql://scrawl:{SECRET}@127.0.0.1:9/corrections"  # a port where nothing answers


@pytest.fixture
def image(tmp_path) -> Image:
    # not in a folder that only its owner may enter
    found = laid_out(tmp_path / "app")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    return found


def says(image: Image, *steps: dict, prefix: tuple[str, ...] = (), **environment: str) -> tuple[list, str]:
    """What the copy says at each step, and what its log says. No step may end in an exception."""
    path = os.pathsep.join([str(image.folder), str(ROOT)])
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.app_says", json.dumps(steps)],
        cwd=image.folder,
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert [one["exception"] for one in answers] == [[]] * len(steps), done.stderr
    for text in (done.stdout, done.stderr):
        assert SECRET not in text
    assert str(image.folder) not in done.stdout  # a person need not know where it is
    return answers, done.stderr


def errors(answer: dict) -> list[str]:
    """The errors that stand on a page, as a person sees them."""
    return [text.replace("\\", "") for text in answer["error"]]


def read(answer: dict) -> list[str]:
    """The characters that are read on the Draw page."""
    return [text.removeprefix("# ") for text in answer["markdown"] if text.startswith("# ")]


def test_broken_models_are_named_and_the_others_go_on_reading(image):
    weights = image.folder / "weights"
    with (weights / "characters.keras").open("ab") as file:
        file.write(b"!")
    (weights / "letters-27.json").write_text("{")
    (weights / "lines" / "digits.json").unlink()
    (both, letters, digits, all_models, words, compare), _ = says(
        image,
        {"draw": "7"},
        {"zoo": "letters-27"},
        {"zoo": "digits-lenet"},
        {"all": True},
        {"all": False, "write": "Words"},
        {"page": "pages/compare.py"},
        SCRAWL_DATABASE="none.sqlite",
    )
    assert [len(errors(one)) for one in (both, letters, digits, words)] == [1, 1, 0, 1]
    assert re.search(r"characters\.keras is not the file .* restore it", errors(both)[0])
    assert re.search(r"the card letters-27\.json cannot be read .* restore it", errors(letters)[0])
    assert read(digits) == ["7"]
    assert re.search(r"characters\.keras is not the file", errors(words)[0])
    assert "letters-27.json" in "".join(errors(compare))
    (table,) = all_models["tables"]
    names = {line.split(",")[0] for line in table.splitlines()[1:]}
    there = {path.stem for path in weights.glob("*.keras")}
    assert names == there - {"characters", "strokes", "letters-27"}


def test_without_weights_there_is_a_message_and_the_pages_stand(image):
    (image.folder / "weights").rename(image.folder / "elsewhere")
    (draw, words, photo, hand), _ = says(
        image,
        {"draw": "7"},
        {"write": "Words"},
        {"page": "pages/photo.py"},
        {"page": "pages/handwriting.py", "hand": HAND},
        SCRAWL_DATABASE="corrections.sqlite",
    )
    for answer in (draw, words, hand):
        (error,) = errors(answer)
        assert "the folder weights/ is missing or empty: restore it" in error
    assert [one["title"] for one in (draw, photo, hand)] == [["Draw"], ["Photo"], ["My hand"]]
    assert "forget" in hand["buttons"]  # what was kept can still be taken along and deleted


def test_without_a_database_it_reads_and_says_once_that_nothing_is_kept(image):
    (first, second, hand), log = says(
        image,
        {"draw": "7", "model": "Digits", "hand": HAND},
        {"draw": "4"},
        {"page": "pages/handwriting.py"},
        SCRAWL_DATABASE=NOBODY,
    )
    assert (read(first), read(second)) == (["7"], ["4"])
    assert (first["toast"], second["toast"]) == ([AWAY], [])
    assert (hand["info"], hand["buttons"]) == ([AWAY], [])
    assert not first["error"] + second["error"] + hand["error"]
    assert "PostgreSQL cannot be opened" in log  # whoever runs it learns why


@pytest.mark.parametrize("url", [NOBODY, f"postgresql://scrawl:x@host:{SECRET}", f"mysql://{SECRET}", "/"])
def test_nobody_is_asked_to_agree_where_nothing_can_be_kept(image, url):
    (hand,), log = says(image, {"page": "pages/handwriting.py"}, SCRAWL_DATABASE=url)
    assert (hand["info"], hand["buttons"]) == ([AWAY], [])
    assert re.search("cannot be (opened|read)|are not supported", log)


def test_a_database_of_a_newer_scrawl_is_left_alone(image, tmp_path):
    file = tmp_path / "newer.sqlite"
    with Corrections(file)._engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO schema_version VALUES ({len(STEPS) + 1})")
    (hand,), log = says(image, {"page": "pages/handwriting.py"}, SCRAWL_DATABASE=str(file))
    assert hand["info"] == [AWAY]
    assert "update Scrawl" in log


@pytest.mark.parametrize("there", [False, True])
def test_on_a_read_only_disk_it_reads_and_keeps_nothing(image, there):
    """As a user who may write neither where the app is nor at home, with and without a database there."""
    if there:
        Corrections(image.folder / "data" / "corrections.sqlite")._engine.dispose()
    for path in (image.folder, *image.folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    prefix = tuple(image.as_user())
    if os.access(image.folder, os.W_OK) and not prefix:
        pytest.skip("needs setpriv, or a user who is not root, for whom a disk can be read-only")
    (draw, hand), log = says(
        image,
        {"draw": "7", "model": "Digits", "hand": HAND},
        {"page": "pages/handwriting.py"},
        prefix=prefix,
        HOME="/nonexistent",
        SCRAWL_DATABASE="",
    )
    for path in (image.folder, *image.folder.rglob("*")):
        path.chmod(0o755)  # for whoever tidies up
    assert read(draw) == ["7"]
    assert draw["toast"] == hand["info"] == [AWAY]
    assert "corrections.sqlite cannot be opened" in log


def test_a_port_in_use_is_said_and_nothing_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true",
             f"--server.port={port}", "--server.address=127.0.0.1"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert f"Port {port} is not available" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
