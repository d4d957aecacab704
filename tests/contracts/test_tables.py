from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.tables import Column, Table

FRUIT = Table(
    name="fruit",
    path="data/fruit.parquet",
    key=("name",),
    made_by="pick",
    columns=(
        Column("name", pa.string(), "what it is called"),
        Column("colour", pa.string(), "red or green", values=("red", "green")),
        Column("weight", pa.float32(), "kilograms", nullable=True, low=0, high=5),
    ),
)


def rows(**changes: list) -> pd.DataFrame:
    return pd.DataFrame({"name": ["pear", "apple"], "colour": ["green", "red"], "weight": [0.2, None], **changes})


def test_what_is_written_is_read_sorted_by_key(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path)
    assert tables.read(FRUIT, tmp_path)["name"].tolist() == ["apple", "pear"]


def test_the_order_of_rows_does_not_change_the_bytes(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path)
    first = (tmp_path / FRUIT.path).read_bytes()
    tables.write(FRUIT, rows().iloc[::-1], tmp_path)
    assert (tmp_path / FRUIT.path).read_bytes() == first


def test_no_partial_file_is_left(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["fruit.parquet"]


def test_an_empty_table_keeps_its_types(tmp_path: Path) -> None:
    tables.write(FRUIT, tables.empty(FRUIT), tmp_path)
    assert pq.read_schema(tmp_path / FRUIT.path).types == FRUIT.schema.types
    assert tables.read(FRUIT, tmp_path).empty


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ["pear", "pear"]}, "same key"),
        ({"name": ["pear", None]}, "null"),
        ({"colour": ["green", "blue"]}, "unknown word"),
        ({"weight": [0.2, 9.0]}, "out of range"),
        ({"weight": ["heavy", "light"]}, "does not convert"),
        ({"extra": [1, 2]}, "wrong columns"),
    ],
)
def test_a_table_that_breaks_its_declaration_is_not_written(tmp_path: Path, changes: dict, said: str) -> None:
    with pytest.raises(TableError, match=said):
        tables.write(FRUIT, rows(**changes), tmp_path)
    assert not (tmp_path / FRUIT.path).exists()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        tables.write(FRUIT, rows().drop(columns="colour"), tmp_path)
    assert raised.value.got == "missing colour"


def test_a_nan_is_no_number_even_where_nulls_are_allowed() -> None:
    data = pa.table({"name": ["a"], "colour": ["red"], "weight": pa.array([float("nan")], pa.float32())})
    with pytest.raises(TableError, match="out of range"):
        tables.check(FRUIT, data)


def test_a_missing_table_says_which_stage_makes_it(tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        tables.read(FRUIT, tmp_path)
    assert raised.value.do == "dvc repro pick"


def test_a_file_that_is_no_table_is_told_not_thrown(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / FRUIT.path).write_text("pear, apple")
    with pytest.raises(TableError, match="cannot be read"):
        tables.read(FRUIT, tmp_path)


def test_a_table_edited_by_hand_is_checked_when_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pandas(rows(colour=["green", "blue"])), tmp_path / FRUIT.path)
    with pytest.raises(TableError, match="unknown word"):
        tables.read(FRUIT, tmp_path)


def test_provenance_comes_back(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path, {"encoder": "packaged", "inputs": {"a": "1"}})
    assert tables.metadata(FRUIT, tmp_path) == {"encoder": "packaged", "inputs": {"a": "1"}}
    assert tables.fact(FRUIT, "encoder", tmp_path) == "packaged"


def test_without_a_table_there_is_no_provenance(tmp_path: Path) -> None:
    assert tables.metadata(FRUIT, tmp_path) == {}


def test_a_fact_that_is_not_there_says_which_stage_to_run(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path)
    with pytest.raises(TableError, match="fruit lacks `quality`") as raised:
        tables.fact(FRUIT, "quality", tmp_path)
    assert raised.value.do == "dvc repro --force pick"


def test_provenance_of_a_damaged_file_is_told_not_thrown(tmp_path: Path) -> None:
    tables.write(FRUIT, rows(), tmp_path)
    path = tmp_path / FRUIT.path
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(TableError, match=r"fruit\.parquet cannot be read") as raised:
        tables.metadata(FRUIT, tmp_path)
    assert raised.value.do == "delete it, then dvc repro pick"


def test_a_table_prints_its_columns_with_their_meanings() -> None:
    assert str(FRUIT) == (
        "fruit (data/fruit.parquet), key name\n"
        "  name    string                   what it is called\n"
        "  colour  string                   red or green\n"
        "  weight  float?                   kilograms"
    )
