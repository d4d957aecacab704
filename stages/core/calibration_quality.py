"""How far planted defects are told from the unaltered sample, at the present threshold of an issue and at others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.core.intervals import ENOUGH, Proportion, clustered, proportion
from stages.core.quality import is_under

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""0.05 to 0.95."""


@dataclass(frozen=True)
class Point:
    """What a threshold gives.

    recall : of the planted.  false_flags : share of the unaltered.  precision : of all that is flagged, the planted.
    """

    threshold: float | None
    recall: Proportion
    false_flags: Proportion
    precision: Proportion


@dataclass(frozen=True, eq=False)
class Planted:
    """Scores of one issue. scores : (m,) of planted pictures.  pictures : (m,) which of the sample each was made of.
    unaltered : (s,) scores of the sample itself."""

    scores: np.ndarray
    pictures: np.ndarray
    unaltered: np.ndarray


def point(planted: Planted, threshold: float | None) -> Point:
    """What one threshold gives; None flags nothing."""
    found, wrong = is_under(planted.scores, threshold), is_under(planted.unaltered, threshold)
    count = int(planted.pictures.max(initial=-1)) + 1
    right = np.bincount(planted.pictures[found], minlength=max(count, len(wrong)))
    recall = clustered(right, np.bincount(planted.pictures, minlength=len(right)))
    false_flags = proportion(int(wrong.sum()), len(wrong))
    # The unaltered have the numbers of the sample, as `pictures` have.
    precision = clustered(right, right + np.bincount(np.flatnonzero(wrong), minlength=len(right)))
    return Point(threshold, recall, false_flags, precision)


def recommended(present: Point, curve: Sequence[Point]) -> Point | None:
    """A threshold that is better beyond the 95 % intervals; None where the present one is as good as any.

    Better is one that finds more of the planted and flags no more of the unaltered; or one that finds no fewer and
    flags fewer. Of several, the one that finds most, then the one that flags fewest, then the nearest to the present.
    """
    if not _tells(present):
        return None
    better = [at for at in curve if _finds_more(at, present) or _flags_fewer(at, present)]
    if not better:
        return None
    return min(better, key=lambda at: (-at.recall.found, at.false_flags.found, abs(at.threshold - present.threshold)))


def _tells(present: Point) -> bool:
    return min(present.recall.independent, present.false_flags.independent) >= ENOUGH


def _finds_more(at: Point, present: Point) -> bool:
    return at.recall.low > present.recall.high and at.false_flags.found <= present.false_flags.found


def _flags_fewer(at: Point, present: Point) -> bool:
    return at.false_flags.high < present.false_flags.low and at.recall.found >= present.recall.found


def why(present: Point, better: Point | None, threshold: float | None) -> str:
    """One sentence on the recommendation."""
    if threshold is None:
        return "The issue is switched off, so nothing is flagged."
    if not _tells(present):
        few = f"{present.recall.independent} sound pictures were there to plant the defect in, and {ENOUGH} are needed"
        return f"Too few to tell: {few}. {threshold:g} stands."
    if better is None:
        return f"No threshold is better than {threshold:g} beyond doubt on these images."
    return (
        f"At {better.threshold:g} {_percent(better.recall)} of the planted would be found, and "
        f"{_percent(better.false_flags)} of the unaltered flagged; at {threshold:g} it is {_percent(present.recall)} "
        f"and {_percent(present.false_flags)}."
    )


def _percent(share: Proportion) -> str:
    return f"{100 * share.share:.3g} %"
