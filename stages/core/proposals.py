"""Which pictures may be copies of each other: cheap, and rather too many than too few.

Two sides propose, because they err on different pairs: the neighbour graph of the embeddings (crops, turns,
mirrors) and perceptual hashes, plain and mirrored, searched in their own right (captions, grey, blur).
"""

from __future__ import annotations

import numpy as np

from stages.core import phash
from stages.core.hash_search import by_hash

MUTUAL = 3
BLOCK, SIMILARITIES_AT_ONCE = 1_024, 1 << 24
"""Pairs whose vectors are held at once, so few that they stay in a processor's own memory, and similarities of rows
that look beyond their group."""
PAIRS_EACH = 64
"""Other members that each picture of a group is compared with, at most; smaller groups are compared throughout."""


def proposed(
    indices: np.ndarray,
    similarities: np.ndarray,
    hashes: np.ndarray,
    cosine: float,
    neighbors: int,
    bits: int,
) -> np.ndarray:
    """All pairs to look at.

    Parameters
    ----------
    indices, similarities : (n, k) of the neighbour graph, nearest first.
    hashes : (n, 32) uint8.
    cosine, neighbors : the first `neighbors` of each row count, from this cosine on, and mutual best ones anyway.
    bits : hashes count that differ in at most so many bits, plain or mirrored.

    Returns
    -------
    (m, 2) int64 row numbers, the smaller first, each pair once, ascending.
    """
    near = by_cosine(indices, similarities, cosine, neighbors)
    best = mutual(indices)
    return distinct(np.concatenate([near, best, by_hash(hashes, bits)]))


def by_cosine(indices: np.ndarray, similarities: np.ndarray, cosine: float, neighbors: int) -> np.ndarray:
    """Pairs (m, 2) of each row with its first `neighbors`, from `cosine` on."""
    rows, places = np.nonzero(similarities[:, :neighbors] >= cosine)
    return np.column_stack([rows, indices[rows, places]]).astype(np.int64)


def mutual(indices: np.ndarray) -> np.ndarray:
    """Pairs (m, 2) of rows among each other's first 3 neighbours, however far: what no cosine tells of a hard crop."""
    n = len(indices)
    first = indices[:, :MUTUAL].astype(np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int64), first.shape[1])
    there, back = rows * n + first.ravel(), first.ravel() * n + rows
    both = np.intersect1d(there, back, assume_unique=True)
    return np.column_stack(np.divmod(both, max(n, 1)))


def distinct(pairs: np.ndarray) -> np.ndarray:
    """Each pair once, the smaller row first, ascending."""
    if not len(pairs):
        return np.empty((0, 2), np.int64)
    low, high = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1).astype(np.int64)
    n = int(high.max()) + 1
    return np.column_stack(np.divmod(_once(low * n + high), n))


def _once(keys: np.ndarray) -> np.ndarray:
    """Each of the numbers (m,) once, ascending: by sorting, of millions a tenth of the time of numpy's hash table."""
    keys = np.sort(keys)
    return keys[np.diff(keys, prepend=keys[:1] - 1) != 0]


def hamming(hashes: np.ndarray, mirrored_hashes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Bits (m,) in which the hashes of each pair differ, plain or mirrored, whichever is less."""
    first, second = pairs.T
    plain, flipped = (phash.hamming(hashes[first], others[second]) for others in (hashes, mirrored_hashes))
    return np.minimum(plain, flipped).astype(np.int64)


def cosines(vectors: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Cosine (m,) of each pair (m, 2) of unit rows (n, d)."""
    found = np.empty(len(pairs), vectors.dtype)
    for start in range(0, len(pairs), BLOCK):
        a, b = pairs[start : start + BLOCK].T
        found[start : start + BLOCK] = np.einsum("ij,ij->i", vectors[a], vectors[b])
    return np.clip(found, -1, 1)


def components(accepted: np.ndarray, n: int) -> np.ndarray:
    """Number (n,) of each row's component: rows that accepted pairs link, directly or through others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(accepted), np.int8), (accepted[:, 0], accepted[:, 1])), shape=(n, n))
    return connected_components(links, directed=False)[1]


def within_groups(accepted: np.ndarray, n: int, split: np.ndarray) -> np.ndarray:
    """Pairs that accepted ones suggest: copies of one picture are looked at pair by pair.

    Many copies of one picture crowd each other out of everyone's nearest neighbours; here they meet again.
    In a component of more than 65 each member meets 64 others: those most copied, and those of other splits.

    Parameters
    ----------
    accepted : (m, 2) row numbers.  n : rows there are.  split : (n,) anything comparable, the split of each row.
    """
    labels = components(accepted, n)
    degree = np.bincount(accepted.ravel(), minlength=n)
    linked = np.flatnonzero(degree)
    order = linked[np.argsort(labels[linked], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    groups = [members for members in np.split(order, starts[1:]) if len(members) > 2]
    found = [_throughout(members, degree, split) for members in groups]
    return distinct(np.concatenate([np.empty((0, 2), np.int64), *found]))


def _throughout(members: np.ndarray, degree: np.ndarray, split: np.ndarray) -> np.ndarray:
    if len(members) <= PAIRS_EACH + 1:
        first, second = np.triu_indices(len(members), 1)
        return np.column_stack([members[first], members[second]])
    by_degree = members[np.argsort(-degree[members], kind="stable")]
    hubs = by_degree[: PAIRS_EACH // 2]
    pairs = [_product(members, hubs)]
    for word in np.unique(split[members]):
        others = by_degree[split[by_degree] != word][: PAIRS_EACH // 2]
        pairs.append(_product(members[split[members] == word], others))
    found = np.concatenate(pairs)
    return found[found[:, 0] != found[:, 1]]


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.column_stack([np.repeat(a, len(b)), np.tile(b, len(a))])


def crowded(indices: np.ndarray, similarities: np.ndarray, labels: np.ndarray, cosine: float) -> np.ndarray:
    """Rows (m,) all of whose neighbours in the graph are of their own component and within `cosine`.

    Nobody knows what lies behind them, so they have to look further. Two of a component are enough.
    """
    if not indices.shape[1]:
        return np.empty(0, np.int64)
    full = (labels[indices] == labels[:, None]).all(axis=1) & (similarities[:, -1] >= cosine)
    rows = np.flatnonzero(full)
    order = rows[np.argsort(labels[rows], kind="stable")]
    first = np.flatnonzero(np.diff(labels[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    return np.sort(order[rank < 2])


def beyond_groups(
    vectors: np.ndarray, rows: np.ndarray, labels: np.ndarray, cosine: float, neighbors: int
) -> np.ndarray:
    """Pairs (m, 2) of the given rows with their nearest outside their own component, from `cosine` on.

    vectors : (n, d) unit rows.  rows : (r,) those that look further.  labels : (n,) component of each row.
    """
    found = [np.empty((0, 2), np.int64)]
    block = max(SIMILARITIES_AT_ONCE // max(len(vectors), 1), 1)
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        similarities = vectors[some] @ vectors.T
        similarities[labels[some][:, None] == labels] = -2
        best = np.argpartition(-similarities, min(neighbors, len(vectors) - 1), axis=1)[:, :neighbors]
        near, place = np.nonzero(np.take_along_axis(similarities, best, axis=1) >= cosine)
        found.append(np.column_stack([some[near], best[near, place]]))
    return distinct(np.concatenate(found))
