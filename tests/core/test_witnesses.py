from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.knn import nearest
from stages.core.witnesses import nearest_witnesses, neighbors_without_copies
from tests.vectors import unit


def brute(vectors: np.ndarray, groups: np.ndarray, k: int, ranks: np.ndarray, standing: np.ndarray) -> list[list[int]]:
    """The definition, spelt out."""
    found = []
    for i in range(len(vectors)):
        chosen, seen = [], {groups[i]}
        for j in np.argsort(-(vectors @ vectors[i]), kind="stable"):
            if standing[j] >= ranks[i] and groups[j] not in seen and len(chosen) < k:
                chosen.append(int(j))
                seen.add(groups[j])
        found.append(chosen)
    return found


@given(st.integers(0, 25), st.integers(1, 6), st.integers(1, 6), st.integers(1, 30), st.booleans(), st.integers(0, 5))
def test_neighbours_are_the_nearest_witnesses_of_other_groups_each_once(n, k, width, kinds, all_of_them, seed) -> None:
    vectors = unit(n, 6, seed)
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, kinds, n)
    ranks = np.zeros(n, int) if all_of_them else rng.integers(1, 3, n)
    standing = ranks if all_of_them else np.where(rng.random(n) < 0.7, ranks, 0)
    graph = nearest(vectors, width)
    found, distances = neighbors_without_copies(vectors, *graph, groups, k, *(() if all_of_them else (ranks, standing)))
    assert [row[row >= 0].tolist() for row in found[:, :k]] == brute(vectors, groups, k, ranks, standing)
    assert ((found >= 0) == ~np.isnan(distances)).all()
    there = found >= 0
    cosine = np.take_along_axis(vectors @ vectors.T, np.maximum(found, 0), axis=1) if n else distances
    np.testing.assert_allclose(distances[there], 1 - cosine[there], atol=1e-5)
    beyond = [row[row >= 0].tolist() for row in found]
    complete = brute(vectors, groups, n, ranks, standing)
    assert all(some == every[: len(some)] for some, every in zip(beyond, complete, strict=True))


def test_neighbours_are_found_behind_hundreds_of_copies() -> None:
    vectors = np.concatenate([np.repeat(unit(1, 8), 700, axis=0), unit(40, 8, 1)])
    groups = np.r_[np.zeros(700, int), np.arange(1, 41)]
    found, _ = nearest_witnesses(vectors[:1], groups[:1], np.ones(1), vectors, groups, np.ones(740), 10)
    assert found[0].tolist() == (700 + np.argsort(-(vectors[700:] @ vectors[0]), kind="stable")[:10]).tolist()


def test_a_row_from_elsewhere_may_be_near_anything() -> None:
    vectors = unit(30, 8)
    found, distances = nearest_witnesses(
        vectors[3:4], np.array([-1]), np.ones(1), vectors, np.arange(30), np.ones(30), 3
    )
    assert found[0, 0] == 3
    assert distances[0, 0] == pytest.approx(0, abs=1e-6)
    none, _ = nearest_witnesses(vectors[3:4], np.array([-1]), np.ones(1), vectors, np.arange(30), np.zeros(30), 3)
    assert (none == -1).all()
