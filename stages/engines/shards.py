"""Content-addressed shards: what was computed for a content is never computed again.

One folder per fingerprint (whatever changes a result is in the fingerprint), holding Parquet
files that are only ever added, each in one atomic rename. A kill loses what was not added yet.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stages.contracts.identity import digest

CACHE = ".winnow/cache"
KEY = "content_id"


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
            ids.update(pq.read_table(path, columns=[KEY])[KEY].to_pylist())
        return ids

    def add(self, rows: pa.Table) -> None:
        """Keep `rows`; named by their ids, so adding them twice changes nothing."""
        if not rows.num_rows:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = digest("".join(rows[KEY].to_pylist()).encode())
        partial = self.folder / f"{name}.partial"
        pq.write_table(rows.cast(self.schema), partial)
        os.replace(partial, self.folder / f"{name}.parquet")

    def read(self, content_ids: Iterable[str]) -> pa.Table:
        """The rows of the given contents, sorted by content id, each once."""
        wanted = pa.array(sorted(set(content_ids)), pa.string())
        parts = [self._wanted(path, wanted) for path in self._files()]
        rows = pa.concat_tables([self.schema.empty_table(), *parts])
        # Two runs that overlapped may both have computed a content.
        _, first = _first_of_each(rows[KEY])
        return rows.take(first).sort_by(KEY)

    def _wanted(self, path: Path, wanted: pa.Array) -> pa.Table:
        rows = pq.read_table(path, schema=self.schema)
        return rows.filter(pc.is_in(rows[KEY], wanted))

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))


def _first_of_each(keys: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Distinct keys, and the row number of each key's first row."""
    rows = pa.table({KEY: keys, "row": pa.array(range(len(keys)), pa.int64())})
    firsts = rows.group_by(KEY).aggregate([("row", "min")])
    return firsts[KEY].combine_chunks(), firsts["row_min"].combine_chunks()
