"""Bringing a vector index up to date in place: rows that are new are added, rows that are gone are deleted.

Vectors of another encoder, or of another width, make a new one. Each step is one atomic commit of Lance's, and none
depends on an earlier one having been seen: what to do follows from the ids that are in the table and those that
should be. So an update that was killed is finished by the next.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts.identity import digest
from stages.contracts.schemas.embeddings import Embeddings
from stages.engines.vector_index import (
    TABLE,
    Record,
    VectorIndex,
    connect,
    open_table,
    read_ids,
    read_record,
    write_record,
)

if TYPE_CHECKING:
    from lancedb.table import LanceTable

ROWS_AT_ONCE = 20_000
OUTGROWN = 1.5
"""cells are made anew when there are so many times more, or fewer, rows than when they were made"""
ROWS_PER_CELL = 4_096
"""when it tidies, Lance joins cells of less than half as many, and splits those of many more"""
UNTIDY = 0.2
"""share of the rows that may have changed before files are put in order, where that means writing all of them"""
COMMITS = 64
TRAINING_ROUNDS = 20
QUERIES = 64
NEAREST = 10
SEED = 0


@dataclass(frozen=True)
class Change:
    """What an update did: rows added and deleted, and whether it began anew."""

    record: Record
    added: int
    deleted: int
    is_new: bool


def ids_digest(content_ids: np.ndarray) -> str:
    """Id of a set of ids, whatever their order."""
    return digest("".join(np.sort(content_ids.astype(object))).encode())


def update(folder: Path, wanted: Embeddings, made_from: dict, exact_below: int, recall: float) -> Change:
    """Make the index in `folder` hold exactly `wanted`.

    Parameters
    ----------
    made_from : whatever makes a content's vector: where that is the same, a content that is there has its vector.
    exact_below : rows from which there are cells.
    recall : share of the ten nearest that a search through cells has to find.
    """
    dim = wanted.vectors.shape[1]
    record = read_record(folder)
    table = _usable(folder, record, made_from, dim)
    is_new = table is None
    if table is None:
        record, table = _begin(folder, made_from, dim)
    present, _ = read_ids(table)
    gone = present[_is_missing(present, wanted.content_ids)]
    new = np.flatnonzero(_is_missing(wanted.content_ids, present))
    _delete(table, gone)
    _add(table, wanted, new)
    untidy = record.untidy + len(new) + len(gone)
    record = replace(record, ids=ids_digest(wanted.content_ids), rows=len(wanted), untidy=untidy)
    record = _tidy(table, record)
    record = _with_cells(table, record, exact_below)
    record = _measured(VectorIndex(table, replace(record, version=table.version)), wanted, recall)
    write_record(record, folder)
    return Change(record, len(new), len(gone), is_new)


def _is_missing(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
    """(n,) bool: which of `ids` are not among the others."""
    found = pc.is_in(pa.array(ids, pa.string()), value_set=pa.array(among, pa.string()))
    return ~found.to_numpy(zero_copy_only=False)


def _usable(folder: Path, record: Record | None, made_from: dict, dim: int) -> LanceTable | None:
    """The table that is there, if its vectors are of the right kind and it can be opened."""
    if record is None or record.made_from != made_from or record.dim != dim:
        return None
    try:
        return open_table(folder)
    except (ValueError, OSError, RuntimeError):  # Lance's words for a folder it cannot make out
        return None


def _begin(folder: Path, made_from: dict, dim: int) -> tuple[Record, LanceTable]:
    """An empty table. The record is written at once: an update that is killed then goes on where it was."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    table = connect(folder).create_table(TABLE, schema=_schema(dim))
    record = Record(made_from, ids="", rows=0, dim=dim, version=0)
    write_record(record, folder)
    return record, table


def _schema(dim: int) -> pa.Schema:
    return pa.schema([("content_id", pa.string()), ("vector", pa.list_(pa.float32(), dim))])


def _delete(table: LanceTable, content_ids: np.ndarray) -> None:
    for at in range(0, len(content_ids), ROWS_AT_ONCE):
        listed = ", ".join(f"'{content_id}'" for content_id in content_ids[at : at + ROWS_AT_ONCE])
        table.delete(f"content_id IN ({listed})")


