"""Whether a planted copy would be proposed, had it been in the data set: `proposals`, for one more row.

The copy is never in the graph. What would happen is read from how it lies to the data set: it takes the original for
a neighbour where few others are nearer, and the original takes it where it is nearer than the last of its own.
"""

from __future__ import annotations

import numpy as np

from stages.core.proposals import HASHES_EACH, MUTUAL

BLOCK = 64
"""Copies whose similarities to all pictures are held at once."""


class HashIndex:
    """Perceptual hashes of the data set (n, bytes) uint8, plain and of the mirror images, for looking up one more."""

    def __init__(self, hashes: np.ndarray, mirrored_hashes: np.ndarray) -> None:
        import faiss

        self.sides = (hashes, mirrored_hashes)
        self.indexes = []
        for side in self.sides:
            index = faiss.IndexBinaryFlat(side.shape[1] * 8)
            index.add(np.ascontiguousarray(side))
            self.indexes.append(index)

    def distance(self, copy: np.ndarray, row: int) -> int:
        """Bits in which a copy's hash (bytes,) differs from a picture's, plain or mirrored, whichever is less."""
        return min(int(np.bitwise_count(copy ^ side[row]).sum()) for side in self.sides)

    def nearest(self, row: int, k: int, bits: int) -> list[int]:
        """Up to k other pictures whose hashes differ from a picture's in at most `bits`, nearest first."""
        found: dict[int, int] = {}
        for index in self.indexes:
            distances, rows = index.search(self.sides[0][row][None], min(k + 1, index.ntotal))
            for other, distance in zip(rows[0].tolist(), distances[0].tolist(), strict=True):
                if other != row and other >= 0 and distance <= bits:
                    found[other] = min(distance, found.get(other, bits))
        return sorted(found, key=lambda other: (found[other], other))[:k]

    def proposes(self, copy: np.ndarray, row: int, bits: int) -> bool:
        """Whether `by_hash` would pair a copy with a picture: among the nearest of the copy's hash, within `bits`."""
        for index, side in zip(self.indexes, self.sides, strict=True):
            own = int(np.bitwise_count(copy ^ side[row]).sum())
            if own <= bits:
                distances, _ = index.search(copy[None], min(HASHES_EACH + 1, index.ntotal))
                # Of equals any may be taken, so all of them must have a place.
                if (distances[0] <= own).sum() <= HASHES_EACH:
                    return True
        return False


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
