"""Precision and recall at a threshold, from pairs that were judged: planted copies, mistakes, and unconfirmed pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stages.core.intervals import Proportion, clustered

THRESHOLDS = tuple(round(0.30 + 0.025 * step, 3) for step in range(29))
"""0.30 to 1."""


@dataclass(frozen=True)
class Trial:
    """One pair that was judged: Winnow calls it copies at thresholds over `above` and up to `level`.

    picture : of the sample.  kind : number of the alteration, -1 for an unaltered pair.
    """

    picture: int
    level: float
    above: float = 0.0
    kind: int = -1

    def is_found(self, threshold: float) -> bool:
        return self.above < threshold <= self.level


@dataclass(frozen=True)
class Point:
    """What a threshold gives.

    precision : share of the accepted pairs that are copies, at least: unconfirmed ones count as mistakes. Its interval
        reaches up to the upper end of that of `at_most`.
    at_most : the same if all unconfirmed pairs are copies.
    recall : share of the planted copies that is accepted.
    mistakes, unconfirmed : accepted pairs that are certainly wrong, and that may be wrong.
    """

    threshold: float
    precision: Proportion
    at_most: Proportion
    recall: Proportion
    mistakes: int
    unconfirmed: int


def point(
    threshold: float, copies: Sequence[Trial], mistakes: Sequence[Trial], unconfirmed: Sequence[Trial], pictures: int
) -> Point:
    """Precision and recall at one threshold.

    Parameters
    ----------
    copies : planted ones.  mistakes : pairs that are no copies.  unconfirmed : pairs that may be copies or not.
    pictures : how many are in the sample. Pairs of one picture succeed or fail together, so intervals count pictures.
    """
    n = np.bincount([trial.picture for trial in copies], minlength=pictures)
    found, wrong, doubtful = (
        np.bincount(np.array([one.picture for one in trials if one.is_found(threshold)], np.int64), minlength=pictures)
        for trials in (copies, mistakes, unconfirmed)
    )
    at_most = clustered(found, found + wrong)
    at_least = clustered(found, found + wrong + doubtful)
    return Point(
        threshold,
        replace(at_least, high=at_most.high),
        at_most,
        clustered(found, n),
        int(wrong.sum()),
        int(doubtful.sum()),
    )