def _add(table: LanceTable, wanted: Embeddings, rows: np.ndarray) -> None:
    """In one commit, a block of rows in memory at a time."""
    if not len(rows):
        return
    dim = wanted.vectors.shape[1]
    blocks = (rows[at : at + ROWS_AT_ONCE] for at in range(0, len(rows), ROWS_AT_ONCE))
    batches = (_batch(wanted.content_ids[block], wanted.vectors[block], dim) for block in blocks)
    table.add(pa.RecordBatchReader.from_batches(_schema(dim), batches))


def _batch(content_ids: np.ndarray, vectors: np.ndarray, dim: int) -> pa.RecordBatch:
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float32).ravel()), dim)
    return pa.RecordBatch.from_arrays([pa.array(content_ids.tolist(), pa.string()), column], schema=_schema(dim))


def _with_cells(table: LanceTable, record: Record, exact_below: int) -> Record:
    """Cells where they are wanted and none fit; none where they are not."""
    if record.rows < exact_below:
        for index in table.list_indices():
            table.drop_index(index.name)
        return replace(record, cells=0, cells_for=0, probes=0, recall=None)
    fits = record.cells_for / OUTGROWN <= record.rows <= record.cells_for * OUTGROWN
    if fits and len(list(table.list_indices())):
        return record
    from lancedb.index import IvfSq

    cells = max(1, record.rows // ROWS_PER_CELL)
    config = IvfSq(distance_type="cosine", num_partitions=cells, max_iterations=TRAINING_ROUNDS)
    table.create_index("vector", config=config, replace=True)
    return replace(record, cells=cells, cells_for=record.rows, probes=0, recall=None)


def _tidy(table: LanceTable, record: Record) -> Record:
    """New rows go into their cells, small files into larger ones, old versions and a killed update's leftovers away.

    Where there are cells, that is a matter of the new rows, and done at once: the others are compared one by one. Where
    there are none, it would write all rows anew, and waits until many changed.
    """
    many = record.untidy > (0 if record.cells else UNTIDY * record.rows)
    if not many and table.version <= record.tidied + COMMITS:
        return record
    with warnings.catch_warnings():
        # It warns that who reads an older version will fail; DVC runs one update at a time, and a search opens anew.
        warnings.simplefilter("ignore", UserWarning)
        table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
    return replace(record, untidy=0, tidied=table.version)


def _measured(index: VectorIndex, wanted: Embeddings, recall: float) -> Record:
    """How many cells a search has to look into, where the cells are new or more is asked of them."""
    record = index.record
    if not record.cells or (record.recall is not None and record.recall >= recall):
        return record
    queries = _queries(wanted.vectors)
    truth = _exactly_nearest(queries, wanted)
    probes = max(1, record.cells // 16)
    while True:
        index.record = replace(record, probes=min(probes, record.cells))
        found = _recall(index, queries, truth)
        if found >= recall or probes >= record.cells:
            return replace(index.record, recall=found)
        probes += max(1, probes // 2)


def _queries(vectors: np.ndarray) -> np.ndarray:
    """Vectors as a search brings them, in turn: near an image, and as far from it as texts are (cosine 0.45)."""
    rng = np.random.default_rng(SEED)
    drawn = vectors[np.sort(rng.choice(len(vectors), min(QUERIES, len(vectors)), replace=False))]
    noise = rng.normal(size=drawn.shape).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    queries = drawn + np.where(np.arange(len(drawn)) % 2, 0.5, 2.0)[:, None].astype(np.float32) * noise
    return queries / np.linalg.norm(queries, axis=1, keepdims=True)


def _exactly_nearest(queries: np.ndarray, wanted: Embeddings) -> list[set]:
    similarities = np.concatenate(
        [wanted.vectors[at : at + ROWS_AT_ONCE] @ queries.T for at in range(0, len(wanted), ROWS_AT_ONCE)]
    )
    k = min(NEAREST, len(wanted))
    nearest = np.argpartition(-similarities, k - 1, axis=0)[:k]
    return [set(wanted.content_ids[rows]) for rows in nearest.T]


def _recall(index: VectorIndex, queries: np.ndarray, truth: list[set]) -> float:
    """Of the nearest, the share that is found, for the kind of query that fares worse."""
    found = [set(index.content_ids[index.nearest(query, NEAREST)[0]]) for query in queries]
    shares = [len(one & other) / len(other) for one, other in zip(found, truth, strict=True)]
    return float(min(np.mean(shares[0::2]), np.mean(shares[1::2] or shares)))
