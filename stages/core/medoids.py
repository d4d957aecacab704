"""The middle of each cluster, how far items are from it, and the item that stands for it."""

from __future__ import annotations

import itertools

import numpy as np

from stages.contracts.vocabulary import NOISE

BLOCK = 8_192
"""Rows whose distances to all centroids are held at once."""


def centroids(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Unit mean of each cluster's vectors, (c, d) float32; of all vectors, (1, d), where all are noise.

    Parameters
    ----------
    vectors : (n, d) unit rows.
    labels : (n,) clusters numbered from 0 without a gap, `NOISE` for none.
    """
    groups = _members(labels) or [np.arange(len(vectors))]
    means = np.stack([_mean(vectors[group]) for group in groups])
    return means.astype(np.float32)


def centroid_distances(vectors: np.ndarray, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Cosine distance (n,) float32 in [0, 2] of each item to its own centroid; of noise to the nearest one."""
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        distances = (1 - vectors[rows] @ centres.T).clip(0, 2)
        own = np.where(labels[rows] == NOISE, distances.argmin(axis=1), labels[rows])
        found[rows] = distances[np.arange(len(own)), own]
    return found


def medoids(labels: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """(n,) bool: in each cluster the member nearest to its centroid, the first of equal ones."""
    chosen = np.zeros(len(labels), bool)
    for members in _members(labels):
        chosen[members[distances[members].argmin()]] = True
    return chosen


def _members(labels: np.ndarray) -> list[np.ndarray]:
    """Of each cluster the rows of its members, ascending."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max(initial=NOISE) + 2))
    return [order[start:end] for start, end in itertools.pairwise(starts)]


def _mean(vectors: np.ndarray) -> np.ndarray:
    mean = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(vectors.shape[1])
    return mean / max(np.linalg.norm(mean), 1e-12)
