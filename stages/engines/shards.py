"""Content-addressed shards: what was computed for a content is never computed again.

One folder per fingerprint (whatever changes a result is in the fingerprint), holding Parquet
files that are only ever added, each in one atomic rename. A kill loses what was not added yet.
The files may lie in an object store instead, where an object is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow.fs import FileSelector, FileSystem

from stages.contracts.errors import SetupError, TableError
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
    store : an address (``s3://bucket/prefix``) that the files lie below, in a folder of the same name, instead.
    """

    def __init__(self, folder: Path, schema: pa.Schema, store: str | None = None) -> None:
        self.folder = folder
        self.schema = schema
        self.store = store

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
        rows = rows.cast(self.schema).sort_by(KEY)
        name = digest("".join(rows[KEY].to_pylist()).encode())
        if self.store:
            self._put(rows, f"{name}.parquet")
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # Two nodes of a cluster may write the same shard at once.
        partial = self.folder / f"{name}.{uuid4().hex}.partial"
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

    def _put(self, rows: pa.Table, name: str) -> None:
        """In one go: a file that is written bit by bit might be closed half written when something fails."""
        made = pa.BufferOutputStream()
        pq.write_table(rows, made, row_group_size=GROUP_ROWS, **PLAIN)
        files, place = self._remote
        with self._reached(), files.open_output_stream(f"{place}/{name}") as file:
            file.write(made.getvalue())

    def _rows(self, path: Path | str, columns: list[str], chosen: pc.Expression | None = None) -> pa.Table:
        try:
            return pq.read_table(path, columns=columns, schema=self.schema, filters=chosen, filesystem=self._remote[0])
        except (pa.ArrowException, OSError) as error:
            raise TableError(
                "a kept result cannot be read",
                where=path,
                got=error,
                do=f"delete {path}; what it held is computed anew",
            ) from error

    def _files(self) -> list[Path] | list[str]:
        files, place = self._remote
        if files is None:
            return sorted(self.folder.glob("*.parquet"))
        with self._reached():
            found = files.get_file_info(FileSelector(place, allow_not_found=True))
        return sorted(info.path for info in found if info.path.endswith(".parquet"))

    @cached_property
    def _remote(self) -> tuple[FileSystem | None, str]:
        """What reaches the store, and the folder in it."""
        if not self.store:
            return None, ""
        with self._reached():
            files, place = FileSystem.from_uri(self.store)
        return files, f"{place.rstrip('/')}/{self.folder.name}"

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:
            raise SetupError(
                "the store of measures and vectors cannot be used",
                where=f"params.yaml, machine.shards: {self.store}",
                expected="a bucket that may be listed, read and written from every node",
                got=error,
            ) from None


def _first_of_each(keys: pa.ChunkedArray) -> pa.Array:
    """The row number of each distinct key's first row."""
    rows = pa.table({KEY: keys, "row": pa.array(range(len(keys)), pa.int64())})
    return rows.group_by(KEY).aggregate([("row", "min")])["row_min"].combine_chunks()
