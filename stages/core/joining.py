"""Who joins the cores of clusters, and which cores are one: by the votes of nearest neighbours.

Neither needs a table of items by clusters, nor one of clusters by clusters, which would outgrow memory.
"""

from __future__ import annotations

import heapq

import numpy as np

from stages.contracts.vocabulary import NOISE

VOTERS = 10
"""How many nearest neighbours say whether a noise item belongs to their cluster."""

ENTANGLED = 0.15
"""Share of its links with which one cluster reaches into another from which on both are one."""

BLOCK = 65_536
"""Items whose votes are counted at once."""


def adopt(
    labels: np.ndarray, strengths: np.ndarray, indices: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let noise items join the cluster that at least half of their nearest neighbours are in.

    Parameters
    ----------
    labels, strengths : (n,) of the dense cores.
    indices : (n, k), nearest neighbours.
    free : (n,) bool, who may join.

    Returns
    -------
    labels, strengths : copies; an adopted item's strength is half the share of its neighbours in the
        cluster, so it is 0.5 at most.
    """
    voters = indices[:, :VOTERS]
    labels, strengths = labels.copy(), strengths.astype(np.float64)
    waiting = np.flatnonzero((labels == NOISE) & free)
    while True:
        winner, share = elected(labels, voters, waiting)
        joining = share >= 0.5
        if not joining.any():
            return labels, strengths
        labels[waiting[joining]], strengths[waiting[joining]] = winner[joining], share[joining] / 2
        waiting = waiting[~joining]


def elected(labels: np.ndarray, voters: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cluster with most votes for each of some rows (m,), the lower number of equal ones, and its share of all.

    Parameters
    ----------
    labels : (n,) clusters, and noise, which has no vote.
    voters : (n, k) rows that vote.
    """
    winner, share = np.full(len(rows), NOISE, labels.dtype), np.zeros(len(rows))
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        votes = labels[voters[rows[part]]]
        counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
        counts[votes == NOISE] = 0
        most = counts.max(axis=1, initial=0)
        candidates = np.where(counts == most[:, None], votes, np.iinfo(votes.dtype).max)
        winner[part], share[part] = candidates.min(axis=1), most / voters.shape[1]
    return winner, share


def merge(labels: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Make one of two clusters that are each other's neighbours, the most entangled first.

    Leaves are split wherever density dips, also by chance within one class. Two are one where the links between
    them are `ENTANGLED` or more of all links to clusters that the one with fewer links has.

    Parameters
    ----------
    labels : (n,) clusters from 0 without a gap, and noise.
    indices : (n, k), nearest neighbours.
    """
    count = int(labels.max(initial=NOISE)) + 1
    target = np.array(_Entangled(*links(labels, indices[:, :VOTERS], count)).merged(), labels.dtype)
    merged = labels.copy()
    merged[labels != NOISE] = target[labels[labels != NOISE]]
    return merged


def links(labels: np.ndarray, voters: np.ndarray, count: int) -> tuple[list[dict[int, float]], list[float]]:
    """Neighbour links between clusters, both directions halved, noise left out.

    Returns
    -------
    Of each cluster those to others, by number; and of each how many it has in all, with those to itself, at least 1.
    """
    here, there = np.repeat(labels, voters.shape[1]), labels[voters].ravel()
    inside = (here != NOISE) & (there != NOISE)
    keys, times = np.unique(here[inside].astype(np.int64) * count + there[inside], return_counts=True)
    near: list[dict[int, float]] = [{} for _ in range(count)]
    degree = [0.0] * count
    for key, half in zip(keys.tolist(), (times / 2).tolist(), strict=True):
        one, other = divmod(key, count)
        degree[one] += half
        degree[other] += half
        if one != other:
            near[one][other] = near[one].get(other, 0.0) + half
            near[other][one] = near[other].get(one, 0.0) + half
    return near, degree


class _Entangled:
    """Clusters that are merged, the pair of the largest share first; of equal ones that of the lowest numbers."""

    def __init__(self, near: list[dict[int, float]], degree: list[float]) -> None:
        self.near, self.degree = near, degree
        self.parent = list(range(len(near)))
        self.heap: list[tuple[float, int, int]] = []
        for one, others in enumerate(near):
            self._offer(one, [other for other in others if other > one])

    def merged(self) -> list[int]:
        """The number of the cluster that each is part of in the end."""
        while self.heap:
            share, one, other = heapq.heappop(self.heap)
            # What was offered before one of them changed is out of date.
            if other in self.near[one] and share == -self._share(one, other):
                self._take(one, other)
        return [self._root(number) for number in range(len(self.parent))]

    def _share(self, one: int, other: int) -> float:
        return self.near[one][other] / min(max(self.degree[one], 1.0), max(self.degree[other], 1.0))

    def _offer(self, one: int, others: list[int]) -> None:
        for other in others:
            if (share := self._share(one, other)) >= ENTANGLED:
                heapq.heappush(self.heap, (-share, min(one, other), max(one, other)))

    def _take(self, one: int, other: int) -> None:
        """`other` becomes part of `one`."""
        self.parent[other] = one
        self.degree[one] += self.degree[other]
        del self.near[one][other]
        for third, between in self.near[other].items():
            if third != one:
                self.near[one][third] = self.near[third][one] = self.near[one].get(third, 0.0) + between
                del self.near[third][other]
        self.near[other] = {}
        self._offer(one, list(self.near[one]))

    def _root(self, number: int) -> int:
        while self.parent[number] != number:
            number = self.parent[number]
        return number
