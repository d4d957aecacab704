from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stages.contracts.errors import SetupError, TableError
from stages.contracts.identity import digest
from stages.engines.shards import GROUP_ROWS, Shards

SCHEMA = pa.schema([("content_id", pa.string()), ("value", pa.float64()), ("picture", pa.binary())])


def ids(*numbers: int) -> list[str]:
    return [digest(str(number).encode()) for number in numbers]


def rows(*numbers: int) -> pa.Table:
    values = {
        "content_id": ids(*numbers),
        "value": [float(n) for n in numbers],
        "picture": [bytes([n % 256]) for n in numbers],
    }
    return pa.table(values, schema=SCHEMA)


def test_nothing_is_known_where_no_folder_is(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "none", SCHEMA)
    assert shards.known() == set()
    assert shards.read(ids(1)).schema == SCHEMA
    assert shards.read(ids(1)).num_rows == 0
    assert not (tmp_path / "none").exists()


def test_what_was_added_is_known_and_read_back_in_order_of_content(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(3, 1))
    shards.add(rows(2))
    assert shards.known() == set(ids(1, 2, 3))
    found = shards.read(ids(1, 2, 3)).to_pydict()
    assert found["content_id"] == sorted(ids(1, 2, 3))
    assert dict(zip(found["content_id"], found["value"], strict=True)) == dict(
        zip(ids(1, 2, 3), (1.0, 2.0, 3.0), strict=True)
    )


def test_only_what_was_asked_for_comes_back(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(*range(10)))
    found = shards.read([*ids(4, 7), *ids(4), *ids(99)])
    assert sorted(found["value"].to_pylist()) == [4.0, 7.0]
    assert shards.read([]).num_rows == 0


def test_columns_are_read_by_name(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(1, 2))
    assert shards.read(ids(1), ["content_id", "picture"]).to_pydict() == {"content_id": ids(1), "picture": [b"\x01"]}


def test_many_rows_in_many_row_groups(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    numbers = range(3 * GROUP_ROWS)
    shards.add(rows(*numbers))
    assert pq.ParquetFile(next(tmp_path.glob("*.parquet"))).num_row_groups == 3
    assert shards.read(ids(*numbers))["content_id"].to_pylist() == sorted(ids(*numbers))


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(1, 2))
    shards.add(rows(2, 1))
    assert len(list(tmp_path.iterdir())) == 1


def test_runs_that_overlapped_give_each_content_once(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(1, 2))
    shards.add(rows(2, 3))
    assert shards.read(ids(1, 2, 3))["content_id"].to_pylist() == sorted(ids(1, 2, 3))


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    Shards(tmp_path, SCHEMA).add(SCHEMA.empty_table())
    assert list(tmp_path.iterdir()) == []


def test_half_a_file_of_a_killed_run_is_passed_by(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    shards.add(rows(1))
    (tmp_path / "0123.partial").write_bytes(b"PAR1 half")
    assert shards.known() == set(ids(1))


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    shards = Shards(tmp_path, SCHEMA)
    (tmp_path / "bad.parquet").write_bytes(b"not parquet")
    with pytest.raises(TableError, match="cannot be read") as raised:
        shards.known()
    assert "bad.parquet" in str(raised.value)


def test_an_object_store_holds_what_a_folder_would(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "measure-1", SCHEMA, "mock:///bucket/prefix")
    assert shards.known() == set()
    shards._remote[0].create_dir("bucket/prefix/measure-1")  # S3 has no folders, and needs none
    for some in ((3, 1), (2,), (3, 1)):
        shards.add(rows(*some))
    assert shards.known() == set(ids(1, 2, 3))
    folder = Shards(tmp_path / "folder", SCHEMA)
    folder.add(rows(1, 2, 3))
    assert shards.read(ids(1, 3), ["content_id", "value"]) == folder.read(ids(1, 3), ["content_id", "value"])
    assert not (tmp_path / "measure-1").exists()


def test_an_address_that_names_no_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be used"):
        Shards(tmp_path, SCHEMA, "nowhere://bucket").known()
