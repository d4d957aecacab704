"""The neighbour graph of many vectors: each is compared with those of the cells around it instead of with all.

Up to `EXACT_UP_TO` rows each is compared with all others, which takes time in proportion to the square of their number.
Beyond, an inverted file (Sivic & Zisserman 2003; Jégou et al. 2011) is searched cell by cell:

- Spherical k-means makes cells of some hundreds of rows. The rows of a cell are compared, in one matrix product, with
  all rows of the cells that any of them is nearest to.
- The rows that are farthest from what was found, among them the outliers, are compared with all rows: cells find their
  neighbours least well, and outlier scores depend on these most.
- Where one row has found another, the other gets it as a neighbour, too, if it is near enough: at the border between
  two cells, often only one of two rows looks into the other's cell.
- Recall is measured on a sample, against all rows, and more cells are searched until it is high enough.

Not HNSW: built in several threads, it is another graph each time, and in one thread it takes longer than this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from stages.core.knn import nearest, without_self

EXACT_UP_TO = 50_000
"""Rows up to which all pairs are compared: half a minute on two processors."""

RECALL = 0.995
"""Share of the ten nearest of a row that has to be found, on average. Clusters hang on it: on 20,000 rows of a mixture,
with 0.997 they agreed as well with those of all pairs (ARI 0.978) as with the exact graph (0.987), with 0.995 and
links of one direction only less well (0.83)."""

COUNTED = 10
SAMPLE = 1_000
FIRST_PROBES = 8
"""Cells around each row that are searched at first; rows of one cell share theirs, so it is some times more."""

FAR = 0.02
"""Share of the rows, the farthest from their neighbours, that are compared with all."""

ROWS_TO_LEARN = 64
ROUNDS = 10
"""Of k-means: rows that a cell's middle is learned from, on average, and how often it moves."""

BLOCK, FAR_BLOCK = 16_384, 4_096
"""Rows that are compared with middles, or with all rows, in one go."""
SAME = 1e-6
"""Difference of cosine that is rounding."""


Spread = Callable[[Callable, Iterable], Iterator]
"""`map`, or what does the same on many machines."""


@dataclass(frozen=True, eq=False)
class Graph:
    """indices (n, k) int32 and similarities (n, k) float32, as `nearest` gives them; told : how they were found."""

    indices: np.ndarray
    similarities: np.ndarray
    told: dict


@dataclass(frozen=True, eq=False)
class Cells:
    """members : of each cell the rows that are nearest to its middle.  around : (n, p) cells of each row, nearest
    first."""

    members: list[np.ndarray]
    around: np.ndarray


def graph(vectors: np.ndarray, k: int, seed: int = 0, exact_up_to: int = EXACT_UP_TO, spread: Spread = map) -> Graph:
    """The k nearest other rows of each row, all of them or nearly so.

    Parameters
    ----------
    vectors : (n, d) float32, unit rows.
    k : neighbours wanted; n - 1 are given where there are no more.
    seed : of the cells, and of the sample that recall is measured on.
    exact_up_to : rows up to which it is exact.
    spread : applies a function to each cell; what it is given holds all vectors.

    Notes
    -----
    The same rows give the same bytes, whatever the number of threads that work on them.
    """
    n = len(vectors)
    if n <= max(exact_up_to, 2 * k):
        return Graph(*nearest(vectors, k), {"search": "exact"})
    rows = np.ascontiguousarray(vectors, np.float32)
    sample = np.sort(np.random.default_rng(seed).choice(n, min(SAMPLE, n), replace=False))
    truth = _against_all(rows, sample, k)[1]
    count, probes = round(2 * np.sqrt(n)), FIRST_PROBES
    middles = _middles(rows, count, seed)
    while True:
        probes = min(probes, count)
        found = mutual(*_search(rows, _cells(rows, middles, probes, spread), k, spread))
        recall = _recall(found[1][sample], truth)
        if recall >= RECALL or probes == count:
            told = {"search": "cells", "cells": count, "probes": probes, f"recall_at_{COUNTED}": round(recall, 4)}
            return Graph(*found, {**told, "recall_sample": len(sample)})
        probes *= 2


