"""What a threshold gives on pairs that were judged: planted copies, mistakes, and pairs that nobody confirmed."""

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

    precision : of the pairs accepted at least so many are copies: unconfirmed ones count as mistakes.
    at_most : the same if all of those are copies; the interval of `precision` reaches up to the upper end of this one.
    recall : of the planted copies.  mistakes : pairs that are wrong for certain.  unconfirmed : that may be.
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
    """
    Parameters
    ----------
    copies : planted.  mistakes, unconfirmed : pairs that are none, and that may be none, where they are accepted.
    pictures : in the sample; pairs of one picture stand and fall together, so intervals count pictures.
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
