"""Strangers to plant for outliers: pictures that ship with packages, and clusters or classes held out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stages.contracts.vocabulary import NOISE
from stages.core.content_sample import sample

LEAST_MEMBERS, MOST_MEMBERS = 15, 15
"""Members that a group must have to be held out, and members of it that are planted, at most."""
MOST_GROUPS = 4
"""Groups that are held out: for each, neighbours and null are made anew."""
MOST_KNOWN = 1 / 3
"""Share of the packaged photographs that a data set may have the like of; beyond, none of them is foreign to it."""
BLOCK = 64
"""Planted rows whose similarities to all pictures are held at once."""


def held_out(groups: np.ndarray, content_ids: np.ndarray, seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """Groups to leave out one at a time: the number of each, and the rows of some of its members.

    Groups of at least `LEAST_MEMBERS` and at most half of all; a few of them, chosen by the seed.

    Parameters
    ----------
    groups : (n,) int, `NOISE` for none.
    """
    numbers, sizes = np.unique(groups[groups != NOISE], return_counts=True)
    usable = numbers[(sizes >= LEAST_MEMBERS) & (2 * sizes <= len(groups))]
    for place in sample([str(number) for number in usable], seed, MOST_GROUPS):
        members = np.flatnonzero(groups == usable[place])
        yield int(usable[place]), members[sample([content_ids[row] for row in members], seed, MOST_MEMBERS)]


def nearest_cosine(planted: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(m,) cosine of each planted row to the nearest of the data set's; both unit rows."""
    parts = [(planted[start : start + BLOCK] @ vectors.T).max(axis=1) for start in range(0, len(planted), BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def not_foreign(cosines: np.ndarray, photographs: np.ndarray, similarities: np.ndarray) -> np.ndarray:
    """(m,) bool: planted pictures that are like some of the data set's, and so no strangers to it.

    That is a photograph, with all its parts, of which any part is as near to one of the user's pictures as half of the
    user's pictures are to their nearest. Where more than `MOST_KNOWN` of the photographs are, the data set is made of
    these very photographs, or holds pictures of every kind, and none is foreign.

    Parameters
    ----------
    cosines : (m,) of each planted picture to the nearest of the user's.
    photographs : (m,) int, the same number for parts of one photograph.
    similarities : (n, k) of the neighbour graph, descending.
    """
    if not similarities.size:
        return np.zeros(len(cosines), bool)
    near = np.isin(photographs, photographs[cosines >= np.median(similarities[:, 0])])
    known = len(np.unique(photographs[near])) / max(len(np.unique(photographs)), 1)
    return near if known <= MOST_KNOWN else np.ones(len(cosines), bool)


def quarters(pixels: np.ndarray) -> list[np.ndarray]:
    """The four quarters of a picture (h, w, 3)."""
    row, column = pixels.shape[0] // 2, pixels.shape[1] // 2
    parts = (pixels[:row, :column], pixels[:row, column:], pixels[row:, :column], pixels[row:, column:])
    return [np.ascontiguousarray(part) for part in parts]
