"""`neighbors`: the k-nearest-neighbour graph over contents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts import tables
from stages.contracts.tables import Column, Table

IDS = pa.list_(pa.dictionary(pa.int32(), pa.string()))

NEIGHBORS = Table(
    name="neighbors",
    path="data/neighbors.parquet",
    key=("content_id",),
    made_by="connect",
    columns=(
        Column("content_id", pa.string(), "id of the content"),
        Column("neighbor_ids", IDS, "content ids of its k nearest, nearest first; itself left out"),
        Column("similarities", pa.list_(pa.float32()), "cosine similarities, descending"),
    ),
)


@dataclass(frozen=True)
class Neighbors:
    """The graph as arrays.

    content_ids : (n,) str, ascending.  indices : (n, k) int32, rows of `content_ids`.
    similarities : (n, k) float32, cosine, descending. k is at most n - 1.
    """

    content_ids: np.ndarray
    indices: np.ndarray
    similarities: np.ndarray

    def __len__(self) -> int:
        return len(self.content_ids)


def write_neighbors(graph: Neighbors, root: Path = Path(), provenance: dict | None = None) -> None:
    """Write the graph; ids are written once and referred to by number."""
    n, k = graph.indices.shape
    offsets = pa.array(np.arange(n + 1) * k, pa.int32())
    ids = pa.array(graph.content_ids.tolist(), pa.string())
    neighbor_ids = pa.DictionaryArray.from_arrays(pa.array(graph.indices.ravel().astype(np.int32)), ids)
    rows = pa.table(
        {
            "content_id": ids,
            "neighbor_ids": pa.ListArray.from_arrays(offsets, neighbor_ids),
            "similarities": pa.ListArray.from_arrays(offsets, pa.array(graph.similarities.ravel().astype(np.float32))),
        }
    )
    tables.write(NEIGHBORS, rows, root, provenance)


def read_neighbors(root: Path = Path()) -> Neighbors:
    """Read the graph; `indices` are rows of `content_ids` again."""
    data = tables.read_arrow(NEIGHBORS, root)
    content_ids = data["content_id"].to_pandas().to_numpy(dtype=object)
    n = len(content_ids)
    ids = pa.array(content_ids.tolist(), pa.string())
    # Looked up once an id, not once a neighbour: the ids of all neighbours would be gigabytes.
    flat = [chunk.flatten() for chunk in data["neighbor_ids"].chunks]
    places = [pc.index_in(chunk.dictionary, ids).take(chunk.indices) for chunk in flat]
    indices = pa.concat_arrays(places or [pa.array([], pa.int32())]).to_numpy(zero_copy_only=False)
    similarities = pa.concat_arrays(
        [chunk.flatten() for chunk in data["similarities"].chunks] or [pa.array([], pa.float32())]
    )
    k = len(indices) // n if n else 0
    return Neighbors(
        content_ids, indices.astype(np.int32).reshape(n, k), similarities.to_numpy(zero_copy_only=False).reshape(n, k)
    )
