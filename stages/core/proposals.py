"""Which pictures may be copies of each other: cheap, and rather too many than too few.

Two sides propose, because they err on different pairs: the neighbour graph of the embeddings (crops, turns,
mirrors) and perceptual hashes, plain and mirrored, searched in their own right (captions, grey, blur).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stages.core import phash

HASHES_AT_ONCE, COMPARED_AT_ONCE = 8_192, 1 << 26
"""Hashes that look for others at once, and how many comparisons that may be: all of them may be near."""
HASH_PARTS, FEWEST_HASHES, MOST_HASHES = 16, 1 << 12, 1 << 16
"""Parts of the hashes, each compared with itself and those behind it. Most hashes of a part: 2 MB, which stay in a
processor's own memory; else it waits for most of them, as each hash looks at all. Fewest: it is over in 10 ms, and
starting threads for less takes longer, on a busy machine a hundred times."""
HELD = 1 << 24
"""Near hashes that are held before all but the nearest go; twice as many as are kept, where that is more."""
ROW_AT, DISTANCE_AT, OTHER = np.uint64(40), np.uint64(31), np.uint64((1 << 31) - 1)
HASHES_EACH = 32
"""Nearest hashes looked at for each picture, plain and mirrored; copies beyond are found through their groups."""
MUTUAL = 3
BLOCK, SIMILARITIES_AT_ONCE = 65_536, 1 << 24
"""Pairs whose vectors are held at once, and similarities of rows that look beyond their group."""
PAIRS_EACH = 64
"""Other members that each picture of a group is compared with, at most; smaller groups are compared throughout."""


def proposed(
    indices: np.ndarray,
    similarities: np.ndarray,
    hashes: np.ndarray,
    mirrored_hashes: np.ndarray,
    cosine: float,
    neighbors: int,
    bits: int,
) -> np.ndarray:
    """All pairs to look at.

    Parameters
    ----------
    indices, similarities : (n, k) of the neighbour graph, nearest first.
    hashes, mirrored_hashes : (n, bytes) uint8, of each picture and of its mirror image.
    cosine, neighbors : the first `neighbors` of each row count, from this cosine on, and mutual best ones anyway.
    bits : hashes count that differ in at most so many bits.

    Returns
    -------
    (m, 2) int64 row numbers, the smaller first, each pair once, ascending.
    """
    near = by_cosine(indices, similarities, cosine, neighbors)
    best = mutual(indices)
    return distinct(np.concatenate([near, best, by_hash(hashes, mirrored_hashes, bits)]))


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


def by_hash(hashes: np.ndarray, mirrored_hashes: np.ndarray, bits: int) -> np.ndarray:
    """Pairs (m, 2) of each picture with those whose hashes are nearest, plain or mirrored, up to `bits` of difference.

    Exact: every hash is compared with every other, once (about a billion a second on one core), and the nearest 32 of
    each, plain and mirrored, are kept. The picture of the higher number is the one that is mirrored.
    """
    sides = [_nearest_each(_near_hashes(hashes, side, bits), len(hashes)) for side in (hashes, mirrored_hashes)]
    return distinct(np.concatenate(sides))


def _near_hashes(hashes: np.ndarray, others: np.ndarray, bits: int) -> Iterator[np.ndarray]:
    """Keys (`_keys`) of hashes (n, bytes) that are near `others` of higher number, and of these near those."""
    import faiss

    for some, behind in _tiles(len(hashes)):
        index = faiss.IndexBinaryFlat(hashes.shape[1] * 8)
        index.add(np.ascontiguousarray(others[behind]))
        # By range, not by rank: a heap for each hash takes ten times as long as all the comparing.
        limits, distances, near = index.range_search(np.ascontiguousarray(hashes[some]), bits + 1)
        rows = some.start + np.repeat(np.arange(some.stop - some.start), np.diff(limits.astype(np.int64)))
        near = near + behind.start
        up = near > rows
        yield _keys(rows[up], near[up], distances[up])
        yield _keys(near[up], rows[up], distances[up])


def _tiles(n: int) -> Iterator[tuple[slice, slice]]:
    """Rows, and those they are compared with: each part with itself and with those behind it, a block at a time."""
    part = min(max(-(-n // HASH_PARTS), FEWEST_HASHES), MOST_HASHES)
    block = max(min(HASHES_AT_ONCE, COMPARED_AT_ONCE // part), 1)
    for first in range(0, n, part):
        end = min(first + part, n)
        for second in range(first, n, part):
            for start in range(first, end, block):
                yield slice(start, min(start + block, end)), slice(second, min(second + part, n))


def _keys(rows: np.ndarray, others: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """(m,) uint64: row, distance and other in one number, so that they sort at once; up to 16 million rows."""
    parts = (rows.astype(np.uint64) << ROW_AT, distances.astype(np.uint64) << DISTANCE_AT, others.astype(np.uint64))
    return parts[0] | parts[1] | parts[2]


def _nearest_each(found: Iterator[np.ndarray], n: int) -> np.ndarray:
    """Of each row its nearest 32, pairs (m, 2); of equal ones those of lower number.

    found : keys, a part at a time; no more are held than there is need for.
    """
    waiting: list[np.ndarray] = []
    size, most = 0, max(HELD, 2 * HASHES_EACH * n)
    for keys in found:
        waiting.append(keys)
        size += len(keys)
        if size > most:
            waiting = [_first_of_each(np.concatenate(waiting))]
            size = len(waiting[0])
    kept = _first_of_each(np.concatenate([np.empty(0, np.uint64), *waiting]))
    return np.column_stack([kept >> ROW_AT, kept & OTHER]).astype(np.int64)


def _first_of_each(keys: np.ndarray) -> np.ndarray:
    """The first 32 keys of each row, ascending."""
    keys = np.sort(keys)
    rows = keys >> ROW_AT
    first = np.flatnonzero(np.diff(rows, prepend=rows[:1] + np.uint64(1)))
    place = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    return keys[place < HASHES_EACH]


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