def _middles(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """(count, d) float32 unit rows: the middles of cells, by k-means on the sphere."""
    import faiss

    learned = {"max_points_per_centroid": ROWS_TO_LEARN, "min_points_per_centroid": 1}
    model = faiss.Kmeans(rows.shape[1], count, niter=ROUNDS, seed=seed, spherical=True, **learned)
    model.train(rows)
    return model.centroids


def _cells(rows: np.ndarray, middles: np.ndarray, probes: int, spread: Spread) -> Cells:
    around = np.empty((len(rows), probes), np.int32)
    parts = [slice(start, start + BLOCK) for start in range(0, len(rows), BLOCK)]
    for part, found in zip(parts, spread(partial(_around, rows, middles, probes), parts), strict=True):
        around[part] = found
    order = np.argsort(around[:, 0], kind="stable").astype(np.int32)
    ends = np.searchsorted(around[order, 0], np.arange(1, len(middles)))
    return Cells(np.split(order, ends), around)


def _around(rows: np.ndarray, middles: np.ndarray, probes: int, part: slice) -> np.ndarray:
    """Which middles a part of the rows is nearest to (m, probes)."""
    import faiss

    return faiss.knn(rows[part], middles, probes, metric=faiss.METRIC_INNER_PRODUCT)[1]


def _search(rows: np.ndarray, cells: Cells, k: int, spread: Spread) -> tuple[np.ndarray, np.ndarray]:
    """Each row's nearest within the cells that it and the others of its cell are near to; of far ones, among all."""
    indices, similarities = np.full((len(rows), k), -1, np.int32), np.full((len(rows), k), -1, np.float32)
    of_each = spread(partial(_of_cell, rows, cells, k), cells.members)
    for members, found in zip(cells.members, of_each, strict=True):
        if found is not None:
            indices[members], similarities[members] = found
    distance = 1 - similarities[:, :COUNTED].mean(axis=1)
    far = np.flatnonzero(distance >= np.quantile(distance, 1 - FAR))
    blocks = [far[start : start + FAR_BLOCK] for start in range(0, len(far), FAR_BLOCK)]
    for block, found in zip(blocks, spread(partial(_against_all, rows, k=k), blocks), strict=True):
        indices[block], similarities[block] = found
    return indices, similarities


def _of_cell(rows: np.ndarray, cells: Cells, k: int, members: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The nearest of a cell's members within its own and the cells around; None where there are too few rows."""
    candidates = np.concatenate([cells.members[cell] for cell in np.unique(cells.around[members])] or [members])
    if not len(members) or len(candidates) <= k:
        return None
    return _among(rows, members, np.sort(candidates), k)


def mutual(indices: np.ndarray, similarities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The graph (n, k), a row's neighbours now including the rows that have it as theirs, if these are near enough."""
    k = indices.shape[1]
    there = indices.ravel()
    near = np.flatnonzero(similarities.ravel() > similarities[there, -1])
    rows, others = there[near], (near // k).astype(indices.dtype)
    known = np.concatenate(
        [
            (indices[rows[start : start + BLOCK]] == others[start : start + BLOCK, None]).any(axis=1)
            for start in range(0, len(rows), BLOCK)
        ]
        or [np.empty(0, bool)]
    )
    changed = np.unique(rows[~known])
    all_rows = np.concatenate([np.repeat(changed, k), rows[~known]])
    all_others = np.concatenate([indices[changed].ravel(), others[~known]])
    all_similarities = np.concatenate([similarities[changed].ravel(), similarities.ravel()[near[~known]]])
    order = np.lexsort((all_others, -all_similarities, all_rows))
    all_rows = all_rows[order]
    kept = order[np.arange(len(order)) - np.searchsorted(all_rows, all_rows) < k]
    indices, similarities = indices.copy(), similarities.copy()
    indices[changed], similarities[changed] = all_others[kept].reshape(-1, k), all_similarities[kept].reshape(-1, k)
    return indices, similarities


def _among(rows: np.ndarray, some: np.ndarray, candidates: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of `some` rows among the candidates (ascending row numbers), themselves left out."""
    import faiss

    similarities, places = faiss.knn(rows[some], rows[candidates], k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    return without_self(candidates[places], np.clip(similarities, -1, 1), some)


def _against_all(rows: np.ndarray, some: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    import faiss

    similarities, found = faiss.knn(rows[some], rows, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    return without_self(found, np.clip(similarities, -1, 1), some)


def _recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the ten nearest that were found, (m, k) similarities both; one that is as near will do."""
    counted = min(COUNTED, truth.shape[1])
    return float((found[:, :counted] >= truth[:, counted - 1, None] - SAME).mean())
