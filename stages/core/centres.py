"""Clusters of unit vectors by k centres (k-means), k given or chosen by the silhouette."""

from __future__ import annotations

import numpy as np

from stages.core.clustering import Clustering, by_size

SAMPLE = 1_000
"""Items that the silhouette is computed on; it costs the square of them."""

CANDIDATE_KS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 40, 50, 64)

STARTS = 4
"""Starts of which the best is kept. While k is being chosen, one will do."""


def by_centres(vectors: np.ndarray, k: int | None, seed: int) -> Clustering:
    """k-means on unit vectors; without `k`, the k of the best silhouette on a sample.

    Parameters
    ----------
    vectors : (n, d) float, unit rows.
    k : how many clusters; at most as many as there are different vectors.
    seed : of the sample and of the starting centres.

    References
    ----------
    Rousseeuw 1987 (silhouette); Dhillon & Modha 2001 (k-means on unit vectors).
    """
    n = len(vectors)
    if n < 2:
        return Clustering(np.zeros(n, np.int32), np.ones(n, np.float32), {"silhouette": None, "noise_fraction": 0.0})
    tried = {}
    if k is None:
        tried = silhouettes(vectors, seed)
        k = max(tried, key=tried.get, default=1)
    labels = by_size(_kmeans(vectors, k, seed, STARTS))
    quality = {
        "silhouette": _silhouette(vectors, labels, seed),
        "silhouette_by_k": {str(key): value for key, value in tried.items()},
        "noise_fraction": 0.0,
    }
    return Clustering(labels, _margins(vectors, labels), quality)


def silhouettes(vectors: np.ndarray, seed: int) -> dict[int, float]:
    """The mean silhouette of each candidate k, on a sample; k is under half the sample's size."""
    sample = vectors[_sample(len(vectors), seed)]
    ks = [k for k in CANDIDATE_KS if k <= len(sample) // 2]
    found = {k: _silhouette(sample, _kmeans(sample, k, seed, starts=1), seed) for k in ks}
    return {k: value for k, value in found.items() if value is not None}


def _kmeans(vectors: np.ndarray, k: int, seed: int, starts: int) -> np.ndarray:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    k = min(k, len(np.unique(vectors, axis=0)))
    # Threads add up their parts in whatever order they finish, and the last bits would differ from run to run.
    with threadpool_limits(1):
        return KMeans(n_clusters=k, n_init=starts, random_state=seed).fit_predict(vectors)


def _silhouette(vectors: np.ndarray, labels: np.ndarray, seed: int) -> float | None:
    from sklearn.metrics import silhouette_score

    sample = _sample(len(vectors), seed)
    count = len(np.unique(labels[sample]))
    if not 2 <= count < len(sample):
        return None
    return float(silhouette_score(vectors[sample], labels[sample], metric="cosine"))


def _margins(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Strength in k-means: how much nearer the own centre is than the next one, 0 (not) to 1 (no other)."""
    centres = np.stack([vectors[labels == number].mean(axis=0) for number in range(labels.max() + 1)])
    if len(centres) == 1:
        return np.ones(len(vectors), np.float32)
    squared = ((vectors**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * vectors @ centres.T).clip(0)
    nearest = np.sqrt(np.partition(squared, 1, axis=1)[:, :2])
    return (1 - nearest[:, 0] / np.maximum(nearest[:, 1], 1e-12)).clip(0, 1).astype(np.float32)


def _sample(n: int, seed: int) -> np.ndarray:
    if n <= SAMPLE:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))
