"""An image's witnesses: the nearest neighbours by which it is judged how far out the image lies.

Copies of it are none, nor are two copies of one picture two witnesses; and some images are nobody's: see `strangeness`.
"""

from __future__ import annotations

import numpy as np

DEFECTIVE, SOUND = 1, 2
"""Ranks. The witnesses of an item are of its rank or a higher one: a blurred picture is compared with blurred and sharp
ones, a sharp one with sharp ones only."""

BLOCK, AT_ONCE = 256, 1 << 25
"""Rows whose similarities to all others are held at once, and the most similarities: 256 MB, and a few copies."""

AMPLE = 4
"""Candidates that are sorted, per neighbour wanted; where copies leave too few of them, all rows are."""


def neighbors_without_copies(
    vectors: np.ndarray,
    indices: np.ndarray,
    similarities: np.ndarray,
    groups: np.ndarray,
    k: int,
    ranks: np.ndarray | None = None,
    standing: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Each item's nearest others that are neither its copies nor copies of one another.

    Parameters
    ----------
    vectors : (n, d) float32, unit rows.
    indices, similarities : (n, w), the neighbour graph, nearest first.
    groups : (n,) int, the same number for copies of one picture.
    k : neighbours needed. Where the graph holds fewer that count, all rows are looked at.
    ranks, standing : (n,) int; an item may be a witness of those whose rank is no higher than its standing, so one of
        standing 0 of none. None: every item of every other.

    Returns
    -------
    indices : (n, w') int, nearest first, -1 where there is none; w' is the larger of k and w, or n - 1 if that is
        less. The nearest k are complete; beyond them stand those that the graph holds.
    distances : (n, w') float64, cosine; NaN where there is none.
    """
    n = len(vectors)
    ranks = np.zeros(n, int) if ranks is None else ranks
    standing = ranks if standing is None else standing
    k = max(min(k, n - 1), 0)
    width = max(min(max(k, indices.shape[1]), n - 1), 0)
    found, distances = np.full((n, width), -1, np.int64), np.full((n, width), np.nan)
    if k == 0:
        return found, distances
    _take(
        indices.astype(np.int64), 1 - similarities.astype(np.float64), groups, ranks, groups, standing, found, distances
    )
    short = np.flatnonzero(found[:, k - 1] < 0)
    found[short], distances[short] = nearest_witnesses(
        vectors[short], groups[short], ranks[short], vectors, groups, standing, width
    )
    return found, distances


def nearest_witnesses(
    rows: np.ndarray,
    own: np.ndarray,
    ranks: np.ndarray,
    vectors: np.ndarray,
    groups: np.ndarray,
    standing: np.ndarray,
    width: int,
) -> tuple[np.ndarray, np.ndarray]:
    """The same for any rows, by comparing them with all items.

    Parameters
    ----------
    rows : (m, d) float32, unit rows.
    own : (m,) the groups they belong to; -1 for one that has no copies among the items.
    ranks : (m,) of the rows.
    vectors, groups, standing : of the items, as above.
    width : neighbours wanted.

    Returns
    -------
    indices, distances : (m, width), as above.
    """
    found, distances = np.full((len(rows), width), -1, np.int64), np.full((len(rows), width), np.nan)
    block = max(min(BLOCK, AT_ONCE // max(len(vectors), 1)), 1)
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        # A product in float32 can put an equal vector a little above 1.
        cosine = np.clip(rows[part] @ vectors.T, -1, 1).astype(np.float64)
        cosine[standing < ranks[part][:, None]] = -2
        wide = min(AMPLE * width, len(vectors))
        order = _largest(cosine, wide)
        _take_from(cosine, order, own[part], ranks[part], groups, standing, found[part], distances[part])
        short = np.flatnonzero(found[part][:, -1] < 0)
        if len(short) and wide < len(vectors):
            again, apart = np.full((len(short), width), -1, np.int64), np.full((len(short), width), np.nan)
            order = _largest(cosine[short], len(vectors))
            asking = (own[part][short], ranks[part][short])
            _take_from(cosine[short], order, *asking, groups, standing, again, apart)
            found[part][short], distances[part][short] = again, apart
    return found, distances


def _take(
    candidates: np.ndarray,
    candidate_distances: np.ndarray,
    own: np.ndarray,
    ranks: np.ndarray,
    groups: np.ndarray,
    standing: np.ndarray,
    found: np.ndarray,
    distances: np.ndarray,
) -> None:
    """Fill `found` and `distances` (m, w) with each row's first candidates (m, c) that are witnesses of new groups."""
    # An item that may not be a witness is treated as a copy of the row itself.
    heard = standing[candidates] >= ranks[:, None]
    theirs = np.where(heard, groups[candidates], own[:, None])
    usable = heard & (theirs != own[:, None]) & _first_of_each(theirs)
    place = usable.cumsum(axis=1) - 1
    row, column = np.nonzero(usable & (place < found.shape[1]))
    found[row, place[row, column]] = candidates[row, column]
    distances[row, place[row, column]] = np.clip(candidate_distances[row, column], 0, 2)


def _take_from(
    cosine: np.ndarray,
    order: np.ndarray,
    own: np.ndarray,
    ranks: np.ndarray,
    groups: np.ndarray,
    standing: np.ndarray,
    found: np.ndarray,
    distances: np.ndarray,
) -> None:
    _take(order, 1 - np.take_along_axis(cosine, order, axis=1), own, ranks, groups, standing, found, distances)


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """(m, count) columns of the largest values of each row, largest first; ties by column."""
    if count < values.shape[1]:
        columns = np.sort(np.argpartition(-values, count - 1, axis=1)[:, :count], axis=1)
    else:
        columns = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    order = np.argsort(-np.take_along_axis(values, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


def _first_of_each(values: np.ndarray) -> np.ndarray:
    """(m, w) bool: no equal value stands to its left in its row."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    first = np.ones(values.shape, bool)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    result = np.empty_like(first)
    np.put_along_axis(result, order, first, axis=1)
    return result
