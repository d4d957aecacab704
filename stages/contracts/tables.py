"""What a table is, and its checked reading and writing.

A table is declared once, in ``contracts/schemas/<name>.py``. It is checked when it is read and
when it is written, sorted by its key, written to a temporary file and renamed, so that nobody
ever sees half a table. Where it came from is in the Parquet schema's metadata.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stages.contracts.errors import TableError
from stages.contracts.identity import digest_file, digest_of

if TYPE_CHECKING:
    import pandas as pd  # takes longer to import than some stages to run, and not all of them need it
    from pydantic import BaseModel

METADATA_KEY = b"winnow"


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, its meaning and unit, and which values are right.

    `values` lists the only words allowed; `low` and `high` bound numbers, both inclusive.
    """

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None

    def field(self) -> pa.Field:
        return pa.field(self.name, self.type, nullable=self.nullable, metadata={"meaning": self.meaning})


@dataclass(frozen=True)
class Table:
    """One table: its name, its path below the project's root, its key, its columns, and the stage that makes it."""

    name: str
    path: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    made_by: str

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([column.field() for column in self.columns])

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def __str__(self) -> str:
        width = max(map(len, self.names))
        rows = [
            f"  {c.name:<{width}}  {str(c.type) + ('?' if c.nullable else ''):<24} {c.meaning}" for c in self.columns
        ]
        return "\n".join([f"{self.name} ({self.path}), key {', '.join(self.key)}", *rows])


def empty(table: Table) -> pd.DataFrame:
    """A table of no rows, with the right columns and types."""
    return table.schema.empty_table().to_pandas()


def read(table: Table, root: Path = Path()) -> pd.DataFrame:
    """Read and check a table; nulls are NaN or None as pandas has them.

    Raises
    ------
    TableError : the file is missing, or does not match the declaration.
    """
    return read_arrow(table, root).to_pandas()


def read_arrow(table: Table, root: Path = Path()) -> pa.Table:
    """Like `read`, as an Arrow table: for the large ones, whose lists must not become objects."""
    path = root / table.path
    if not path.exists():
        raise TableError(f"table {table.name} is not there", where=path, do=f"dvc repro {table.made_by}")
    try:
        # As one file: as a data set, which it might be, it takes a module more, and longer.
        with pq.ParquetFile(path) as file:
            data = file.read()
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"table {table.name} cannot be read", where=path, got=error, do=f"dvc repro --force {table.made_by}"
        ) from error
    check(table, data)
    return data.cast(table.schema)


def write(table: Table, rows: pd.DataFrame | pa.Table, root: Path = Path(), provenance: dict | None = None) -> None:
    """Check, sort by key and write a table, in one atomic rename.

    Raises
    ------
    TableError : the rows do not match the declaration.
    """
    data = as_arrow(table, rows)
    check(table, data)
    data = data.sort_by([(name, "ascending") for name in table.key])
    metadata = json.dumps(provenance or {}, sort_keys=True, default=str).encode()
    data = data.replace_schema_metadata({METADATA_KEY: metadata})
    path = root / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    kinds = {place: kind for field in data.schema for place, kind in _leaves(field.type, field.name)}
    numbers = [place for place, kind in kinds.items() if pa.types.is_floating(kind)]
    words = [place for place in kinds if place not in numbers]
    # Numbers that hardly repeat: a dictionary of them is made in vain and then read, which doubles the time of reading
    # vectors. Their bytes apart, by how much each weighs, are smaller and read faster than as they are.
    pq.write_table(data, partial, compression="zstd", use_dictionary=words, use_byte_stream_split=numbers)
    os.replace(partial, path)


def _leaves(kind: pa.DataType, place: str) -> Iterator[tuple[str, pa.DataType]]:
    """The columns that a type becomes in a Parquet file: each one's path and type."""
    if pa.types.is_struct(kind):
        for part in kind:
            yield from _leaves(part.type, f"{place}.{part.name}")
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(kind.value_type, f"{place}.list.element")
    else:
        yield place, kind


