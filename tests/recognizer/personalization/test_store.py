"""The store of corrections, on SQLite and on PostgreSQL (fixture `database_url` in conftest.py)."""

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
from recognizer.personalization.archive import MAX_CORRECTIONS, Correction, to_zip
from recognizer.personalization.store import Corrections
from training.tools.browser import ROOT

GLYPH = np.arange(784, dtype=np.uint8).reshape(28, 28)
CORRECTIONS, KILLS = 1000, 10  # of each writer; how often one of them is killed
PAUSE = 0.01  # seconds after each correction: the steady writer then takes as long as the killed one
TIMEOUT = 240  # seconds


@pytest.fixture
def store(database_url) -> Corrections:
    return Corrections(database_url)


def correction(session: str = "mine", **fields) -> Correction:
    return Correction(**({"session": session, "glyph": GLYPH, "label": "7"} | fields))


def test_new_database_is_empty(store):
    assert store.of("mine") == []
    assert store.count("mine") == store.delete("mine") == 0
    glyphs, labels = store.glyphs_and_labels("mine", "emnist", 56)
    assert (glyphs.shape, labels) == ((0, 56, 56), [])


def test_added_correction_comes_back_whole(store, database_url):
    at = datetime(2026, 1, 31, 12, 30, 15, 123456, UTC)
    added = correction(read="1", model="digits", recipe="mnist", at=at, key="k")
    number = store.add(added)
    (stored,) = Corrections(database_url).of("mine")
    assert stored.id == number
    np.testing.assert_array_equal(stored.glyph, GLYPH)
    for field in ("session", "label", "read", "model", "recipe", "at", "key"):
        assert getattr(stored, field) == getattr(added, field)


def test_glyphs_and_labels_are_in_the_order_of_adding(store):
    for shift, label in enumerate("é7,"):
        store.add(correction(label=label, glyph=np.roll(GLYPH, shift), recipe="mnist"))
    glyphs, labels = store.glyphs_and_labels("mine", "mnist")
    assert labels == ["é", "7", ","]
    np.testing.assert_allclose(glyphs * 255, [np.roll(GLYPH, shift) for shift in range(3)], atol=1e-3)


def test_same_key_is_stored_once_in_each_session(store):
    first = correction()
    assert store.add(first) == store.add(dataclasses.replace(first, label="1"))
    assert [stored.label for stored in store.of("mine")] == ["7"]
    assert store.add(dataclasses.replace(first, session="yours")) != store.of("mine")[0].id


def test_delete_does_not_touch_other_sessions(store):
    mine = [store.add(correction()) for _ in range(3)]
    yours = [store.add(correction("yours")) for _ in range(3)]
    assert store.delete("mine", [mine[1], *yours]) == 1
    assert [stored.id for stored in store.of("mine")] == [mine[0], mine[2]]
    assert store.delete("mine", []) == 0
    assert store.delete("mine") == 2
    assert store.of("mine") == []
    assert [stored.id for stored in store.of("yours")] == yours


def test_every_change_gives_a_new_revision(store):
    revisions = [store.revision("mine")]
    for change in (
        lambda: store.add(correction()),
        lambda: store.add(correction()),
        lambda: store.delete("mine", [store.of("mine")[0].id]),
        lambda: store.add(correction()),
        lambda: store.delete("mine", [store.of("mine")[0].id]),
        lambda: store.delete("mine"),
    ):
        change()
        revisions.append(store.revision("mine"))
    assert revisions[0] == revisions[-1] == (0, 0)
    assert len(set(revisions)) == len(revisions) - 1
    store.add(correction("yours"))
    assert store.revision("mine") == (0, 0)


def test_export_is_imported_once_in_each_session(store):
    for label in "123":
        store.add(correction(label=label))
    raw = store.export_zip("mine")
    assert store.import_zip("mine", raw) == 0
    assert store.import_zip("yours", raw) == 3
    assert store.import_zip("yours", raw) == 0
    for mine, yours in zip(store.of("mine"), store.of("yours"), strict=True):
        assert (mine.label, mine.at, mine.key) == (yours.label, yours.at, yours.key)
        np.testing.assert_array_equal(mine.glyph, yours.glyph)


