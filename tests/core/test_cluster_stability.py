from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.vocabulary import NOISE
from stages.core.cluster_stability import Stability, best_jaccard, draw, members_in, stability
from tests.blobs import blobs


def by_place(values: np.ndarray):
    """Clusters of numbers on a line: whoever is nearer than 1 to the next belongs to the same; loners are noise."""

    def again(rows: np.ndarray) -> np.ndarray:
        order = np.argsort(values[rows], kind="stable")
        labels = np.empty(len(rows), np.int64)
        labels[order] = np.cumsum(np.r_[0, np.diff(values[rows][order]) >= 1])
        sizes = np.bincount(labels)
        labels[sizes[labels] < 2] = NOISE
        return np.unique(labels, return_inverse=True)[1] - int(NOISE in labels)

    return again


def test_clusters_far_apart_are_found_again_every_time() -> None:
    values = np.repeat([0.0, 10.0, 20.0], 20) + np.tile(np.linspace(0, 0.5, 20), 3)
    found = stability(np.repeat([0, 1, 2], 20), by_place(values), 20, 0, 100)
    assert found.jaccard == [1.0] * 3
    assert found.found == [20] * 3
    assert found.unstable == []
    assert found.median == 1.0


def test_a_cluster_that_hangs_on_one_member_is_unstable() -> None:
    """Two heaps joined by a bridge of one: without it, they fall apart."""
    values = np.concatenate([np.linspace(0, 0.5, 15), [1.4], np.linspace(2.3, 2.8, 15), np.linspace(50, 51, 30)])
    labels = np.repeat([0, 1], [31, 30])
    found = stability(labels, by_place(values), 40, 0, 100)
    assert found.jaccard[0] < 0.9 < found.jaccard[1]
    kept = sum(15 in draw(61, 100, np.random.default_rng([0, number])) for number in range(40))
    # Without the bridge the larger heap alone is about half of the two: found or not by a hair.
    assert found.jaccard[0] == pytest.approx((kept + 0.53 * (40 - kept)) / 40, abs=0.05)


def test_the_same_seed_draws_the_same() -> None:
    values = np.sort(np.random.default_rng(3).uniform(0, 30, 60))
    labels = by_place(values)(np.arange(60))
    assert stability(labels, by_place(values), 10, 5, 100) == stability(labels, by_place(values), 10, 5, 100)
    assert stability(labels, by_place(values), 10, 5, 100) != stability(labels, by_place(values), 10, 6, 100)


def test_only_noise_has_no_stability_and_nothing_is_clustered() -> None:
    def never(rows: np.ndarray) -> np.ndarray:
        raise AssertionError("there is nothing to find again")

    for labels in (np.full(9, NOISE), np.zeros(0, int)):
        found = stability(labels, never, 20, 0, 100)
        assert (found.jaccard, found.found, found.median, found.unstable) == ([], [], None, [])
    assert stability(np.zeros(50, int), never, 0, 0, 100).jaccard == [None]


def test_a_cluster_too_small_for_the_draws_is_not_judged() -> None:
    labels = np.repeat([0, 1], [97, 3])
    found = stability(labels, lambda rows: labels[rows], 20, 0, 10)
    assert found.drawn == 10
    assert found.jaccard == [1.0, None]
    assert found.found == [20, None]
    assert found.measured == [1.0]


def test_draws_are_distinct_rows_in_order_and_no_more_than_allowed() -> None:
    rng = np.random.default_rng(0)
    rows = draw(1000, 2000, rng)
    assert 580 < len(rows) < 680, "a bootstrap holds 63 % of the rows"
    assert (np.diff(rows) > 0).all()
    assert len(draw(1000, 50, rng)) == 50
    assert len(draw(0, 50, rng)) == 0
    assert draw(1, 50, rng).tolist() == [0]


def test_the_least_size_of_a_cluster_shrinks_with_the_draw() -> None:
    assert members_in(16, 632, 1000) == 10
    assert members_in(8, 10, 1000) == 5
    assert members_in(3, 10, 1000) == 3, "never larger than in all of the rows"
    assert members_in(16, 1000, 1000) == 16


LABELS = st.lists(st.integers(-1, 3), min_size=1, max_size=25)


@given(LABELS, st.randoms(use_true_random=False))
def test_the_best_jaccard_is_that_of_the_sets(before: list[int], random) -> None:
    after = [random.choice([-1, 0, 1, 2]) for _ in before]
    found = best_jaccard(np.array(before), np.array(after), 4)
    for cluster in range(4):
        one = {i for i, label in enumerate(before) if label == cluster}
        others = [{i for i, label in enumerate(after) if label == other} for other in range(3)]
        assert found[cluster] == max((len(one & o) / len(one | o) if one | o else 0) for o in others)


def test_stable_clusters_of_vectors_are_told_from_a_cut_through_one() -> None:
    """Two halves of one blob, cut anew by chance each time, against a blob that lies apart."""
    vectors = blobs([60, 40], 0.1)
    rng = np.random.default_rng(0)

    def again(rows: np.ndarray) -> np.ndarray:
        return np.where(vectors[rows] @ vectors[0] < 0.5, 2, rng.integers(0, 2, len(rows)))

    found = stability(np.repeat([0, 1, 2], [30, 30, 40]), again, 20, 0, 100)
    assert isinstance(found, Stability)
    assert found.unstable == [0, 1]
    assert found.found[2] == 20