def as_arrow(table: Table, rows: pd.DataFrame | pa.Table) -> pa.Table:
    """The declared columns, in the declared order and types.

    Raises
    ------
    TableError : a column is missing or unknown, or does not convert.
    """
    _check_names(table, rows.column_names if isinstance(rows, pa.Table) else list(rows.columns))
    try:
        if isinstance(rows, pa.Table):
            return rows.select(table.names).cast(table.schema)
        return pa.Table.from_pandas(rows[table.names], schema=table.schema, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise TableError(f"table {table.name} does not convert to its types", where=table.path, got=error) from error


def check(table: Table, data: pa.Table) -> None:
    """Hold a table against its declaration.

    Raises
    ------
    TableError : names the table, the column, the rule and the first value that breaks it.
    """
    _check_names(table, data.column_names)
    for column in table.columns:
        _check_column(table, column, data[column.name])
    _check_key(table, data)


def metadata(table: Table, root: Path = Path()) -> dict:
    """The provenance that `write` was given; empty when there is no table.

    Raises
    ------
    TableError : the file is damaged.
    """
    path = root / table.path
    return metadata_of(path, table.made_by) if path.exists() else {}


def metadata_of(path: Path, made_by: str) -> dict:
    """The provenance in a Parquet file; empty when it holds none.

    Raises
    ------
    TableError : the file is damaged.
    """
    try:
        return json.loads((pq.read_schema(path).metadata or {}).get(METADATA_KEY, b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(
            f"{path.name} cannot be read", where=path, got=error, do=f"delete it, then dvc repro {made_by}"
        ) from error


def fact(table: Table, name: str, root: Path = Path()) -> Any:
    """One entry of a table's provenance that is more than its origin, such as the quality of the clustering.

    Raises
    ------
    TableError : it is not there; an older version of the stage made the table.
    """
    found = metadata(table, root).get(name)
    if found is None:
        raise TableError(
            f"table {table.name} lacks `{name}` in its metadata",
            where=root / table.path,
            do=f"dvc repro --force {table.made_by}",
        )
    return found


def origin(section: BaseModel, inputs: list[str], root: Path = Path(), **more: object) -> dict:
    """Provenance of a table: the params section it was made with, and a hash of each input.

    Parameters
    ----------
    section : the stage's params.
    inputs : paths below `root`, files whose bytes count.
    more : further facts to keep beside them, such as the encoder.
    """
    dumped = section.model_dump(mode="json")
    return {
        "params": digest_of(dumped),
        "inputs": {name: digest_file(root / name) for name in inputs},
        **more,
    }


def _check_names(table: Table, names: list[str]) -> None:
    missing = [name for name in table.names if name not in names]
    unknown = [name for name in names if name not in table.names]
    if missing or unknown:
        raise TableError(
            f"table {table.name} has the wrong columns",
            where=table.path,
            expected=", ".join(table.names),
            got="; ".join(
                [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
            ),
            do=f"dvc repro --force {table.made_by}",
        )


def _check_column(table: Table, column: Column, values: pa.ChunkedArray) -> None:
    where = f"{table.path}, column {column.name}"
    if values.type != column.type and not _same_kind(values.type, column.type):
        raise TableError(
            f"table {table.name} has a column of the wrong type", where=where, expected=column.type, got=values.type
        )
    if values.null_count and not column.nullable:
        raise TableError(
            f"table {table.name} lacks values",
            where=where,
            expected="a value in each row",
            got=f"{values.null_count} nulls",
        )
    if column.values is not None:
        found = values.drop_null().unique().to_pylist()
        strange = sorted(set(found) - set(column.values))
        if strange:
            raise TableError(
                f"table {table.name} holds an unknown word",
                where=where,
                expected=", ".join(column.values),
                got=strange[0],
            )
    if column.low is not None or column.high is not None:
        _check_range(table, column, values, where)


def _check_range(table: Table, column: Column, values: pa.ChunkedArray, where: str) -> None:
    numbers = values.drop_null().to_numpy()
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    # NaN fails both comparisons, so it is caught here too: a missing number is a null.
    wrong = numbers[~((numbers >= low) & (numbers <= high))]
    if len(wrong):
        raise TableError(
            f"table {table.name} holds a number out of range",
            where=where,
            expected=f"{low:g} to {high:g}",
            got=f"{wrong[0]} (and {len(wrong) - 1} more)",
        )


def _check_key(table: Table, data: pa.Table) -> None:
    if len(table.key) == 1 and _ascends(data[table.key[0]]):
        return
    count = data.group_by(list(table.key)).aggregate([]).num_rows
    if count != data.num_rows:
        raise TableError(
            f"table {table.name} has rows with the same key",
            where=f"{table.path}, key {', '.join(table.key)}",
            expected="each key once",
            got=f"{data.num_rows} rows, {count} keys",
        )


def _ascends(keys: pa.ChunkedArray) -> bool:
    """Whether each key is greater than the one before, as tables are written: told at a glance, without grouping."""
    return len(keys) < 2 or pc.all(pc.less(keys[:-1], keys[1:]), skip_nulls=False).as_py() is True


def _same_kind(got: pa.DataType, expected: pa.DataType) -> bool:
    """Whether two types differ in width or encoding only (large_string, dictionary)."""
    if pa.types.is_dictionary(got):
        got = got.value_type
    text = (pa.types.is_string, pa.types.is_large_string)
    return (any(t(got) for t in text) and any(t(expected) for t in text)) or got.id == expected.id
