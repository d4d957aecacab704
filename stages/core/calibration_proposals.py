"""Whether a planted copy would be proposed, had it been in the data set: `proposals`, for one more row.

The copy is never put into the neighbour graph. Whether the graph would link it with its original follows from
distances: the original would be among the copy's neighbours where few other pictures are nearer to the copy, and the
copy among the original's where it is nearer than the last of these.
"""

from __future__ import annotations

import numpy as np

from stages.core.hash_search import HASHES_EACH, even_limit
from stages.core.phash import HALF, halves, hamming
from stages.core.proposals import MUTUAL

BLOCK = 64
"""Copies whose similarities to all pictures are held at once."""


class HashIndex:
    """Perceptual hashes of the data set (n, 32) uint8, plain and of the mirror images, for looking up one more.

    A hash is compared with all others, which is quick. An index would start threads of its own, and calibration runs in
    threads already.
    """

    def __init__(self, hashes: np.ndarray, mirrored_hashes: np.ndarray) -> None:
        self.sides = (hashes, mirrored_hashes)
        self._words = [np.ascontiguousarray(half.view(np.uint64).T) for half in halves(hashes)]

    def distance(self, copy: np.ndarray, row: int) -> int:
        """Bits in which a copy's hash (bytes,) differs from a picture's, plain or mirrored, whichever is less."""
        return min(int(hamming(copy, side[row])) for side in self.sides)

    def nearest(self, row: int, k: int, bits: int) -> list[int]:
        """Up to k other pictures whose hashes differ from a picture's in at most `bits`, nearest first."""
        _, *sides = self._distances(self.sides[0][row])
        distances = np.minimum(*sides)
        near = np.flatnonzero(distances <= bits)
        near = near[near != row]
        return near[np.argsort(distances[near], kind="stable")][:k].tolist()

    def proposes(self, copy: np.ndarray, row: int, bits: int) -> bool:
        """Whether `by_hash` would pair a copy with a picture: among the nearest of the copy's hash, within `bits`."""
        even, *sides = self._distances(copy)
        # Of equals any may be taken, so all of them must have a place.
        near = any(own[row] <= bits and (own <= own[row]).sum() <= HASHES_EACH for own in sides)
        return near and even[row] <= even_limit(bits)

    def _distances(self, code: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bits (n,) in which a hash (32,) uint8 differs from the others: of the even half, of all, and mirrored."""
        parts = (half.view(np.uint64)[0] for half in halves(code[None]))
        even, odd = (
            np.bitwise_count(words ^ part[:, None]).sum(axis=0, dtype=np.int16)
            for words, part in zip(self._words, parts, strict=True)
        )
        return even, even + odd, even + (HALF - odd)


def by_cosine(
    copies: np.ndarray,
    rows: np.ndarray,
    vectors: np.ndarray,
    similarities: np.ndarray,
    cosine: float,
    neighbors: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Whether `by_cosine` or `mutual` of `proposals` would pair copies with their originals.

    Parameters
    ----------
    copies : (m, d) float32, unit rows.
    rows : (m,) row of each one's original.
    vectors : (n, d) float32, unit rows of the data set.
    similarities : (n, k) of the neighbour graph, descending.
    cosine, neighbors : as in `proposals.proposed`.

    Returns
    -------
    cosines : (m,) float32, of each copy to its original.
    proposed : (m,) bool.
    """
    own = np.einsum("ij,ij->i", copies, vectors[rows]).astype(np.float32)
    nearer = np.zeros(len(copies), np.int64)
    for start in range(0, len(copies), BLOCK):
        part = slice(start, start + BLOCK)
        found = copies[part] @ vectors.T
        # The original's own place is not counted, whatever rounding makes of it.
        found[np.arange(len(found)), rows[part]] = -2
        nearer[part] = (found > own[part, None]).sum(axis=1)
    known = similarities[rows]
    before = (known > own[:, None]).sum(axis=1)
    near = (own >= cosine) & ((nearer < neighbors) | (before < neighbors))
    return own, near | ((nearer < MUTUAL) & (before < MUTUAL))
