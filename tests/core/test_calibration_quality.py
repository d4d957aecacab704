from __future__ import annotations

import numpy as np
import pytest

from stages.core.calibration_quality import THRESHOLDS, Planted, point, recommended, why
from stages.core.quality import is_under


def planted(scores: list[float], unaltered: list[float], each: int = 1) -> Planted:
    return Planted(np.array(scores), np.arange(len(scores)) // each, np.array(unaltered))


def advice(trial: Planted, threshold: float) -> float | None:
    better = recommended(point(trial, threshold), [point(trial, at) for at in THRESHOLDS])
    return better.threshold if better else None


def test_what_is_under_the_threshold_is_flagged() -> None:
    scores = np.array([0.1, 0.3, 0.32, 0.9])
    assert is_under(scores, 0.32).tolist() == [True, True, False, False]
    assert not is_under(scores, None).any()
    assert is_under(np.empty(0), 0.3).tolist() == []


def test_shares_are_of_the_planted_and_of_the_unaltered() -> None:
    at = point(planted([0.1, 0.2, 0.5, 0.1], [0.1, 0.9, 0.9], each=2), 0.3)
    assert (at.recall.found, at.recall.n, at.recall.independent) == (3, 4, 2)
    assert (at.false_flags.found, at.false_flags.n) == (1, 3)
    assert (at.precision.found, at.precision.n, at.precision.independent) == (3, 4, 2)


def test_a_higher_one_is_recommended_where_it_finds_more_and_flags_no_more() -> None:
    trial = planted([0.2] * 40 + [0.41] * 40, [0.8] * 60)
    assert advice(trial, 0.32) == 0.45
    present = point(trial, 0.32)
    assert "At 0.45 100 % of the planted would be found" in why(present, point(trial, 0.45), 0.32)


def test_not_where_it_flags_one_of_the_unaltered_more() -> None:
    assert advice(planted([0.2] * 40 + [0.41] * 40, [0.8] * 60 + [0.4]), 0.32) is None


def test_a_lower_one_is_recommended_where_it_flags_fewer_and_loses_none() -> None:
    assert advice(planted([0.1] * 60, [0.28] * 20 + [0.8] * 40), 0.32) == 0.25


def test_the_present_one_stands_where_nothing_is_better() -> None:
    trial = planted([0.1] * 60, [0.8] * 60)
    assert advice(trial, 0.32) is None
    assert why(point(trial, 0.32), None, 0.32) == "No threshold is better than 0.32 beyond doubt on these images."


@pytest.mark.parametrize("count", [0, 1, 29])
def test_few_pictures_recommend_nothing(count: int) -> None:
    trial = planted([0.41] * count * 3, [0.8] * count, each=3)
    assert advice(trial, 0.32) is None
    assert "Too few to tell" in why(point(trial, 0.32), None, 0.32)


def test_an_issue_that_is_switched_off_finds_nothing() -> None:
    at = point(planted([0.1], [0.1]), None)
    assert (at.recall.found, at.false_flags.found) == (0, 0)
    assert "switched off" in why(at, None, None)