def test_damaged_export_stores_nothing(store):
    raw = to_zip([correction(label="1"), correction(label="2")])
    with pytest.raises(CorrectionError):
        store.import_zip("mine", raw[:-40])
    with pytest.raises(CorrectionError, match="session"):
        store.import_zip("", raw)
    assert store.count("mine") == 0


def test_session_stores_at_most_max_corrections(store):
    corrections = [correction() for _ in range(MAX_CORRECTIONS)]
    assert store.import_zip("mine", to_zip(corrections)) == MAX_CORRECTIONS
    with pytest.raises(CorrectionError, match="delete some"):
        store.add(correction())
    with pytest.raises(CorrectionError, match="delete some"):
        store.import_zip("mine", to_zip([correction(), correction()]))
    assert store.count("mine") == MAX_CORRECTIONS
    assert store.add(correction("yours"))


def test_correction_without_a_session_is_refused(store):
    with pytest.raises(CorrectionError, match="session"):
        store.add(correction(""))


def test_eight_threads_write_at_once(store):
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda number: store.add(correction(f"session {number % 2}")), range(200)))
    assert len(set(ids)) == 200
    assert [store.count(f"session {number}") for number in (0, 1)] == [100, 100]


@pytest.mark.slow
def test_killed_writers_neither_lose_nor_repeat_an_acknowledged_correction(database_url):
    dice = random.Random()
    threads = ThreadPoolExecutor(2)
    steady = threads.submit(acknowledged_numbers, database_url, "steady", 0, pause=PAUSE)
    acknowledged, kills = [], 0
    while len(acknowledged) < CORRECTIONS:
        left = CORRECTIONS - len(acknowledged)
        killed_after = dice.randrange(left // (KILLS - kills + 1)) if kills < KILLS else None
        acknowledged += acknowledged_numbers(
            database_url, "killed", len(acknowledged), killed_after, delay=dice.random() / 200
        )
        kills += killed_after is not None
    assert steady.result(TIMEOUT) == acknowledged == list(range(CORRECTIONS))
    assert kills == KILLS
    store = Corrections(database_url)
    for session in ("steady", "killed"):
        stored = store.of(session)
        expected_keys = {f"{session}-{number}" for number in range(CORRECTIONS)}
        assert len(stored) == CORRECTIONS
        assert {one.key for one in stored} == expected_keys
        for one in stored:
            number = int(one.key.removeprefix(f"{session}-"))
            assert one.label == str(number % 10)
            assert (one.glyph[1:] == number % 256).all()


def acknowledged_numbers(
    url: str,
    session: str,
    first: int,
    killed_after: int | None = None,
    delay: float = 0.0,
    pause: float = 0.0,
) -> list[int]:
    """Run a writer (tests/corrections_writer.py) from correction `first` on.

    Args:
        url: of the database.
        session: of the corrections.
        first: number of the first correction.
        killed_after: how many acknowledged corrections to wait for; None: the writer ends by itself.
        delay: seconds from there to the kill.
        pause: seconds that the writer waits after each correction.

    Returns:
        The numbers of all corrections that the writer acknowledged.
    """
    arguments = [url, session, first, CORRECTIONS, pause]
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.corrections_writer", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    numbers = []
    if killed_after is not None:
        numbers = [int(writer.stdout.readline()) for _ in range(killed_after)]
        time.sleep(delay)
        writer.kill()
    watchdog = threading.Timer(TIMEOUT, writer.kill)
    watchdog.start()
    numbers += [int(line) for line in writer.stdout]  # communicate() would miss what readline() buffered
    watchdog.cancel()
    assert writer.wait(TIMEOUT) == (0 if killed_after is None else -signal.SIGKILL)
    return numbers


def test_database_damaged_while_open_gives_a_store_error(tmp_path):
    file = tmp_path / "corrections.sqlite"
    store = Corrections(file)
    store.add(correction())
    store._engine.dispose()  # the next call opens the file again
    file.write_bytes(b"no database any more" * 1000)
    with pytest.raises(StoreError, match="does not answer"):
        store.add(correction())


def test_importing_the_library_does_not_import_sqlalchemy():
    code = "import sys, recognizer; print('sqlalchemy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "False"
