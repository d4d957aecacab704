"""Clusters of unit vectors by density (HDBSCAN), and the result type of every clustering.

Labels are numbers from 0, the largest cluster first; `NOISE` belongs to none. Vectors are used in
their full width: components of a PCA that is fitted on the many drop the directions of the few, and
outliers then look like a dense clump near the origin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stages.contracts.vocabulary import NOISE

SMALLEST_CLUSTER = 5
"""Fewest members of a cluster when none is asked for (HDBSCAN's own default)."""

VOTERS = 10
"""How many nearest neighbours say whether a noise item belongs to their cluster."""

ENTANGLED = 0.15
"""Share of its links with which one cluster reaches into another from which on both are one."""

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
    free = ~stragglers(similarities)
    tree = spanning_tree(vectors, indices, similarities, min_samples)
    found = _hdbscan(tree, min_cluster_size)
    labels, strengths = adopt(found.labels_, found.probabilities_, indices, free)
    labels = by_size(merge(labels, indices))
    if labels.max() < 1:
        return _one_cluster(similarities, free)
    quality = {
        "dbcv": validity(np.where(found.labels_ == NOISE, NOISE, labels), tree),
        "core_fraction": _share(found.labels_ != NOISE),
        "noise_fraction": _share(labels == NOISE),
    }
    return Clustering(labels, strengths.astype(np.float32), quality)


def stragglers(similarities: np.ndarray) -> np.ndarray:
    """(n,) bool: the items farthest from their nearest neighbours, one in twenty."""
    spread = _spread(similarities)
    return spread > np.quantile(spread, STRAGGLER_QUANTILE)


def spanning_tree(vectors: np.ndarray, indices: np.ndarray, similarities: np.ndarray, min_samples: int):
    """Minimum spanning tree of the mutual reachability distances on the neighbour graph.

    Near enough the tree over all pairs, whose edges join near neighbours; pieces that the graph leaves
    apart are joined where they come closest to the largest one.

    Returns
    -------
    (n, n) symmetric sparse matrix, Euclidean distances.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    n, k = indices.shape
    rows, columns, cosine = np.repeat(np.arange(n), k), indices.ravel(), similarities.ravel()
    _, piece = connected_components(csr_matrix((np.ones(n * k), (rows, columns)), shape=(n, n)), directed=False)
    here, there = _bridges(vectors, piece)
    rows, columns = np.concatenate([rows, here]), np.concatenate([columns, there])
    distances = _euclidean(np.concatenate([cosine, (vectors[here] * vectors[there]).sum(axis=1)]))
    core = _euclidean(similarities[:, min(min_samples, k) - 1])
    reach = np.maximum(distances, np.maximum(core[rows], core[columns]))
    graph = csr_matrix((reach, (rows, columns)), shape=(n, n))
    # A pair that is listed from both ends would be summed; the larger entry of either direction is the same.
    tree = minimum_spanning_tree(graph.maximum(graph.T))
    return (tree + tree.T).tocsr()


def validity(labels: np.ndarray, tree) -> float | None:
    """DBCV as HDBSCAN approximates it: from the spanning tree alone, -1 (bad) to 1 (good).

    Each cluster's sparseness is its longest inner edge, its separation the shortest edge to another
    cluster; None with fewer than two clusters.

    References
    ----------
    Moulavi et al. 2014.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    if count < 2:
        return None
    edges = tree.tocoo()
    a, b = labels[edges.row], labels[edges.col]
    sparseness, separation = np.zeros(count), np.full(count, np.inf)
    inner, between = (a == b) & (a != NOISE), (a != b) & (a != NOISE) & (b != NOISE)
    np.maximum.at(sparseness, a[inner], edges.data[inner])
    np.minimum.at(separation, a[between], edges.data[between])
    # A cluster that the tree joins to noise only is as far from the others as any edge can be.
    separation[np.isinf(separation)] = 2 * edges.data.max()
    sizes = np.bincount(labels[labels != NOISE], minlength=count)
    each = (separation - sparseness) / np.maximum(separation, sparseness)
    return float((each * sizes).sum() / len(labels))


def adopt(
    labels: np.ndarray, strengths: np.ndarray, indices: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let noise items join the cluster that at least half of their nearest neighbours are in.

    Parameters
    ----------
    labels, strengths : (n,) of the dense cores.
    indices : (n, k), nearest neighbours.
    free : (n,) bool, who may join.

    Returns
    -------
    labels, strengths : copies; an adopted item's strength is half the share of its neighbours in the
        cluster, so it is 0.5 at most.
    """
    voters = indices[:, :VOTERS]
    labels, strengths = labels.copy(), strengths.astype(np.float64)
    while True:
        winner, share = _vote(labels[voters], labels.max() + 1)
        joining = (labels == NOISE) & free & (share >= 0.5)
        if not joining.any():
            return labels, strengths
        labels[joining], strengths[joining] = winner[joining], share[joining] / 2


def merge(labels: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Make one of two clusters that are each other's neighbours, the most entangled first.

    Leaves are split wherever density dips, also by chance within one class. Two are one where the links between
    them are `ENTANGLED` or more of all links to clusters that the one with fewer links has.

    Parameters
    ----------
    labels : (n,) clusters from 0 without a gap, and noise.
    indices : (n, k), nearest neighbours.
    """
    links = _links(labels, indices[:, :VOTERS])
    target = np.arange(len(links))
    while len(links) > 1:
        degree = np.maximum(links.sum(axis=1), 1)
        shares = links / np.minimum.outer(degree, degree)
        np.fill_diagonal(shares, 0)
        one, other = sorted(np.unravel_index(shares.argmax(), shares.shape))
        if shares[one, other] < ENTANGLED:
            break
        for axis in (links, links.T):
            axis[one] += axis[other]
            axis[other] = 0
        target[target == other] = one
    merged = labels.copy()
    merged[labels != NOISE] = target[labels[labels != NOISE]]
    return merged


def by_size(labels: np.ndarray) -> np.ndarray:
    """Number the clusters anew, the largest first; of equal ones the one that appears first. Noise stays."""
    members = labels[labels != NOISE]
    ids, first, counts = np.unique(members, return_index=True, return_counts=True)
    order = ids[np.lexsort((first, -counts))]
    renamed = np.full(labels.shape, NOISE, np.int32)
    for number, old in enumerate(order):
        renamed[labels == old] = number
    return renamed


def _one_cluster(similarities: np.ndarray, free: np.ndarray) -> Clustering:
    """All but the stragglers together; strength is density relative to the densest, as in HDBSCAN."""
    spread = np.maximum(_spread(similarities), 1e-6)
    labels = np.where(free, 0, NOISE).astype(np.int32)
    strengths = np.where(free, spread.min() / spread, 0).astype(np.float32)
    return Clustering(labels, strengths, {"dbcv": None, "core_fraction": 0.0, "noise_fraction": _share(~free)})


def _hdbscan(tree, min_cluster_size: int):
    from hdbscan import HDBSCAN

    # The edges are mutual reachabilities already; with one sample HDBSCAN leaves them as they are.
    return HDBSCAN(
        min_cluster_size=min_cluster_size, min_samples=1, metric="precomputed", cluster_selection_method="leaf"
    ).fit(tree)


def _bridges(vectors: np.ndarray, piece: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that join each piece of a graph to the largest, at the member nearest to the piece's mean."""
    largest = piece == np.bincount(piece).argmax()
    ends = []
    for number in np.unique(piece[~largest]):
        members = np.flatnonzero(piece == number)
        there = np.where(largest, vectors @ vectors[members].mean(axis=0), -np.inf).argmax()
        ends.append((members[(vectors[members] @ vectors[there]).argmax()], there))
    pairs = np.array(ends, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _links(labels: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """(c, c) float: neighbour links between clusters, both directions halved; noise left out."""
    count = int(labels.max(initial=NOISE)) + 1
    links = np.zeros((count, count))
    here, there = np.repeat(labels, indices.shape[1]), labels[indices].ravel()
    inside = (here != NOISE) & (there != NOISE)
    np.add.at(links, (here[inside], there[inside]), 1)
    return (links + links.T) / 2


def _vote(votes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The cluster with most votes in each row (n, k) of labels, and its share of the row."""
    n, k = votes.shape
    tally = np.zeros((n, max(count, 1)), np.int32)
    row, column = np.nonzero(votes != NOISE)
    np.add.at(tally, (row, votes[row, column]), 1)
    return tally.argmax(axis=1), tally.max(axis=1) / k


def _euclidean(cosine: np.ndarray) -> np.ndarray:
    # Never zero: a zero would vanish from a sparse matrix, and density would be infinite.
    return np.sqrt(np.maximum(2 - 2 * cosine.astype(np.float64), 1e-12))


def _spread(similarities: np.ndarray) -> np.ndarray:
    return (1 - similarities[:, :VOTERS].astype(np.float64)).mean(axis=1)


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else 0.0
