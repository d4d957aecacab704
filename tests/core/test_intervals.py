from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from stages.core.intervals import ENOUGH, clustered, proportion


@given(st.integers(1, 500), st.data())
def test_the_interval_is_wilsons(n: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, n))
    ours = proportion(found, n)
    theirs = binomtest(found, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= ours.low <= ours.share <= ours.high <= 1


def test_nothing_tried_tells_nothing() -> None:
    empty = proportion(0, 0)
    assert (empty.n, empty.share, empty.low, empty.high, empty.enough) == (0, None, None, None, False)
    assert clustered([], []) == empty
    assert clustered([0, 0], [0, 0]) == empty


@pytest.mark.parametrize(("n", "enough"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_thirty_are_enough(n: int, enough: bool) -> None:
    assert proportion(n, n).enough is enough


def test_trials_that_fail_together_are_worth_less() -> None:
    together = clustered([10] * 9 + [0], [10] * 10)
    apart = clustered([9] * 10, [10] * 10)
    alone = proportion(90, 100)
    assert (together.share, together.n, together.independent) == (0.9, 100, 10)
    assert together.low < alone.low < together.share < alone.high < together.high
    assert (apart.low, apart.high) == (alone.low, alone.high), "no design effect under 1"


def test_a_cluster_that_fails_as_one_counts_as_one() -> None:
    found, n = [25] * 40 + [0] * 10, [25] * 50
    of_clusters = proportion(40, 50)
    assert clustered(found, n).low == pytest.approx(of_clusters.low, abs=0.01)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_the_share_lies_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    n = [max(pair) for pair in pairs]
    found = [min(pair) for pair in pairs]
    result = clustered(found, n)
    assert (result.found, result.n) == (sum(found), sum(n))
    if result.n:
        assert result.low <= result.share <= result.high
        plain = proportion(sum(found), sum(n))
        assert result.high - result.low >= plain.high - plain.low - 1e-12


def test_the_interval_of_clusters_holds_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        chances = rng.beta(8, 2, 60)
        result = clustered(rng.binomial(15, chances), np.full(60, 15))
        held += result.low <= 0.8 <= result.high
    assert held / 400 >= 0.92
