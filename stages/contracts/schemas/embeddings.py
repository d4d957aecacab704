"""`embeddings`: one unit vector per distinct readable content. The width is the encoder's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.tables import Column, Table

PATH = "data/embeddings.parquet"


@dataclass(frozen=True)
class Embeddings:
    """Vectors and whose they are.

    content_ids : (n,) str, ascending.  vectors : (n, d) float32, unit rows.
    """

    content_ids: np.ndarray
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.content_ids)

    def rows_of(self, content_ids: np.ndarray) -> np.ndarray:
        """Row numbers (m,) of the given ids; every one must be there."""
        rows = np.searchsorted(self.content_ids, content_ids)
        found = self.content_ids[np.minimum(rows, len(self) - 1)] if len(self) else np.empty(0, object)
        if len(content_ids) and (len(self) == 0 or (found != content_ids).any()):
            raise TableError("a content has no embedding", where=PATH, do="dvc repro embed")
        return rows


def embeddings_table(dim: int) -> Table:
    """The declaration for an encoder of `dim` dimensions."""
    return Table(
        name="embeddings",
        path=PATH,
        key=("content_id",),
        made_by="embed",
        columns=(
            Column("content_id", pa.string(), "id of the content"),
            Column("embedding", pa.list_(pa.float32(), dim), "unit vector"),
        ),
    )


def write_embeddings(found: Embeddings, dim: int, root: Path = Path(), provenance: dict | None = None) -> None:
    """Write vectors (n, dim); a row that is not of unit length is refused."""
    _check_unit(found.vectors)
    column = pa.FixedSizeListArray.from_arrays(pa.array(found.vectors.astype(np.float32).ravel()), dim)
    ids = pa.array(found.content_ids.tolist(), pa.string())
    tables.write(embeddings_table(dim), pa.table({"content_id": ids, "embedding": column}), root, provenance)


def read_embeddings(root: Path = Path()) -> Embeddings:
    """Read the vectors, of whatever width the encoder has."""
    dim = tables.metadata(embeddings_table(1), root).get("dim", 1)
    data = tables.read_arrow(embeddings_table(dim), root).combine_chunks()
    flat = data["embedding"].combine_chunks()
    values = flat.values if isinstance(flat, pa.FixedSizeListArray) else flat.chunk(0).values
    vectors = values.to_numpy(zero_copy_only=False).reshape(-1, dim)
    _check_unit(vectors)
    return Embeddings(data["content_id"].to_pandas().to_numpy(dtype=object), vectors)


def _check_unit(vectors: np.ndarray) -> None:
    # Without the squares of all numbers in memory beside them: of a million images 2 GB.
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    wrong = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))
    if len(wrong):
        raise TableError(
            "embeddings are not unit vectors",
            where=PATH,
            expected="length 1",
            got=f"length {norms[wrong[0]]:.4g} (and {len(wrong) - 1} more)",
        )
