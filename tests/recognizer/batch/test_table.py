import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recognizer.batch.table import CHARACTERS, PAGES, Parts
from recognizer.errors import TableError

JOB = {"model": "digits"}


def rows(*files: str, error: str | None = None) -> pa.Table:
    return pa.Table.from_pylist([{"file": file, "page": 1, "error": error} for file in files], CHARACTERS)


def test_parts_become_one_table_in_the_order_of_their_numbers(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        parts.add(rows("c", "d"), 2)
        parts.add(rows("a", "b", error="damaged"), 0)
        assert not out.exists()
        assert parts.joined(CHARACTERS) == (4, 2)
    table = pq.read_table(out)
    assert table.schema.equals(CHARACTERS)
    assert table["file"].to_pylist() == ["a", "b", "c", "d"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


def test_who_comes_after_a_kill_knows_what_was_read(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        assert parts.is_new("a")
        parts.add(rows("a", "b"), 0)
    with Parts(out, JOB) as parts:
        assert [parts.is_new(name) for name in "abcc"] == [False, False, True, False]
        parts.add(rows("c"), 2)
        assert parts.joined(CHARACTERS) == (3, 0)


def test_half_a_part_is_none(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        parts.add(rows("a"), 0)
    (part,) = (tmp_path / "out.parquet.parts").glob("*.parquet")
    part.with_name(part.name + ".partial").write_bytes(part.read_bytes()[:100])
    part.unlink()
    with Parts(out, JOB) as parts:
        assert parts.is_new("a")


def test_a_kill_after_the_table_was_made_leaves_nothing_undone(tmp_path):
    out = tmp_path / "out.parquet"
    parts = Parts(out, JOB)
    parts.add(rows("a"), 0)
    parts.joined(CHARACTERS)
    parts._finished = False  # killed before its parts were taken away
    parts.__exit__()
    with Parts(out, JOB) as parts:
        assert not parts.is_new("a")
        assert parts.joined(CHARACTERS) == (1, 0)
    assert pq.read_table(out)["file"].to_pylist() == ["a"]


def test_what_is_there_is_not_written_over(tmp_path):
    out = tmp_path / "out.parquet"
    out.write_text("mine")
    with pytest.raises(TableError, match="there already"):
        Parts(out, JOB)
    assert out.read_text() == "mine"


def test_parts_of_another_job_are_not_mixed(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB):
        pass
    with pytest.raises(TableError, match=r"begun with .*digits.*not with .*letters"):
        Parts(out, {"model": "letters"})
    with Parts(out, JOB):  # and it let go of them
        pass


def test_two_at_once_do_not_make_the_same_table(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB), pytest.raises(TableError, match="another process"):
        Parts(out, JOB)


def test_where_nothing_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TableError, match="cannot be written"):
        Parts(tmp_path / "file" / "out.parquet", JOB)


def test_memory_does_not_depend_on_the_number_of_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("recognizer.batch.table.ROWS", 10)
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        for number in range(12):
            parts.add(rows(*(f"{number}-{place}" for place in range(4))), number)
        assert parts.joined(CHARACTERS) == (48, 0)
    groups = pq.ParquetFile(out)
    assert max(groups.metadata.row_group(one).num_rows for one in range(groups.num_row_groups)) == 12


def test_a_blank_page_and_one_that_cannot_be_read_differ(tmp_path):
    out = tmp_path / "out.parquet"
    read = [
        {"file": "a", "page": 1, "text": "", "characters": []},
        {"file": "b", "page": 1, "error": "cut short"},
    ]
    with Parts(out, JOB) as parts:
        parts.add(pa.Table.from_pylist(read, PAGES), 0)
        assert parts.joined(PAGES) == (2, 1)
    assert pq.read_table(out)["characters"].to_pylist() == [[], None]
