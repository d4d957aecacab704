"""Content-addressed shards: what was computed for a content is never computed again.

One folder per fingerprint (whatever changes a result is in the fingerprint), holding Parquet
files that are only ever added, each in one atomic rename. A kill loses what was not added yet.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stages.contracts.errors import TableError
from stages.contracts.identity import digest

CACHE = ".winnow/cache"
KEY = "content_id"
GROUP_ROWS = 256
"""Rows of one Parquet row group: what is read at least when a single content is asked for."""

PLAIN = {"compression": "NONE", "use_dictionary": False, "write_statistics": [KEY]}
"""How they are written: vectors and JPEGs are never the same twice, so looking for what repeats in them takes time and
makes them larger."""


class Shards:
    """Rows by content id, in Parquet files below `folder`.

    Parameters
    ----------
    folder : usually ``.winnow/cache/<stage>-<fingerprint>``.
    schema : of the rows; has a column `content_id`.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema

    def known(self) -> set[str]:
        """Content ids that need not be computed."""
        ids: set[str] = set()
        for path in self._files():
            ids.update(self._rows(path, [KEY])[KEY].to_pylist())
        return ids

    def add(self, rows: pa.Table) -> None:
        """Keep `rows`; named by their ids, so adding them twice changes nothing."""
        if not rows.num_rows:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = rows.cast(self.schema).sort_by(KEY)
        name = digest("".join(rows[KEY].to_pylist()).encode())
        partial = self.folder / f"{name}.partial"
        pq.write_table(rows, partial, row_group_size=GROUP_ROWS, **PLAIN)
        os.replace(partial, self.folder / f"{name}.parquet")

    def read(self, content_ids: Iterable[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of the given contents, sorted by content id, each once.

        Parameters
        ----------
        content_ids : those that no shard has are left out.
        columns : names, `content_id` among them; all of them if not given. The others are not read from disk.
        """
        wanted = sorted(set(content_ids))
        names = list(columns or self.schema.names)
        none = pa.schema([self.schema.field(name) for name in names]).empty_table()
        if not wanted:
            return none
        # The range lets Parquet pass by whole row groups; the list alone would not.
        chosen = pc.field(KEY).isin(wanted) & (pc.field(KEY) >= wanted[0]) & (pc.field(KEY) <= wanted[-1])
        rows = pa.concat_tables([none, *(self._rows(path, names, chosen) for path in self._files())])
        # Two runs that overlapped may both have computed a content.
        return rows.take(_first_of_each(rows[KEY])).sort_by(KEY)

    def _rows(self, path: Path, columns: list[str], chosen: pc.Expression | None = None) -> pa.Table:
        try:
            return pq.read_table(path, columns=columns, schema=self.schema, filters=chosen)
        except (pa.ArrowException, OSError) as error:
            raise TableError(
                "a kept result cannot be read",
                where=path,
                got=error,
                do=f"delete {path}; what it held is computed anew",
            ) from error

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))


def _first_of_each(keys: pa.ChunkedArray) -> pa.Array:
    """The row number of each distinct key's first row."""
    rows = pa.table({KEY: keys, "row": pa.array(range(len(keys)), pa.int64())})
    return rows.group_by(KEY).aggregate([("row", "min")])["row_min"].combine_chunks()
