from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.vocabulary import QualityIssue
from stages.core.sensitivity import Moved, NearCopies, around, moved, of_outliers, of_quality

SHARES = st.floats(0, 1, width=32)


def test_a_tenth_to_either_side_is_counted_and_nothing_else() -> None:
    scores = np.array([0.44, 0.46, 0.49, 0.5, 0.52, 0.54, 0.56, 0.9])
    assert moved(lambda t: scores < t, 0.5) == Moved(looser=3, stricter=2)


def test_it_is_the_same_which_side_is_flagged() -> None:
    """Of those above a threshold, the looser setting is the lower one."""
    scores = np.array([0.44, 0.46, 0.49, 0.5, 0.52, 0.54, 0.56, 0.9])
    assert moved(lambda t: scores >= t, 0.5) == Moved(looser=2, stricter=3)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.95, 1.0])
def test_nobody_changes_sides_among_none(threshold: float) -> None:
    assert moved(lambda t: np.zeros(0) < t, threshold) == Moved(0, 0)


def test_a_threshold_stops_at_one() -> None:
    assert around(0.95) == (pytest.approx(0.855), 1.0)


@given(st.lists(SHARES, max_size=30), st.floats(0, 1))
def test_who_changes_sides_is_who_a_new_count_says(scores: list[float], threshold: float) -> None:
    values = np.array(scores)
    lower, higher = around(threshold)
    found = moved(lambda t: values < t, threshold)
    now = int((values < threshold).sum())
    assert now + found.looser == int((values < higher).sum())
    assert now - found.stricter == int((values < lower).sum())


def test_quality_is_told_by_issue_and_nothing_moves_where_it_is_switched_off() -> None:
    scores = {f"{issue}_score": [0.9, 0.9, 0.9] for issue in QualityIssue} | {
        "dark_score": [0.49, 0.51, 0.52],
        "blurry_score": [0.49, 0.51, 0.52],
    }
    thresholds = dict.fromkeys(QualityIssue, 0.5) | {QualityIssue.BLURRY: None}
    found = of_quality(pd.DataFrame(scores), thresholds)
    assert set(found) == set(QualityIssue)
    assert found["dark"] == Moved(looser=2, stricter=1)
    assert found["blurry"] == found["odd_size"] == Moved(0, 0)


def test_outliers_move_by_their_q_values_and_those_without_one_do_not() -> None:
    table = pd.DataFrame({"q_value": np.array([0.05, 0.095, 0.1, 0.105, 0.2, np.nan], np.float32)})
    assert of_outliers(table, 0.1) == Moved(looser=1, stricter=2)
    assert of_outliers(table.assign(q_value=np.nan), 0.1) == Moved(0, 0)


def accept(agreement: float, vouched: bool):
    return lambda threshold, threshold_pixels: agreement >= (threshold if vouched else threshold_pixels)


def test_images_that_get_or_lose_their_only_copy_are_counted_with_all_that_show_it() -> None:
    near = NearCopies(threshold=0.6, threshold_pixels=0.8)
    near.add(("a", "b"), accept(0.9, True))
    near.add(("a", "c"), accept(0.62, True))
    near.add(("d", "e"), accept(0.55, True))
    near.add(("b", "f"), accept(0.5, True))
    near.add(("g", "h"), accept(0.75, False))
    found = near.moved(dict.fromkeys("abdefgh", 1) | {"c": 3})
    # c loses its only copy, and three images show c; a still has b.
    assert found["threshold"] == Moved(looser=2, stricter=3)
    assert found["threshold_pixels"] == Moved(looser=2, stricter=0)


def test_what_is_told_has_the_threshold_and_both_sides() -> None:
    near = NearCopies(threshold=0.6, threshold_pixels=0.9)
    nothing = {"looser": 0, "stricter": 0}
    assert near.told({}) == {"threshold": {"value": 0.6, **nothing}, "threshold_pixels": {"value": 0.9, **nothing}}
