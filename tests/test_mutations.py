"""Files damaged at random; `python -m tests.hostile.fuzz` tries many more."""

import pytest

from recognizer.io.decoding import load_image
from tests.hostile.fuzz import outcomes, table
from tests.hostile.mutations import mutation
from tests.hostile.seeds import seeds
from tests.hostile.watched import GOOD, assert_bounded

pytestmark = pytest.mark.slow

MUTATIONS = 240


def test_damaged_files_of_every_kind(watched, tmp_path):
    found = outcomes(watched, 1, range(MUTATIONS), tmp_path)
    assert set(found) == set(seeds())
    for kind, some in found.items():
        assert {outcome.said for outcome in some} == set(GOOD), f"{kind}: see {tmp_path}"
        for outcome in some:
            assert_bounded(outcome)


def test_undamaged_files_are_read():
    for some in seeds().values():
        for raw in some:
            assert min(load_image(raw).shape[:2]) >= 61


def test_a_mutation_is_the_same_each_time():
    first = [mutation(3, number) for number in range(40)]
    seeds.cache_clear()
    assert [mutation(3, number) for number in range(40)] == first
    assert mutation(4, 0) != first[0]


def test_a_crash_is_seen_and_its_file_is_kept(watched, tmp_path, capsys):
    found = outcomes(watched, 0, [9], tmp_path, fault="crash")
    damaged = mutation(0, 9)
    assert [outcome.said for outcome in found[damaged.kind]] == ["crash"]
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == damaged.raw
    assert f"seed 0, number 9, {damaged.kind} ({damaged.how}): {kept}" in capsys.readouterr().err
    assert table(found)[-1].startswith("| all | 1 | 0 | 0 | 1 | 0 |")


def test_what_hangs_is_stopped_and_the_next_is_read(watched):
    assert watched.tried(case="two pixels", fault="hang", patience=0.5).said == "hang"
    assert watched.tried(case="two pixels").said == "read"
