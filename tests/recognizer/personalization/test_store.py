"""The store of corrections, on SQLite and on PostgreSQL (`database_url` in conftest.py)."""

import dataclasses
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from recognizer.errors import CorrectionError, StoreError
from recognizer.personalization.archive import MOST, Correction, packed
from recognizer.personalization.store import Corrections
from training.tools.browser import ROOT

GLYPH = np.arange(784, dtype=np.uint8).reshape(28, 28)
WRITTEN, KILLS = 1000, 10
REST = 0.01  # seconds: so slow, one writer writes as long as the other, which starts eleven times
SECONDS = 240


@pytest.fixture
def kept(database_url) -> Corrections:
    return Corrections(database_url)


def seven(session: str = "mine", **changed) -> Correction:
    return Correction(**({"session": session, "glyph": GLYPH, "label": "7"} | changed))


def test_nothing_is_there_at_first(kept):
    assert kept.of("mine") == []
    assert kept.count("mine") == kept.delete("mine") == 0
    glyphs, labels = kept.glyphs_and_labels("mine", "emnist", 56)
    assert (glyphs.shape, labels) == ((0, 56, 56), [])


def test_what_is_added_comes_back_whole(kept, database_url):
    at = datetime(2026, 1, 31, 12, 30, 15, 123456, UTC)
    given = seven(read="1", model="digits", recipe="mnist", at=at, key="k")
    number = kept.add(given)
    (found,) = Corrections(database_url).of("mine")
    assert found.id == number
    np.testing.assert_array_equal(found.glyph, GLYPH)
    for key in ("session", "label", "read", "model", "recipe", "at", "key"):
        assert getattr(found, key) == getattr(given, key)


def test_glyphs_and_labels_are_in_the_order_they_came(kept):
    for place, label in enumerate("é7,"):
        kept.add(seven(label=label, glyph=np.roll(GLYPH, place), recipe="mnist"))
    glyphs, labels = kept.glyphs_and_labels("mine", "mnist")
    assert labels == ["é", "7", ","]
    np.testing.assert_allclose(glyphs * 255, [np.roll(GLYPH, place) for place in range(3)], atol=1e-3)


def test_added_twice_it_is_kept_once(kept):
    given = seven()
    assert kept.add(given) == kept.add(dataclasses.replace(given, label="1"))
    assert [one.label for one in kept.of("mine")] == ["7"]
    assert kept.add(dataclasses.replace(given, session="yours")) != kept.of("mine")[0].id


def test_deleting_mine_deletes_only_mine(kept):
    mine = [kept.add(seven()) for _ in range(3)]
    yours = [kept.add(seven("yours")) for _ in range(3)]
    assert kept.delete("mine", [mine[1], *yours]) == 1
    assert [one.id for one in kept.of("mine")] == [mine[0], mine[2]]
    assert kept.delete("mine", []) == 0
    assert kept.delete("mine") == 2
    assert kept.of("mine") == []
    assert [one.id for one in kept.of("yours")] == yours


def test_the_mark_changes_with_every_change(kept):
    marks = [kept.mark("mine")]
    for change in (
        lambda: kept.add(seven()),
        lambda: kept.add(seven()),
        lambda: kept.delete("mine", [kept.of("mine")[0].id]),
        lambda: kept.add(seven()),
        lambda: kept.delete("mine", [kept.of("mine")[0].id]),
        lambda: kept.delete("mine"),
    ):
        change()
        marks.append(kept.mark("mine"))
    assert marks[0] == marks[-1] == (0, 0)
    assert len(set(marks)) == len(marks) - 1
    kept.add(seven("yours"))
    assert kept.mark("mine") == (0, 0)


def test_an_export_can_be_taken_in_once(kept):
    for label in "123":
        kept.add(seven(label=label))
    raw = kept.exported("mine")
    assert kept.imported("mine", raw) == 0
    assert kept.imported("yours", raw) == 3
    assert kept.imported("yours", raw) == 0
    for one, other in zip(kept.of("mine"), kept.of("yours"), strict=True):
        assert (one.label, one.at, one.key) == (other.label, other.at, other.key)
        np.testing.assert_array_equal(one.glyph, other.glyph)


def test_a_bad_export_leaves_nothing_behind(kept):
    raw = packed([seven(label="1"), seven(label="2")])
    with pytest.raises(CorrectionError):
        kept.imported("mine", raw[:-40])
    with pytest.raises(CorrectionError, match="session"):
        kept.imported("", raw)
    assert kept.count("mine") == 0


def test_a_session_has_room_for_so_many(kept):
    most = [seven() for _ in range(MOST)]
    assert kept.imported("mine", packed(most)) == MOST
    with pytest.raises(CorrectionError, match="delete some"):
        kept.add(seven())
    with pytest.raises(CorrectionError, match="delete some"):
        kept.imported("mine", packed([seven(), seven()]))
    assert kept.count("mine") == MOST
    assert kept.add(seven("yours"))


def test_without_a_session_nothing_is_kept(kept):
    with pytest.raises(CorrectionError, match="session"):
        kept.add(seven(""))


def test_several_threads_write_at_once(kept):
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda number: kept.add(seven(f"session {number % 2}")), range(200)))
    assert len(set(ids)) == 200
    assert [kept.count(f"session {number}") for number in (0, 1)] == [100, 100]


def test_no_acknowledged_correction_is_lost_or_kept_twice_when_writers_are_killed(database_url):
    dice = random.Random()
    threads = ThreadPoolExecutor(2)
    steady = threads.submit(acknowledged, database_url, "steady", 0, rest=REST)
    said, deaths = [], 0
    while len(said) < WRITTEN:
        left = WRITTEN - len(said)
        killed_after = dice.randrange(left // (KILLS - deaths + 1)) if deaths < KILLS else None
        said += acknowledged(database_url, "killed", len(said), killed_after, pause=dice.random() / 200)
        deaths += killed_after is not None
    assert steady.result(SECONDS) == said == list(range(WRITTEN))
    assert deaths == KILLS
    kept = Corrections(database_url)
    for session in ("steady", "killed"):
        found = kept.of(session)
        assert sorted(one.key for one in found) == sorted(f"{session}-{number}" for number in range(WRITTEN))
        for one in found:
            number = int(one.key.removeprefix(f"{session}-"))
            assert one.label == str(number % 10)
            assert (one.glyph[1:] == number % 256).all()


def acknowledged(
    url: str,
    session: str,
    first: int,
    killed_after: int | None = None,
    pause: float = 0.0,
    rest: float = 0.0,
) -> list[int]:
    """The numbers that a writer said; it is killed a pause (s) after so many of them, or ends by itself."""
    arguments = [url, session, first, WRITTEN, rest]
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.corrections_writer", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    if killed_after is not None:
        said = [int(writer.stdout.readline()) for _ in range(killed_after)]
        time.sleep(pause)
        writer.kill()
    watch = threading.Timer(SECONDS, writer.kill)
    watch.start()
    said += [int(line) for line in writer.stdout]  # communicate() would not see what readline() read ahead
    watch.cancel()
    assert writer.wait(SECONDS) == (0 if killed_after is None else -signal.SIGKILL)
    return said


def test_a_database_that_breaks_later_is_said(tmp_path):
    file = tmp_path / "corrections.sqlite"
    kept = Corrections(file)
    kept.add(seven())
    kept._engine.dispose()  # the next call opens it anew
    file.write_bytes(b"no database any more" * 1000)
    with pytest.raises(StoreError, match="does not answer"):
        kept.add(seven())


def test_importing_the_library_does_not_load_a_database():
    code = "import sys, recognizer; print('sqlalchemy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "False"
