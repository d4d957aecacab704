"""The neighbour graph of many vectors: each is compared with those of the cells around it instead of with all.

Up to `EXACT_UP_TO` rows every one is compared with every other. Beyond, that would take the square of the time. k-means
on the sphere then makes cells of some hundreds of rows, and the rows of a cell are compared, in one matrix product,
with all rows of the cells that any of them is nearest to: an inverted file (Sivic & Zisserman 2003; Jégou et al. 2011)
that is searched cell by cell. Rows that lie far from whatever was found, among which are the outliers, are compared
with all after all: cells tell least of these, and what is strange depends on them most. How much is found is measured,
on a sample against all rows, and more cells are searched until it is enough.

Not HNSW: built in several threads it is another graph each time, and in one it takes longer than this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.core.knn import nearest, without_self

EXACT_UP_TO = 50_000
"""Rows up to which all are compared: half a minute on two processors."""

RECALL = 0.99
"""Share of the ten nearest of a row that has to be found, on average."""

COUNTED = 10
SAMPLE = 1_000
FIRST_PROBES = 4
"""Cells around each row that are searched at first; rows of one cell share theirs, so it is some ten times more."""

FAR = 0.02
"""Share of the rows, the farthest from their neighbours, that are compared with all."""

ROWS_TO_LEARN = 64
ROUNDS = 10
"""Of k-means: rows that a cell's middle is learned from, on average, and how often it moves."""

BLOCK = 16_384
SAME = 1e-6
"""Difference of cosine that is rounding."""


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


def graph(vectors: np.ndarray, k: int, seed: int = 0, exact_up_to: int = EXACT_UP_TO) -> Graph:
    """The k nearest other rows of each row, all of them or nearly so.

    Parameters
    ----------
    vectors : (n, d) float32, unit rows.
    k : neighbours wanted; n - 1 are given where there are no more.
    seed : of the cells, and of the sample that recall is measured on.
    exact_up_to : rows up to which it is exact.

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
        found = _search(rows, _cells(rows, middles, probes), k)
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


def _cells(rows: np.ndarray, middles: np.ndarray, probes: int) -> Cells:
    import faiss

    around = np.empty((len(rows), probes), np.int32)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        around[part] = faiss.knn(rows[part], middles, probes, metric=faiss.METRIC_INNER_PRODUCT)[1]
    order = np.argsort(around[:, 0], kind="stable").astype(np.int32)
    ends = np.searchsorted(around[order, 0], np.arange(1, len(middles)))
    return Cells(np.split(order, ends), around)


def _search(rows: np.ndarray, cells: Cells, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Each row's nearest within the cells that it and the others of its cell are near to; of far ones, among all."""
    indices, similarities = np.full((len(rows), k), -1, np.int32), np.full((len(rows), k), -1, np.float32)
    for members in cells.members:
        candidates = np.concatenate([cells.members[cell] for cell in np.unique(cells.around[members])] or [members])
        if len(members) and len(candidates) > k:
            indices[members], similarities[members] = _among(rows, members, np.sort(candidates), k)
    distance = 1 - similarities[:, :COUNTED].mean(axis=1)
    far = np.flatnonzero(distance >= np.quantile(distance, 1 - FAR))
    indices[far], similarities[far] = _against_all(rows, far, k)
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
