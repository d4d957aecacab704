"""How well planted defects are told from the unaltered sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.calibration.shares import share, strength
from stages.contracts import calibration_record as record
from stages.contracts.params import measure
from stages.contracts.vocabulary import QualityIssue
from stages.core.calibration_defects import DEFECTS
from stages.core.calibration_quality import THRESHOLDS, Planted, point, recommended, why
from stages.core.intervals import proportion
from stages.core.quality import is_under, score

UNSOUND = (QualityIssue.DARK, QualityIssue.BRIGHT, QualityIssue.BLURRY, QualityIssue.LOW_INFORMATION)
"""A picture that has one of these is no place to plant another."""


def is_sound(contents: pd.DataFrame) -> np.ndarray:
    """(n,) bool, of rows with the columns of `quality`."""
    return ~contents[[f"is_{issue}" for issue in UNSOUND]].any(axis=1).to_numpy(bool)


def calibrated(
    params: measure.Params, sampled: pd.DataFrame, planted: Sequence[tuple[int, int, dict]]
) -> list[record.Quality]:
    """The part of the record: one entry per issue that can be planted.

    Parameters
    ----------
    sampled : rows of the sample, with the columns of `quality`.
    planted : number in the sample, number of the defect, and what `measure` found on it.
    """
    issues = dict.fromkeys(defect.issue for defect in DEFECTS)
    return [_issue(issue, getattr(params, issue), sampled, planted) for issue in issues]


def _issue(
    issue: QualityIssue, threshold: float | None, sampled: pd.DataFrame, planted: Sequence[tuple[int, int, dict]]
) -> record.Quality:
    is_free = ~sampled[f"is_{issue}"].to_numpy(bool)
    own = [row for row in planted if DEFECTS[row[1]].issue == issue and is_free[row[0]]]
    column = f"{issue}_score"
    scores = score(pd.DataFrame([row[2] for row in own]))[column].to_numpy() if own else np.empty(0)
    pictures = np.array([row[0] for row in own], np.int64)
    trial = Planted(scores, pictures, sampled[column].to_numpy(np.float64))
    present, curve = point(trial, threshold), [point(trial, at) for at in THRESHOLDS]
    better = None if threshold is None else recommended(present, curve)
    found = is_under(scores, threshold)
    return record.Quality(
        issue=str(issue),
        threshold=threshold,
        recommended=better.threshold if better else None,
        why=why(present, better, threshold),
        recall=share(present.recall),
        false_flags=share(present.false_flags),
        strengths=[
            strength(defect.kind, defect.strength, defect.told, proportion(sum(hits), len(hits)))
            for number, defect in enumerate(DEFECTS)
            if defect.issue == issue
            for hits in [[bool(hit) for hit, row in zip(found, own, strict=True) if row[1] == number]]
        ],
        curve=[
            record.CurvePoint(threshold=at.threshold, precision=share(at.precision), recall=share(at.recall))
            for at in curve
        ],
    )
