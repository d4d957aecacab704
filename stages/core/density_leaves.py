"""HDBSCAN's leaf clusters of a spanning tree: the places that are dense on all levels.

The tree's edges are taken shortest first, each joining two pieces. A piece that grows to a cluster's size without
holding one is a leaf; what joins it later belongs to it less, and once it meets another of that size it has ended.
That is HDBSCAN's condensed tree (Campello, Moulavi & Sander 2013) read from below, where leaves are known as soon as
they are whole. The package of that name needs a second or more of imports for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.vocabulary import NOISE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIXED = -2
"""Stands for a leaf's number where a piece holds more than one."""


def density_leaves(tree: csr_matrix, least: int) -> tuple[np.ndarray, np.ndarray]:
    """The leaf clusters: labels (n,), from the densest on, `NOISE` for none; and how surely each item is in its own.

    Parameters
    ----------
    tree : (n, n) symmetric; a spanning tree, its distances above zero.
    least : members of a cluster at least, 2 or more.
    """
    edges = tree.tocoo()
    once = edges.row < edges.col
    order = np.argsort(edges.data[once], kind="stable")
    ends = (edges.row[once][order].tolist(), edges.col[once][order].tolist(), edges.data[once][order].tolist())
    pieces = _Pieces(tree.shape[0], least)
    for a, b, distance in zip(*ends, strict=True):
        pieces.join(a, b, distance)
    return pieces.found()


class _Pieces:
    """A forest that grows by an edge at a time.

    Attributes
    ----------
    above, size : (n,) of each item the next on the way to its piece's root, and of each root the piece's size.
    few : by root, the items of a piece that is smaller than a cluster; of a single item none are kept.
    leaf : by root, the number of the leaf that a larger piece is, or `MIXED`.
    born : of each leaf, the distance at which it grew to its size.
    ended : leaves that met others; one that never does is the whole of the data, and no cluster.
    """

    def __init__(self, count: int, least: int) -> None:
        self.least = least
        self.above, self.size = list(range(count)), [1] * count
        self.few: dict[int, list[int]] = {}
        self.leaf: dict[int, int] = {}
        self.born: list[float] = []
        self.ended: set[int] = set()
        self.labels, self.reached = np.full(count, NOISE), np.ones(count)

    def join(self, a: int, b: int, distance: float) -> None:
        """Make the pieces of two items one."""
        small, large = sorted((self._root(a), self._root(b)), key=self.size.__getitem__)
        self.above[small] = large
        if self.size[small] >= self.least:
            self.ended |= {self.leaf.pop(small), self.leaf[large]}
            self.leaf[large] = MIXED
        elif self.size[large] >= self.least:
            self._take(self._few(small), self.leaf[large], distance)
        elif self.size[small] + self.size[large] >= self.least:
            self.leaf[large] = len(self.born)
            self.born.append(distance)
            self._take(self._few(large) + self._few(small), self.leaf[large], distance)
        else:
            self.few[large] = self._few(large) + self._few(small)
        self.size[large] += self.size[small]

    def found(self) -> tuple[np.ndarray, np.ndarray]:
        """Labels and strengths, as `density_leaves` gives them; leaves that never ended are none."""
        numbers = np.full(len(self.born) + 1, NOISE)
        kept = sorted(self.ended - {MIXED})
        numbers[kept] = np.arange(len(kept))
        labels = numbers[self.labels]  # noise is -1, the last
        born = np.append(self.born, 0.0)
        return labels, np.where(labels == NOISE, 0.0, born[self.labels] / self.reached)

    def _root(self, item: int) -> int:
        above = self.above
        while above[item] != item:
            above[item] = item = above[above[item]]
        return item

    def _few(self, root: int) -> list[int]:
        return self.few.pop(root, [root])

    def _take(self, items: list[int], leaf: int, distance: float) -> None:
        """These items fall to a leaf at a distance; to no one, where their piece is mixed."""
        if leaf != MIXED:
            self.labels[items], self.reached[items] = leaf, distance
