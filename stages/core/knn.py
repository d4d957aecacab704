"""Exact nearest neighbours by cosine."""

from __future__ import annotations

import numpy as np


def nearest(vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest other rows of each row.

    Exact: faiss multiplies blocks of rows and keeps the best of each, so memory is O(n·k), never O(n²).

    Parameters
    ----------
    vectors : (n, d) float32, unit rows.
    k : neighbours wanted; n - 1 are given where there are no more.

    Returns
    -------
    indices : (n, k) int32, row numbers, nearest first, the row itself left out; ties by row number.
    similarities : (n, k) float32, cosine, descending, in [-1, 1].
    """
    n = len(vectors)
    k = max(min(k, n - 1), 0)
    if k == 0:
        return np.empty((n, 0), np.int32), np.empty((n, 0), np.float32)
    import faiss

    rows = np.ascontiguousarray(vectors, np.float32)
    similarities, indices = faiss.knn(rows, rows, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    return without_self(indices, np.clip(similarities, -1, 1))


def without_self(
    indices: np.ndarray, similarities: np.ndarray, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Drop each row's own number from k + 1 candidates, leaving k, and put ties in order.

    Where many rows are equal a row may be missing from its own candidates; then the last one goes.

    Parameters
    ----------
    rows : (m,) the rows' own numbers; None: 0, 1, 2, …
    """
    n, width = indices.shape
    own = indices == (np.arange(n) if rows is None else rows)[:, None]
    own[~own.any(axis=1), width - 1] = True
    kept = ~own
    indices = indices[kept].reshape(n, width - 1)
    similarities = similarities[kept].reshape(n, width - 1)
    order = np.lexsort((indices, -similarities), axis=1)
    return (
        np.take_along_axis(indices, order, 1).astype(np.int32),
        np.take_along_axis(similarities, order, 1).astype(np.float32),
    )
