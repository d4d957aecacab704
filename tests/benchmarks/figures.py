"""Figures with what they rest on: how many, and a 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt

import numpy as np

Z = 1.959964
RESAMPLES = 1000


@dataclass(frozen=True)
class Figure:
    """A number, its 95 % interval, and the n that it rests on; NaN where there is nothing to tell it from.

    What is counted and not estimated has no interval: NaN, too.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if isnan(self.value):
            return "-"
        if isnan(self.low):
            return f"{self.value:g}"
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


NONE = Figure(nan, nan, nan, 0)


def share(hits: int, n: int) -> Figure:
    """A proportion with its score interval.

    References
    ----------
    Wilson 1927.
    """
    if n == 0:
        return NONE
    p, spread = hits / n, Z**2 / n
    centre = (p + spread / 2) / (1 + spread)
    half = Z * sqrt(p * (1 - p) / n + spread / (4 * n)) / (1 + spread)
    return Figure(p, min(max(centre - half, 0.0), p), max(min(centre + half, 1.0), p), n)


def mean(values: Sequence[float]) -> Figure:
    """The mean over sets, NaN left out, and its interval by the bootstrap over sets (Efron 1979)."""
    known = np.array([value for value in values if not isnan(value)], float)
    if not len(known):
        return NONE
    return _bootstrapped(known[:, None], lambda rows: float(rows[:, 0].mean()))


def f1(counts: Sequence[tuple[int, int, int]]) -> Figure:
    """F1 over the pooled counts of all sets, interval by the bootstrap over sets.

    Parameters
    ----------
    counts : for each set the true positives, false positives and false negatives.
    """
    rows = np.array(counts, float).reshape(-1, 3)
    if not rows[:, [0, 2]].any():
        return NONE
    return _bootstrapped(rows, _f1)


def _f1(rows: np.ndarray) -> float:
    right, wrong, missed = rows.sum(axis=0)
    return 2 * right / max(2 * right + wrong + missed, 1)


def _bootstrapped(rows: np.ndarray, figure: Callable[[np.ndarray], float]) -> Figure:
    rng = np.random.default_rng(0)
    again = [figure(rows[rng.integers(len(rows), size=len(rows))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(again, [2.5, 97.5])
    return Figure(figure(rows), float(low), float(high), len(rows))


def auroc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Chance that a positive scores above a negative; NaN without both."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores)) if 0 < positive.sum() < len(positive) else nan


def average_precision(scores: np.ndarray, positive: np.ndarray, all_positive: int | None = None) -> float:
    """Area under precision against recall, ties together.

    Parameters
    ----------
    all_positive : how many there are, if some have no score: those are never found.
    """
    from sklearn.metrics import average_precision_score

    there = int(positive.sum())
    total = there if all_positive is None else all_positive
    if not total:
        return nan
    return float(average_precision_score(positive, scores)) * there / total if there else 0.0


def best_threshold(scores: np.ndarray, positive: np.ndarray, all_positive: int | None = None) -> float:
    """The score from which on calling things positive gives the best F1: chosen with the truth in hand."""
    if not len(scores):
        return nan
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(positive[order])
    called = np.arange(1, len(order) + 1)
    f = 2 * right / (called + (positive.sum() if all_positive is None else all_positive))
    last_of_equal = np.append(np.diff(scores[order]) != 0, True)
    return float(scores[order][np.where(last_of_equal, f, -1).argmax()])
