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
    assert together.low < apart.low < alone.low < together.share < alone.high < apart.high < together.high
    many, as_many = clustered([9] * 1000, [10] * 1000), proportion(9000, 10_000)
    assert (many.low, many.high) == pytest.approx((as_many.low, as_many.high), abs=1e-4), "no design effect under 1"


@pytest.mark.parametrize(("clusters", "enough"), [(1, False), (3, False), (ENOUGH - 1, False), (ENOUGH, True)])
def test_clusters_have_to_be_enough_however_many_trials_they_have(clusters: int, enough: bool) -> None:
    found = clustered([26] * clusters, [26] * clusters)
    assert (found.n, found.independent, found.enough) == (26 * clusters, clusters, enough)


@pytest.mark.parametrize("succeed", [True, False])
def test_where_all_end_alike_a_cluster_counts_as_one_trial(succeed: bool) -> None:
    found, of_clusters = clustered([20 * succeed] * 40, [20] * 40), proportion(40 * succeed, 40)
    assert (found.low, found.high) == (of_clusters.low, of_clusters.high)


@pytest.mark.parametrize("n", [15, 100])
def test_one_failure_among_hundreds_hardly_narrows_what_none_leaves_open(n: int) -> None:
    none, one, several = (clustered([n - 1] * k + [n] * (64 - k), [n] * 64).low for k in (0, 1, 5))
    assert none < one < none + 0.03
    assert several < proportion(64 * n - 5, 64 * n).low


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
