"""The tables of a version, wherever they lie: only the columns that are asked for, since an older Winnow had others."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import Embeddings, embeddings_table
from stages.contracts.tables import METADATA_KEY, Table
from stages.sources.revisions import Version

EMBEDDINGS = embeddings_table(1)


def read(version: Version, table: Table, columns: list[str]) -> pd.DataFrame:
    """The columns of a table, as pandas has them.

    Raises
    ------
    TableError : the version lacks the table or a column, or its bytes are not here.
    """
    return _arrow(version, table, columns).to_pandas()


def read_if_there(version: Version, table: Table, columns: list[str]) -> pd.DataFrame | None:
    """Like `read`; None where the version cannot give the table (`why_not` says why)."""
    return read(version, table, columns) if version.path(table.path) else None


def read_vectors(version: Version) -> Embeddings:
    """The embeddings, (n, d) float32.

    Raises
    ------
    TableError : as `read`.
    """
    data = _arrow(version, EMBEDDINGS, EMBEDDINGS.names)
    flat = data["embedding"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    ids = data["content_id"].to_pandas().to_numpy(dtype=object)
    return Embeddings(ids, flat.reshape(len(ids), -1) if len(ids) else np.zeros((0, 0), np.float32))


def encoder_of(version: Version) -> dict | None:
    """The encoder that the version's vectors were made with; None where it has no vectors, or they do not say."""
    path = version.path(EMBEDDINGS.path)
    if path is None:
        return None
    metadata = (pq.read_schema(path).metadata or {}).get(METADATA_KEY, b"{}")
    return json.loads(metadata).get("encoder")


def _arrow(version: Version, table: Table, columns: list[str]) -> pa.Table:
    path = version.need(table.path)
    try:
        # A file object: names in DVC's cache have no ending, and a folder of that name must not be read as a data set.
        with path.open("rb") as file:
            return pq.read_table(file, columns=columns).select(columns)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise TableError(
            f"table {table.name} of {version} cannot be read",
            where=path,
            expected=", ".join(columns),
            got=error,
            do=version.how,
        ) from error
