"""Clusters of unit vectors by density (HDBSCAN), and the result type of every clustering.

Labels are numbers from 0, the largest cluster first; `NOISE` belongs to none. Vectors are used in
their full width: components of a PCA that is fitted on the many drop the directions of the few, and
outliers then look like a dense clump near the origin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.vocabulary import NOISE
from stages.core.density_leaves import density_leaves
from stages.core.joining import VOTERS, adopt, merge
from stages.core.spanning_tree import spanning_tree, validity

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SMALLEST_CLUSTER = 5
"""Fewest members of a cluster when none is asked for (HDBSCAN's own default)."""

STRAGGLER_QUANTILE = 0.95
"""Items farther from their neighbours than this share of all items are never adopted by a cluster."""


@dataclass(frozen=True)
class Clustering:
    """Which cluster each of n items is in, how surely, and how good the clustering is.

    labels : (n,) int32, 0 is the largest cluster, `NOISE` is none.
    strengths : (n,) float32 in [0, 1], 0 for noise.
    quality : numbers about the whole, for the table's metadata.
    """

    labels: np.ndarray
    strengths: np.ndarray
    quality: dict = field(default_factory=dict)

    @property
    def count(self) -> int:
        return int(self.labels.max()) + 1 if len(self.labels) else 0


def cluster_size(n: int) -> int:
    """Fewest members of a cluster where the user names none: half of √n, at least 5.

    With the square root, clusters grow in number and in size alike. Of 0.5, 0.75 and 1, and of 1 to 8
    samples, 0.5 with 2 samples agreed best with the classes of 30 sets of four kinds (photographs of
    garments in two resolutions, tiles of photographs, handwritten digits; 1 to 16 classes).
    """
    return max(SMALLEST_CLUSTER, round(np.sqrt(n) / 2))


def by_density(
    vectors: np.ndarray, indices: np.ndarray, similarities: np.ndarray, min_cluster_size: int, min_samples: int
) -> Clustering:
    """HDBSCAN's leaf clusters, joined by the noise items that most of their neighbours vouch for.

    On embeddings of photographs HDBSCAN's default (excess of mass) merges all but the tightest class
    into one blob, and its leaves are pure but leave four items of five as noise, since density falls
    off slowly in a thousand dimensions. So the leaves are the cores, and a noise item joins a core if at
    least half of its nearest neighbours are in it, repeated until nothing changes: label propagation
    (Zhu & Ghahramani 2002). Stragglers never join, so that outliers stay noise. Clusters that are
    entangled are made one. Where no two remain, all but the stragglers are one cluster.

    Parameters
    ----------
    vectors : (n, d) float, unit rows.
    indices, similarities : (n, k), each item's nearest others, nearest first, and their cosine.
    min_cluster_size : raising it gives fewer, larger clusters.
    min_samples : raising it leaves more noise and splits less.

    References
    ----------
    Campello, Moulavi & Sander 2013 (HDBSCAN); Moulavi et al. 2014 (DBCV).
    """
    n = len(vectors)
    if n < max(min_cluster_size, 2):
        return Clustering(np.full(n, NOISE, np.int32), np.zeros(n, np.float32), {"dbcv": None, "noise_fraction": 1.0})
    tree = spanning_tree(vectors, indices, similarities, min_samples)
    return clusters_of_tree(tree, indices, similarities, min_cluster_size)


def clusters_of_tree(
    tree: csr_matrix, indices: np.ndarray, similarities: np.ndarray, min_cluster_size: int
) -> Clustering:
    """The same, where the spanning tree is known: (n, n) symmetric, mutual reachability distances."""
    free = ~stragglers(similarities)
    cores, strengths = density_leaves(tree, min_cluster_size)
    labels, strengths = adopt(cores, strengths, indices, free)
    labels = by_size(merge(labels, indices))
    if labels.max() < 1:
        return _one_cluster(similarities, free)
    quality = {
        "dbcv": validity(np.where(cores == NOISE, NOISE, labels), tree),
        "core_fraction": _share(cores != NOISE),
        "noise_fraction": _share(labels == NOISE),
    }
    return Clustering(labels, strengths.astype(np.float32), quality)


def stragglers(similarities: np.ndarray) -> np.ndarray:
    """(n,) bool: the items farthest from their nearest neighbours, one in twenty."""
    spread = _spread(similarities)
    return spread > np.quantile(spread, STRAGGLER_QUANTILE)


def by_size(labels: np.ndarray) -> np.ndarray:
    """Number the clusters anew, the largest first; of equal ones the one that appears first. Noise stays."""
    members = labels[labels != NOISE]
    ids, first, counts = np.unique(members, return_index=True, return_counts=True)
    order = ids[np.lexsort((first, -counts))]
    number_of = np.empty(members.max(initial=NOISE) + 1, np.int32)
    number_of[order] = np.arange(len(order))
    renamed = np.full(labels.shape, NOISE, np.int32)
    renamed[labels != NOISE] = number_of[members]
    return renamed


def _one_cluster(similarities: np.ndarray, free: np.ndarray) -> Clustering:
    """All but the stragglers together; strength is density relative to the densest, as in HDBSCAN."""
    spread = np.maximum(_spread(similarities), 1e-6)
    labels = np.where(free, 0, NOISE).astype(np.int32)
    strengths = np.where(free, spread.min() / spread, 0).astype(np.float32)
    return Clustering(labels, strengths, {"dbcv": None, "core_fraction": 0.0, "noise_fraction": _share(~free)})


def _spread(similarities: np.ndarray) -> np.ndarray:
    return (1 - similarities[:, :VOTERS].astype(np.float64)).mean(axis=1)


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else 0.0
