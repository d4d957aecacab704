"""Vectors for benchmarks of size: 2,000 clusters of power-law sizes, 1 % noise, 1 % near copies, from a seed.

Clusters come in families, as breeds are all dogs, so that some are close to one another; each varies along a few
directions of its own, as photographs of one kind do, and a little along all. The cosine of two pictures is about 0.66
within a cluster, of nearest neighbours 0.75 to 0.9, between clusters of a family 0.25.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLUSTERS, FAMILIES = 2_000, 50
OWN_DIRECTIONS = 16
SPREAD, EVERYWHERE = 0.65, 0.3
"""Lengths of what varies along a cluster's own directions, and along all; its middle has length 1."""
NOISE_SHARE = COPY_SHARE = 0.01
COPY_DISTANCE = 0.2
"""Length of what a near copy differs by: a cosine of 0.98 to its original."""
NOISE = -1
AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class Mixture:
    """n rows, those of a cluster side by side, the noise behind them, the near copies last.

    vectors : (n, d) float32, unit rows.  clusters : (n,) int, -1 for noise; a copy has its original's.
    originals : (c,) the rows that the last c rows are copies of.
    """

    vectors: np.ndarray
    clusters: np.ndarray
    originals: np.ndarray

    @property
    def families(self) -> np.ndarray:
        """(n,) int, -1 for noise."""
        return np.where(self.clusters == NOISE, NOISE, self.clusters % FAMILIES)


def mixture(n: int, dim: int, originals: np.ndarray, seed: int = 0) -> Mixture:
    """Draw it.

    Parameters
    ----------
    originals : (c,) row numbers under n - c, of which copies are made.
    """
    rng = np.random.default_rng(seed)
    clusters = _memberships(n - len(originals), rng)
    vectors = np.empty((n, dim), np.float32)
    middles, axes = _places(dim, rng)
    for start in range(0, len(clusters), AT_ONCE):
        part = clusters[start : start + AT_ONCE]
        vectors[start : start + len(part)] = _drawn(part, middles, axes, rng)
    copies = vectors[len(clusters) :]
    for start in range(0, len(originals), AT_ONCE):
        part = originals[start : start + AT_ONCE]
        copies[start : start + len(part)] = unit(vectors[part] + COPY_DISTANCE * _anywhere(len(part), dim, rng))
    return Mixture(vectors, np.concatenate([clusters, clusters[originals]]), originals)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _memberships(n: int, rng: np.random.Generator) -> np.ndarray:
    """Sizes fall off as 1 / rank (Zipf): the largest holds an eighth of all, the smallest six of 100,000."""
    weights = 1 / np.arange(1, CLUSTERS + 1)
    noise = round(NOISE_SHARE * n)
    members = np.sort(rng.choice(CLUSTERS, n - noise, p=weights / weights.sum()))
    return np.concatenate([members, np.full(noise, NOISE)])


def _places(dim: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    families = _anywhere(FAMILIES, dim, rng)
    middles = unit(families[np.arange(CLUSTERS) % FAMILIES] + 1.2 * _anywhere(CLUSTERS, dim, rng))
    axes = _anywhere(CLUSTERS * OWN_DIRECTIONS, dim, rng).reshape(CLUSTERS, OWN_DIRECTIONS, dim)
    return middles, axes / np.float32(OWN_DIRECTIONS**0.5)


def _drawn(clusters: np.ndarray, middles: np.ndarray, axes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    dim = middles.shape[1]
    found = _anywhere(len(clusters), dim, rng)
    for number in np.unique(clusters[clusters != NOISE]):
        own = np.flatnonzero(clusters == number)
        along = rng.normal(size=(len(own), OWN_DIRECTIONS)).astype(np.float32) @ axes[number]
        found[own] = middles[number] + SPREAD * along + EVERYWHERE * found[own]
    return unit(found)


def _anywhere(n: int, dim: int, rng: np.random.Generator) -> np.ndarray:
    """(n, dim) float32, of length about 1, in any direction."""
    return rng.normal(size=(n, dim)).astype(np.float32) / np.float32(dim**0.5)
