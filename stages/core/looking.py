"""In which order proposed pairs are looked at, and when the rest is not worth it.

Looking at a pair takes some 5 ms, and there are one to eight pairs an image: of 100,000 images up to an hour, of a
million half a day. But copies are easily told apart from most of what is proposed, if not with certainty: on sets with
planted copies 95 % of them were among the likeliest third of the pairs, and 99 % among the likeliest two fifths, where
the copies themselves were a third.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

SMALLEST_BLOCK = 3
"""Part of its patience: pictures of one block are described together, sheet of thumbnails by sheet."""

NEAREST = 10
"""Place of the neighbour that tells how near usual neighbours are."""


def likeliest_first(cosines: np.ndarray, distances: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Places (m,) of pairs in the order in which to look at them.

    A pair's turn comes with the first of three signs that speaks for it, since each is blind to some changes: a high
    cosine (not told by hard crops), hashes that are near (nor by any crop), and a cosine above what its two pictures
    have to their usual neighbours.

    Parameters
    ----------
    cosines : (m,) of each pair.  distances : (m,) bits in which their hashes differ.
    usual : (m,) cosine to the tenth neighbour of one of the two, the higher.
    """
    turns = [_ranks(-cosines), _ranks(distances), _ranks(usual - cosines)]
    return np.argsort(np.minimum.reduce(turns), kind="stable")


def usual_cosine(similarities: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Cosine (m,) to the tenth neighbour, of that one of each pair (m, 2) where it is higher.

    similarities : (n, k) of the neighbour graph, descending.
    """
    if not similarities.shape[1]:
        return np.zeros(len(pairs), similarities.dtype)
    last = similarities[:, min(NEAREST, similarities.shape[1]) - 1]
    return np.maximum(last[pairs[:, 0]], last[pairs[:, 1]])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Place (m,) of each value among all, the smallest first; ties as they stand."""
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


class Patience:
    """Hands out pairs in blocks, and stops when so many in a row were no copies.

    Where none of 3,000 was a copy, fewer than one in a thousand of such pairs are, with 95 % confidence (Hanley &
    Lippman-Hand 1983), and those that follow are less likely.

    Parameters
    ----------
    pairs : without a copy after which it stops; None: it never does.

    Attributes
    ----------
    proposed, looked_at : pairs, so far.
    """

    def __init__(self, pairs: int | None) -> None:
        self.pairs = pairs
        self.proposed = self.looked_at = 0
        self._in_vain = 0

    def blocks(self, ordered: np.ndarray) -> Iterator[np.ndarray]:
        """Rows of `ordered`, likeliest first, a block at a time; between two, `answer` tells what was found.

        A block is as many as it still has patience for.
        """
        self.proposed += len(ordered)
        patience = max(len(ordered), 1) if self.pairs is None else self.pairs
        start = self._in_vain = 0
        while start < len(ordered) and self._in_vain < patience:
            block = ordered[start : start + max(patience - self._in_vain, patience // SMALLEST_BLOCK)]
            yield block
            start += len(block)
            self.looked_at += len(block)

    def answer(self, is_copy: np.ndarray) -> None:
        """Which rows (m,) of the block were copies."""
        found = np.flatnonzero(is_copy)
        self._in_vain = len(is_copy) - 1 - int(found[-1]) if len(found) else self._in_vain + len(is_copy)

    def told(self) -> dict[str, int | None]:
        """For a table's metadata."""
        return {"proposed": self.proposed, "looked_at": self.looked_at, "patience": self.pairs}
