"""Pictures whose perceptual hashes are near, plain or mirrored, among all of them.

Exact search would compare every hash with every other, once as it is and once mirrored. But mirroring a picture turns
only its odd horizontal frequencies, so half of a hash's bits are the same in both (`phash.halves`). These are compared,
and of the few pairs near enough there the other half is looked at, for both ways at once: a quarter of the work.

What is missed: a pair whose differing bits lie by chance in the even half. Of 8,237 copies of 600 photographs that
differ in at most 80 of 256 bits, made in twenty ways, 5 were; three of them were crops, for which there are embeddings.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stages.core.phash import HALF, halves

EVEN_SHARE = 0.575
"""Of the bits in which two hashes may differ so many may be of the even half. Half of them are, give or take; up to
this share they are with 95 % of pairs at the limit of 80 bits, if each bit is as likely as the other, and with 99.9 %
at 64. Of pairs of other photographs of one kind 1 % are so near there, of others a third of that."""
QUERIES_AT_ONCE, COMPARED_AT_ONCE = 8_192, 1 << 26
"""Hashes that look for others at once, and how many comparisons that may be: all of them may be near."""
PARTS, FEWEST, MOST = 16, 1 << 12, 1 << 16
"""Parts of the hashes, each compared with itself and those behind it. Most hashes of a part: 1 MB, which stay in a
processor's own memory; else it waits for most of them, as each hash looks at all. Fewest: it is over in 10 ms, and
starting threads for less takes longer, on a busy machine a hundred times."""
HELD = 1 << 24
"""Near hashes that are held before all but the nearest go; twice as many as are kept, where that is more."""
ROW_AT, DISTANCE_AT, OTHER = np.uint64(40), np.uint64(31), np.uint64((1 << 31) - 1)
HASHES_EACH = 32
"""Nearest hashes looked at for each picture, plain and mirrored; copies beyond are found through their groups."""


def by_hash(hashes: np.ndarray, bits: int) -> np.ndarray:
    """Pairs of each picture with those whose hashes are nearest, plain or mirrored, up to `bits` of difference.

    Of each picture the nearest 32 are kept, plain and mirrored.

    Parameters
    ----------
    hashes : (n, 32) uint8.

    Returns
    -------
    (m, 2) int64 row numbers; a pair may come several times, in either order.
    """
    plain, mirrored = _NearestEach(len(hashes)), _NearestEach(len(hashes))
    for rows, others, even, odd in _near_even_halves(*halves(hashes), even_limit(bits)):
        for side, distances in ((plain, even + odd), (mirrored, even + (HALF - odd))):
            near = np.flatnonzero(distances <= bits)
            side.add(rows[near], others[near], distances[near])
    return np.concatenate([plain.pairs(), mirrored.pairs()])


def even_limit(bits: int) -> int:
    """In how many bits of the even half two hashes may differ that may differ in `bits` of all."""
    return round(EVEN_SHARE * bits)


def _near_even_halves(
    even: np.ndarray, odd: np.ndarray, limit: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Rows, rows of higher number near them by the even half, and bits (m,) int32 in which the halves differ."""
    import faiss

    words = odd.view(np.uint64)
    for some, behind in _tiles(len(even)):
        index = faiss.IndexBinaryFlat(HALF)
        index.add(even[behind])
        # By range, not by rank: a heap for each hash takes ten times as long as all the comparing.
        limits, distances, near = index.range_search(even[some], limit + 1)
        rows = some.start + np.repeat(np.arange(some.stop - some.start), np.diff(limits.astype(np.int64)))
        near = near + behind.start
        up = np.flatnonzero(near > rows)
        rows, near = rows[up], near[up]
        yield rows, near, distances[up], np.bitwise_count(words[rows] ^ words[near]).sum(axis=1, dtype=np.int32)


def _tiles(n: int) -> Iterator[tuple[slice, slice]]:
    """Rows, and those they are compared with: each part with itself and with those behind it, a block at a time."""
    part = min(max(-(-n // PARTS), FEWEST), MOST)
    block = max(min(QUERIES_AT_ONCE, COMPARED_AT_ONCE // part), 1)
    for first in range(0, n, part):
        end = min(first + part, n)
        for second in range(first, n, part):
            for start in range(first, end, block):
                yield slice(start, min(start + block, end)), slice(second, min(second + part, n))


class _NearestEach:
    """The nearest 32 of each row; of equal ones those of lower number. No more are held than there is need for."""

    def __init__(self, n: int) -> None:
        self.most = max(HELD, 2 * HASHES_EACH * n)
        self.waiting: list[np.ndarray] = []
        self.size = 0

    def add(self, rows: np.ndarray, others: np.ndarray, distances: np.ndarray) -> None:
        """Pairs (m,) found, for each of the two."""
        self.waiting += [_keys(rows, others, distances), _keys(others, rows, distances)]
        self.size += 2 * len(rows)
        if self.size > self.most:
            self.waiting = [self._nearest()]
            self.size = len(self.waiting[0])

    def pairs(self) -> np.ndarray:
        """(m, 2) int64, each row with its nearest."""
        kept = self._nearest()
        return np.column_stack([kept >> ROW_AT, kept & OTHER]).astype(np.int64)

    def _nearest(self) -> np.ndarray:
        return _first_of_each(np.concatenate([np.empty(0, np.uint64), *self.waiting]))


def _keys(rows: np.ndarray, others: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """(m,) uint64: row, distance and other in one number, so that they sort at once; up to 16 million rows."""
    parts = (rows.astype(np.uint64) << ROW_AT, distances.astype(np.uint64) << DISTANCE_AT, others.astype(np.uint64))
    return parts[0] | parts[1] | parts[2]


def _first_of_each(keys: np.ndarray) -> np.ndarray:
    """The first 32 keys of each row, ascending."""
    keys = np.sort(keys)
    rows = keys >> ROW_AT
    first = np.flatnonzero(np.diff(rows, prepend=rows[:1] + np.uint64(1)))
    place = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    return keys[place < HASHES_EACH]
