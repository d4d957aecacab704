"""The spanning tree that density clusters are read from: of the neighbour graph, not of all pairs of n items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.vocabulary import NOISE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

AT_ONCE = 1 << 26
"""Similarities that are held at once while pieces are joined: 256 MB."""


def spanning_tree(vectors: np.ndarray, indices: np.ndarray, similarities: np.ndarray, min_samples: int) -> csr_matrix:
    """Minimum spanning tree of the mutual reachability distances on the neighbour graph.

    This is nearly the tree over all pairs, since the edges of that one join near neighbours. Pieces that the graph
    leaves apart are joined to the largest one, where they come closest to it.

    Parameters
    ----------
    vectors : (n, d) unit rows.
    indices, similarities : (n, k) the neighbour graph, nearest first, and cosines.
    min_samples : the neighbour whose distance is an item's core distance, counted from 1.

    Returns
    -------
    (n, n) symmetric, Euclidean distances.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    n, k = indices.shape
    rows, columns, cosine = np.repeat(np.arange(n), k), indices.ravel(), similarities.ravel()
    _, piece = connected_components(csr_matrix((np.ones(n * k), (rows, columns)), shape=(n, n)), directed=False)
    here, there = bridges(vectors, piece)
    rows, columns = np.concatenate([rows, here]), np.concatenate([columns, there])
    distances = euclidean(np.concatenate([cosine, (vectors[here] * vectors[there]).sum(axis=1)]))
    core = euclidean(similarities[:, min(min_samples, k) - 1])
    reach = np.maximum(distances, np.maximum(core[rows], core[columns]))
    graph = csr_matrix((reach, (rows, columns)), shape=(n, n))
    # A pair that is listed from both ends would be summed; the larger entry of either direction is the same.
    tree = minimum_spanning_tree(graph.maximum(graph.T))
    return (tree + tree.T).tocsr()


def bridges(vectors: np.ndarray, piece: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that join each piece of a graph to the largest, at the member nearest to the piece's mean.

    Parameters
    ----------
    vectors : (n, d) unit rows.
    piece : (n,) int, the piece that each row is in.
    """
    largest = piece == np.bincount(piece, minlength=1).argmax()
    order = np.flatnonzero(~largest)
    order = order[np.argsort(piece[order], kind="stable")]
    starts = np.flatnonzero(np.diff(piece[order], prepend=-1))
    pieces = np.split(order, starts[1:]) if len(order) else []
    ends = []
    step = max(AT_ONCE // max(len(vectors), 1), 1)
    for start in range(0, len(pieces), step):
        some = pieces[start : start + step]
        similarities = np.stack([vectors[members].mean(axis=0) for members in some]) @ vectors.T
        similarities[:, ~largest] = -np.inf
        for members, there in zip(some, similarities.argmax(axis=1).tolist(), strict=True):
            ends.append((members[(vectors[members] @ vectors[there]).argmax()], there))
    pairs = np.array(ends, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def validity(labels: np.ndarray, tree: csr_matrix) -> float | None:
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


def euclidean(cosine: np.ndarray) -> np.ndarray:
    """Straight distances between unit vectors. Never zero: a zero would vanish from a sparse matrix, and density
    would be infinite."""
    return np.sqrt(np.maximum(2 - 2 * cosine.astype(np.float64), 1e-12))
