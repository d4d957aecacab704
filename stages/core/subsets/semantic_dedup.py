"""Without the rows that another one stands for, after SemDeDup (Abbas et al. 2023), and without two of its faults.

SemDeDup looks for pairs inside k-means cells, and drops whoever is too like one before it in its cell. So it misses
pairs across a cell's border, and drops in chains: c because of b, b because of a, though c and a have little in common.

Here pairs come from the neighbour graph, which knows no cells. They are merged from the most alike down; whoever goes
hands on those it stood for, and a merge counts as alike as its worst pair of one that is gone and one that stays. So
every row that went has a row that stayed at least as alike as the last merge: that is the threshold, found from the
number wanted. As in SemDeDup, of two that could go the more typical one goes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from stages.core.knn import nearest
from stages.core.subsets.chosen import Chosen

NEIGHBORS = 30

Graph = tuple[np.ndarray, np.ndarray]
"""(N, k) rows, and (N, k) cosines, as `nearest` gives them; -1 where there is no neighbour."""


def semantic_dedup(vectors: np.ndarray, n: int, graph: Graph | None = None) -> Chosen:
    """Drop rows that another stands for until n are left.

    Parameters
    ----------
    vectors : (N, d) float32, unit rows.
    n : rows that stay; all N where there are no more, and never fewer than one.
    graph : neighbours among the rows, where they are known already.
    """
    stars = Stars(vectors)
    n = min(max(n, 1), len(vectors))
    rows = np.arange(len(vectors))
    while stars.count > n:
        indices, similarities = graph if graph is not None else nearest(vectors[rows], NEIGHBORS)
        typicality = np.zeros(len(vectors), np.float32)
        typicality[rows] = _typicality(indices, similarities)
        stars.merge(_pairs(indices, similarities, rows), typicality, n)
        rows, graph = np.flatnonzero(stars.stays), None
    told = f"every image left out has one that stays at a cosine of {stars.threshold:.3f} or more"
    return Chosen(rows, [stars.told(row) for row in rows.tolist()], told, is_ranked=False)


class Stars:
    """Rows that stay, each with those that it stands for."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors
        self.stays = np.ones(len(vectors), bool)
        self.count = len(vectors)
        self.gone: dict[int, list[int]] = {}
        self.threshold = 1.0

    def merge(self, pairs: np.ndarray, typicality: np.ndarray, n: int) -> None:
        """Merge pairs, the most alike first, until n rows stay or no pair of two that stay is left.

        Parameters
        ----------
        pairs : records `a`, `b`, `similarity`, the most alike first.
        """
        # A pair that turned out less alike than it seemed, as one of them stands for others, waits here for its turn.
        waiting: list[tuple[float, int, int]] = []
        fresh = _records(pairs)
        following = next(fresh, None)
        while self.count > n and (following is not None or waiting):
            if waiting and (following is None or waiting[0] <= following):
                key, a, b = heapq.heappop(waiting)
            else:
                (key, a, b), following = following, next(fresh, None)
            if not (self.stays[a] and self.stays[b]):
                continue
            goes, stays, similarity = self._better(a, b, typicality)
            if -similarity > key + 1e-6:
                heapq.heappush(waiting, (-similarity, a, b))
            else:
                self.threshold = min(self.threshold, similarity)
                self._drop(goes, stays)

    def told(self, row: int) -> str:
        """Why a row that stays does."""
        gone = self.gone.get(row, [])
        if not gone:
            return "no other is so like it"
        least = float((self.vectors[gone] @ self.vectors[row]).min())
        return f"stands for {len(gone):,} more, the least like it at cosine {least:.3f}"

    def _better(self, a: int, b: int, typicality: np.ndarray) -> tuple[int, int, float]:
        """Who goes, who stays, and the smallest cosine between the one that stays and those it would then stand for."""
        without_a, without_b = self._after(a, b), self._after(b, a)
        if abs(without_a - without_b) > 1e-6:
            return (a, b, without_a) if without_a > without_b else (b, a, without_b)
        first, second = sorted((a, b), key=lambda row: (-typicality[row], -row))
        return first, second, min(without_a, without_b)

    def _after(self, goes: int, stays: int) -> float:
        handed_on = [goes, *self.gone.get(goes, [])]
        return float((self.vectors[handed_on] @ self.vectors[stays]).min())

    def _drop(self, goes: int, stays: int) -> None:
        self.gone.setdefault(stays, []).extend([goes, *self.gone.pop(goes, [])])
        self.stays[goes] = False
        self.count -= 1


def _pairs(indices: np.ndarray, similarities: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Every pair of neighbours once, the most alike first, ties by row; in numbers of all rows."""
    n, k = indices.shape
    a, b = np.repeat(np.arange(n), k), indices.ravel().astype(np.int64)
    there = b >= 0
    keys = np.minimum(a, b)[there] * n + np.maximum(a, b)[there]
    found = similarities.ravel()[there]
    keys, first = np.unique(keys, return_index=True)
    pairs = np.empty(len(keys), [("a", np.int64), ("b", np.int64), ("similarity", np.float32)])
    pairs["a"], pairs["b"], pairs["similarity"] = rows[keys // n], rows[keys % n], found[first]
    return pairs[np.argsort(-pairs["similarity"], kind="stable")]


def _records(pairs: np.ndarray) -> Iterator[tuple[float, int, int]]:
    """Keys that a heap can compare; in blocks, since plain objects need ten times the memory."""
    for at in range(0, len(pairs), 10_000):
        block = pairs[at : at + 10_000]
        yield from zip(
            (-block["similarity"]).astype(float).tolist(), block["a"].tolist(), block["b"].tolist(), strict=True
        )


def _typicality(indices: np.ndarray, similarities: np.ndarray) -> np.ndarray:
    """(n,) mean cosine to the neighbours; 0 without any."""
    there = indices >= 0
    return np.where(there, similarities, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
