"""Shares with their 95 % confidence intervals, which are wide where there are few trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959963984540054
"""Standard normal quantile that leaves 2.5 % above it: the intervals hold 95 %."""
ENOUGH = 30
"""Independent trials under which a share tells too little: all of 30 found still leaves 11 % open."""


@dataclass(frozen=True)
class Proportion:
    """`found` of `n`, and the 95 % interval of the true share, `low` to `high`; None at n = 0.

    enough : whether there are enough independent trials for a conclusion.
    independent : how many there are: n, or the number of clusters.
    """

    n: int
    found: int
    share: float | None
    low: float | None
    high: float | None
    enough: bool
    independent: int


def proportion(found: int, n: int) -> Proportion:
    """A share of independent trials, with Wilson's interval.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927; among the intervals it
    is the one to take for few trials and shares near 0 or 1 (Brown, Cai & DasGupta, Statistical Science 2001).
    """
    return _proportion(found, n, n, n)


def clustered(found: Sequence[int], n: Sequence[int]) -> Proportion:
    """A share of trials that come in clusters, such as many copies of one picture, which succeed or fail together.

    The interval is Wilson's for the effective number of trials: their number divided by the design effect, which is the
    variance of the share between clusters over that of independent trials, and at least 1. The design effect can be
    measured only in clusters where some trials fail (or, if most fail, succeed). Where there are none, each cluster
    counts as one trial, which is the most cautious assumption; the more such clusters there are, the more the measured
    effect weighs against it. So a single failure among hundreds does not narrow the interval all at once.

    `enough` counts clusters, not trials.

    Parameters
    ----------
    found, n : per cluster.

    References
    ----------
    Rao & Scott, "A simple method for the analysis of clustered binary data", Biometrics 1992.
    """
    successes, trials = np.asarray(found, np.float64), np.asarray(n, np.float64)
    successes, trials = successes[trials > 0], trials[trials > 0]
    total = trials.sum()
    return _proportion(int(successes.sum()), int(total), _worth(successes, trials), len(trials))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `n` trials; `n` may be the number that dependent trials are worth."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _proportion(found: int, n: int, worth: float, independent: int) -> Proportion:
    if n == 0:
        return Proportion(0, 0, None, None, None, False, 0)
    low, high = wilson(found / n, worth)
    # Rounding must not put the share outside its own interval.
    return Proportion(
        n, found, found / n, min(low, found / n), max(high, found / n), independent >= ENOUGH, independent
    )


def _worth(found: np.ndarray, n: np.ndarray) -> float:
    """The effective number of trials: as many independent ones would say as much."""
    clusters, total = len(n), n.sum()
    share = found.sum() / total if clusters else 0.0
    if clusters < 2 or share in (0, 1):
        return clusters
    independent = share * (1 - share) / total
    between = clusters / (clusters - 1) * np.square(found - n * share).sum() / total**2
    measured, most = max(float(between / independent), 1.0), total / clusters
    telling = int((found < n if share >= 0.5 else found > 0).sum())
    return float(total * (telling + 1) / (telling * measured + most))
