"""Something is missing or broken when the app starts: it shows one message, and the rest works.

Each test breaks a copy of the app, laid out as in the image, and runs it.
"""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pages.common import DATABASE_DOWN
from recognizer.personalization.database import MIGRATIONS
from recognizer.personalization.store import Corrections
from tests.image import Image, lay_out
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow

HAND = "0123456789abcdef" * 2  # a visitor who has agreed to have corrections stored
SECRET = "hunter2"
NO_SERVER = f"postgresql://scrawl:{SECRET}@127.0.0.1:9/corrections"  # nothing listens on this port


@pytest.fixture
def image(tmp_path) -> Image:
    # other users must be able to enter the folders above it
    copy = lay_out(tmp_path / "app")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    return copy


def run_app(image: Image, *steps: dict, prefix: tuple[str, ...] = (), **environment: str) -> tuple[list, str]:
    """Run steps of tests.app_says in the copy: what each shows, and the log. None may end in an exception."""
    path = os.pathsep.join([str(image.folder), str(ROOT)])
    process = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.app_says", json.dumps(steps)],
        cwd=image.folder,
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    answers = json.loads(process.stdout)
    assert [answer["exception"] for answer in answers] == [[]] * len(steps), process.stderr
    for text in (process.stdout, process.stderr):
        assert SECRET not in text
    assert str(image.folder) not in process.stdout  # visitors must not learn where the app is
    return answers, process.stderr


def errors(answer: dict) -> list[str]:
    """The errors on a page, as a visitor sees them."""
    return [text.replace("\\", "") for text in answer["error"]]


def labels_read(answer: dict) -> list[str]:
    """The characters that the Draw page has read."""
    return [text.removeprefix("# ") for text in answer["markdown"] if text.startswith("# ")]


def test_broken_models_are_named_and_the_others_work(image):
    weights = image.folder / "weights"
    with (weights / "characters.keras").open("ab") as file:
        file.write(b"!")
    (weights / "letters-27.json").write_text("{")
    (weights / "lines" / "digits.json").unlink()
    (both, letters, digits, all_models, words, compare), _ = run_app(
        image,
        {"draw": "7"},
        {"zoo": "letters-27"},
        {"zoo": "digits-lenet"},
        {"all": True},
        {"all": False, "write": "Words"},
        {"page": "pages/compare.py"},
        SCRAWL_DATABASE="none.sqlite",
    )
    assert [len(errors(answer)) for answer in (both, letters, digits, words)] == [1, 1, 0, 1]
    assert re.search(r"characters\.keras is not the file .* restore it", errors(both)[0])
    assert re.search(r"the card letters-27\.json cannot be read .* restore it", errors(letters)[0])
    assert labels_read(digits) == ["7"]
    assert re.search(r"characters\.keras is not the file", errors(words)[0])
    assert "letters-27.json" in "".join(errors(compare))
    (table,) = all_models["tables"]
    names = {line.split(",")[0] for line in table.splitlines()[1:]}
    files = {path.stem for path in weights.glob("*.keras")}
    assert names == files - {"characters", "strokes", "letters-27"}


def test_without_weights_every_page_shows_a_message(image):
    (image.folder / "weights").rename(image.folder / "elsewhere")
    (draw, words, photo, hand), _ = run_app(
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
    assert [answer["title"] for answer in (draw, photo, hand)] == [["Draw"], ["Photo"], ["My hand"]]
    assert "forget" in hand["buttons"]  # stored corrections can still be exported and deleted


def test_without_a_database_it_reads_and_says_once_that_nothing_is_saved(image):
    (first, second, hand), log = run_app(
        image,
        {"draw": "7", "model": "Digits", "hand": HAND},
        {"draw": "4"},
        {"page": "pages/handwriting.py"},
        SCRAWL_DATABASE=NO_SERVER,
    )
    assert (labels_read(first), labels_read(second)) == (["7"], ["4"])
    assert (first["toast"], second["toast"]) == ([DATABASE_DOWN], [])
    assert (hand["info"], hand["buttons"]) == ([DATABASE_DOWN], [])
    assert not first["error"] + second["error"] + hand["error"]
    assert "PostgreSQL cannot be opened" in log  # the person who runs it learns why


@pytest.mark.parametrize("url", [NO_SERVER, f"postgresql://scrawl:x@host:{SECRET}", f"mysql://{SECRET}", "/"])
def test_nobody_is_asked_to_agree_if_nothing_can_be_saved(image, url):
    (hand,), log = run_app(image, {"page": "pages/handwriting.py"}, SCRAWL_DATABASE=url)
    assert (hand["info"], hand["buttons"]) == ([DATABASE_DOWN], [])
    assert re.search("cannot be (opened|read)|are not supported", log)


def test_a_database_of_a_newer_version_is_left_alone(image, tmp_path):
    file = tmp_path / "newer.sqlite"
    with Corrections(file)._engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO schema_version VALUES ({len(MIGRATIONS) + 1})")
    (hand,), log = run_app(image, {"page": "pages/handwriting.py"}, SCRAWL_DATABASE=str(file))
    assert hand["info"] == [DATABASE_DOWN]
    assert "update Scrawl" in log


@pytest.mark.parametrize("database_exists", [False, True])
def test_on_a_read_only_disk_it_reads_and_saves_nothing(image, database_exists):
    """Run by a user who may write neither in the app's folder nor at home."""
    if database_exists:
        Corrections(image.folder / "data" / "corrections.sqlite")._engine.dispose()
    for path in (image.folder, *image.folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    prefix = tuple(image.user_prefix())
    if os.access(image.folder, os.W_OK) and not prefix:
        pytest.skip("needs setpriv or a user who is not root: root can write on a read-only disk")
    (draw, hand), log = run_app(
        image,
        {"draw": "7", "model": "Digits", "hand": HAND},
        {"page": "pages/handwriting.py"},
        prefix=prefix,
        HOME="/nonexistent",
        SCRAWL_DATABASE="",
    )
    for path in (image.folder, *image.folder.rglob("*")):
        path.chmod(0o755)  # so that pytest can delete it
    assert labels_read(draw) == ["7"]
    assert draw["toast"] == hand["info"] == [DATABASE_DOWN]
    assert "corrections.sqlite cannot be opened" in log


def test_a_port_in_use_gives_a_message_and_nothing_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = subprocess.run(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true",
             f"--server.port={port}", "--server.address=127.0.0.1"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert process.returncode != 0
    assert f"Port {port} is not available" in process.stdout + process.stderr
    assert "Traceback" not in process.stderr
