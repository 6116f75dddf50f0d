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
        assert parts.join(CHARACTERS) == (4, 2)
    table = pq.read_table(out)
    assert table.schema.equals(CHARACTERS)
    assert table["file"].to_pylist() == ["a", "b", "c", "d"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


def test_after_a_kill_the_parts_show_what_was_read(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        assert parts.is_new("a")
        parts.add(rows("a", "b"), 0)
    with Parts(out, JOB) as parts:
        assert [parts.is_new(name) for name in "abcc"] == [False, False, True, False]
        parts.add(rows("c"), 2)
        assert parts.join(CHARACTERS) == (3, 0)


def test_an_unfinished_part_does_not_count(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        parts.add(rows("a"), 0)
    (part,) = (tmp_path / "out.parquet.parts").glob("*.parquet")
    part.with_name(part.name + ".partial").write_bytes(part.read_bytes()[:100])
    part.unlink()
    with Parts(out, JOB) as parts:
        assert parts.is_new("a")


def test_a_job_killed_after_its_table_was_written_can_finish(tmp_path):
    out = tmp_path / "out.parquet"
    parts = Parts(out, JOB)
    parts.add(rows("a"), 0)
    parts.join(CHARACTERS)
    parts._finished = False  # killed before its parts were removed
    parts.__exit__()
    with Parts(out, JOB) as parts:
        assert not parts.is_new("a")
        assert parts.join(CHARACTERS) == (1, 0)
    assert pq.read_table(out)["file"].to_pylist() == ["a"]


def test_an_existing_file_is_not_overwritten(tmp_path):
    out = tmp_path / "out.parquet"
    out.write_text("mine")
    with pytest.raises(TableError, match="exists already"):
        Parts(out, JOB)
    assert out.read_text() == "mine"


def test_parts_of_a_job_with_other_settings_are_refused(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB):
        pass
    with pytest.raises(TableError, match=r"started with .*digits.*not with .*letters"):
        Parts(out, {"model": "letters"})
    with Parts(out, JOB):  # the refusal unlocked them
        pass


def test_a_second_process_cannot_write_the_same_table(tmp_path):
    out = tmp_path / "out.parquet"
    with Parts(out, JOB), pytest.raises(TableError, match="another process"):
        Parts(out, JOB)


def test_an_unwritable_path_is_refused(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TableError, match="cannot be written"):
        Parts(tmp_path / "file" / "out.parquet", JOB)


def test_memory_does_not_depend_on_the_number_of_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("recognizer.batch.table.ROW_GROUP_ROWS", 10)
    out = tmp_path / "out.parquet"
    with Parts(out, JOB) as parts:
        for number in range(12):
            parts.add(rows(*(f"{number}-{place}" for place in range(4))), number)
        assert parts.join(CHARACTERS) == (48, 0)
    groups = pq.ParquetFile(out)
    assert max(groups.metadata.row_group(number).num_rows for number in range(groups.num_row_groups)) == 12


def test_a_blank_page_differs_from_one_that_cannot_be_read(tmp_path):
    out = tmp_path / "out.parquet"
    read = [
        {"file": "a", "page": 1, "text": "", "characters": []},
        {"file": "b", "page": 1, "error": "cut short"},
    ]
    with Parts(out, JOB) as parts:
        parts.add(pa.Table.from_pylist(read, PAGES), 0)
        assert parts.join(PAGES) == (2, 1)
    assert pq.read_table(out)["characters"].to_pylist() == [[], None]
