"""Vectors and their ids in LanceDB, an embedded vector database: a folder, no server.

Under `exact_below` rows a search multiplies with every vector. From there on it goes through cells (IVF) of vectors
rounded to eight bits, and ranks what it finds there by the full vectors; how many cells it looks into is measured on
the vectors themselves. With a filter, few that pass are all looked at; many are taken from what is nearest, ever
further out, until there are enough.

The folder holds a Lance table of ids and vectors, which changes in atomic steps, and `record.json`, written last. A
search believes the table only at the version that the record names, so that an update which was killed is noticed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from stages.contracts.errors import TableError
from stages.contracts.json_records import write_text

if TYPE_CHECKING:
    from lancedb import LanceDBConnection
    from lancedb.table import LanceTable

FOLDER = "data/index.lance"
RECORD = "record.json"
TABLE = "vectors"
REFINE = 5
"""full vectors looked at per result, where the first ranking is by rounded ones"""
EVERY_CELL = 1_000_000
FEW = 1_000
"""rows that pass a filter and are all compared; reading them takes no longer than a search"""
FARTHEST = 50_000
"""candidates of a filtered search; were more needed, reading every vector would be quicker"""


@dataclass(frozen=True)
class Record:
    """What the index was made from, and how it is searched.

    made_from : whatever makes a content's vector (encoder, weights, engine).
    ids : digest of the ids, sorted.
    version : of the Lance table.
    cells : into which the vectors are sorted; 0 where all are compared.
    cells_for : rows when the cells were made.
    probes : cells that a search looks into.
    recall : of the ten nearest, measured; null where all are compared.
    untidy : rows that changed since files were put in order, which was at version `tidied`.
    """

    made_from: dict
    ids: str
    rows: int
    dim: int
    version: int
    cells: int = 0
    cells_for: int = 0
    probes: int = 0
    recall: float | None = None
    untidy: int = 0
    tidied: int = 0


def read_record(folder: Path) -> Record | None:
    """The record; None where there is none, or none that can be understood."""
    try:
        return Record(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def write_record(record: Record, folder: Path) -> None:
    """Write the record in one rename: it comes last, and says that the table is complete."""
    write_text(folder / RECORD, json.dumps(asdict(record), indent=2, sort_keys=True) + "\n")


class VectorIndex:
    """An index that is ready to be searched.

    Parameters
    ----------
    table : of `content_id` and `vector`, unit rows.
    record : what belongs to it.
    """

    def __init__(self, table: LanceTable, record: Record) -> None:
        self.table = table
        self.record = record

    def __len__(self) -> int:
        return self.record.rows

    @cached_property
    def content_ids(self) -> np.ndarray:
        """(n,) str, in the order of the rows."""
        return self._ids[0]

    @cached_property
    def _ids(self) -> tuple[np.ndarray, np.ndarray]:
        return read_ids(self.table)

    @cached_property
    def vectors(self) -> np.ndarray:
        """(n, dim) float32: all of them, in memory; only asked for where every one is compared."""
        parts = [as_matrix(batch, self.record.dim) for batch in self._scan()]
        return np.concatenate([np.empty((0, self.record.dim), np.float32), *parts])

    def nearest(self, query: np.ndarray, k: int, passes: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The k rows most like a query, or all that pass where they are fewer.

        Parameters
        ----------
        query : (dim,) unit vector.
        passes : (n,) bool, by row: which may be found; all where it is not given.

        Returns
        -------
        rows : (m,) int, most alike first, ties by id.  similarities : (m,) float32, cosine.
        """
        query = np.ascontiguousarray(query, np.float32)
        count = len(self) if passes is None else int(passes.sum())
        k = min(k, count)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if not self.record.cells:
            rows = np.arange(len(self)) if passes is None else np.flatnonzero(passes)
            return self._best(rows, (self.vectors @ query)[rows], k)
        if count <= FEW:
            return self._among(query, np.arange(len(self)) if passes is None else np.flatnonzero(passes), k)
        return self._outwards(query, k, passes, count)

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """(count, dim) of the vectors, drawn with a seed; all of them where there are no more."""
        if count >= len(self):
            return self.vectors
        return self.take(np.sort(np.random.default_rng(seed).choice(len(self), count, replace=False)))

    def take(self, rows: np.ndarray) -> np.ndarray:
        """(m, dim) vectors of ascending rows."""
        if not self.record.cells:
            return self.vectors[rows]
        # By Lance's own numbers: `take_offsets` counts past deleted rows, one by one, and needs seconds.
        found = self.table.take_row_ids(self._ids[1][rows].tolist()).select(["vector"]).to_arrow()
        return as_matrix(found, self.record.dim)

    def _among(self, query: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        return self._best(rows, self.take(rows) @ query, k)

    def _outwards(
        self, query: np.ndarray, k: int, passes: np.ndarray | None, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take the nearest, keep those that pass, and go on with four times as many until there are k.

        What passes may lie far out, so that a filtered search looks into every cell.
        """
        reach = k if passes is None else -(-2 * k * len(self) // count)
        probes = self.record.probes if passes is None else EVERY_CELL
        while reach <= min(FARTHEST, len(self)):
            rows, similarities = self._approximate(query, reach, probes)
            kept = slice(None) if passes is None else passes[rows]
            rows, similarities = rows[kept], similarities[kept]
            if len(rows) >= k:
                return self._best(rows, similarities, k)
            reach *= 4
        return self._through_all(query, k, passes)

    def _approximate(self, query: np.ndarray, k: int, probes: int) -> tuple[np.ndarray, np.ndarray]:
        """Up to k rows out of the nearest cells; fewer where the cells hold no more."""
        found = (
            self.table.search(query)
            .distance_type("cosine")
            .nprobes(probes)
            .refine_factor(REFINE)
            .limit(k)
            .select(["_distance"])
            .with_row_id(True)
            .to_arrow()
        )
        rows = np.searchsorted(self._ids[1], found["_rowid"].to_numpy())
        return rows, (1 - found["_distance"].to_numpy()).astype(np.float32)

    def _through_all(self, query: np.ndarray, k: int, passes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Compare with every vector, block by block."""
        similarities = np.concatenate([as_matrix(batch, self.record.dim) @ query for batch in self._scan()])
        rows = np.arange(len(self)) if passes is None else np.flatnonzero(passes)
        return self._best(rows, similarities[rows], k)

    def _best(self, rows: np.ndarray, similarities: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k most alike; ties by id, whichever row they are in."""
        if k < len(rows):
            least = np.partition(similarities, -k)[-k]
            near = np.flatnonzero(similarities >= least)
            rows, similarities = rows[near], similarities[near]
        order = np.lexsort((self.content_ids[rows], -similarities))[:k]
        return rows[order], np.clip(similarities[order], -1, 1)

    def _scan(self) -> pa.RecordBatchReader:
        return self.table.search().select(["vector"]).limit(None).to_batches(batch_size=8192)


def open_index(folder: Path) -> VectorIndex:
    """The index in a folder.

    Raises
    ------
    TableError : there is none, it cannot be read, or its last update did not come to its end.
    """
    record = read_record(folder)
    if record is None:
        raise TableError("there is no search index yet", where=folder, do="dvc repro index")
    try:
        table = open_table(folder)
    except (ValueError, OSError, RuntimeError) as error:
        raise TableError(
            "the search index cannot be read",
            where=folder,
            got=str(error).splitlines()[0],
            do=f"delete {folder}, then dvc repro index",
        ) from None
    if table.version != record.version:
        raise TableError(
            "the last update of the search index did not come to its end", where=folder, do="dvc repro index"
        )
    return VectorIndex(table, record)


def open_table(folder: Path) -> LanceTable:
    """Lance's table, at its newest version."""
    return connect(folder).open_table(TABLE)


def connect(folder: Path) -> LanceDBConnection:
    """The database in a folder. LanceDB takes a second to import."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # an empty cell is no reason to warn
    import lancedb

    return lancedb.connect(folder)


def read_ids(table: LanceTable) -> tuple[np.ndarray, np.ndarray]:
    """Ids (n,) str and Lance's row numbers (n,) uint64, in the order of the rows; the numbers ascend."""
    found = table.search().select(["content_id"]).with_row_id(True).limit(None).to_arrow()
    return found["content_id"].to_pandas().to_numpy(dtype=object), found["_rowid"].to_numpy()


def as_matrix(rows: pa.Table | pa.RecordBatch, dim: int) -> np.ndarray:
    """(m, dim) float32 of the column `vector`."""
    column = rows["vector"]
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim)
