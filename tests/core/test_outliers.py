from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.knn import nearest
from stages.core.outliers import (
    excess,
    home_clusters,
    knn_distance,
    neighbors_without_copies,
    usual_in_class,
)
from tests.blobs import blobs, strangers, unit_rows
from tests.vectors import unit


def brute(vectors: np.ndarray, groups: np.ndarray, k: int) -> list[list[int]]:
    """The definition, spelt out."""
    found = []
    for i in range(len(vectors)):
        chosen, seen = [], {groups[i]}
        for j in np.argsort(-(vectors @ vectors[i]), kind="stable"):
            if groups[j] not in seen and len(chosen) < k:
                chosen.append(int(j))
                seen.add(groups[j])
        found.append(chosen)
    return found


@given(st.integers(0, 25), st.integers(1, 6), st.integers(1, 6), st.integers(1, 30), st.integers(0, 5))
def test_neighbours_are_the_nearest_of_other_groups_each_once(n, k, width, kinds, seed) -> None:
    vectors = unit(n, 6, seed)
    groups = np.random.default_rng(seed).integers(0, kinds, n)
    indices, distances = neighbors_without_copies(vectors, *nearest(vectors, width), groups, k)
    assert [row[row >= 0].tolist() for row in indices] == brute(vectors, groups, k)
    assert ((indices >= 0) == ~np.isnan(distances)).all()
    there = indices >= 0
    cosine = np.take_along_axis(vectors @ vectors.T, np.maximum(indices, 0), axis=1) if n else distances
    np.testing.assert_allclose(distances[there], 1 - cosine[there], atol=1e-5)


def test_a_picture_with_nothing_but_copies_has_no_neighbour() -> None:
    vectors = np.repeat(unit(1, 4), 3, axis=0)
    indices, distances = neighbors_without_copies(vectors, *nearest(vectors, 2), np.zeros(3, int), 2)
    assert (indices == -1).all()
    assert np.isnan(knn_distance(distances)).all()


def test_many_copies_of_a_stranger_do_not_hide_it() -> None:
    vectors = np.concatenate([blobs([60]), np.repeat(strangers(1), 12, axis=0)])
    groups = np.r_[np.arange(60), np.full(12, 60)]
    distance = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), groups, 10)[1])
    assert distance[60:].min() > distance[:60].max()
    hidden = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(72), 10)[1])
    assert hidden[60:].max() < hidden[:60].max()


def test_the_mean_leaves_out_what_is_missing() -> None:
    found = knn_distance(np.array([[0.1, 0.3], [0.2, np.nan], [np.nan, np.nan]]))
    np.testing.assert_allclose(found, [0.2, 0.2, np.nan])


def test_no_neighbours_at_all_gives_no_distance() -> None:
    assert np.isnan(knn_distance(np.empty((3, 0)))).all()


def measured(vectors: np.ndarray, classes: np.ndarray | None = None) -> np.ndarray:
    indices, distances = neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(len(vectors)), 10)
    distance = knn_distance(distances)
    none = np.full(len(vectors), -1)
    return excess(distance, indices, usual_in_class(distance, none if classes is None else classes))


def test_strangers_exceed_a_tight_and_a_loose_class() -> None:
    vectors = np.concatenate([blobs([100, 100], [0.1, 0.6], d=64), strangers(6, d=64)])
    found = measured(vectors)
    assert found[200:].min() > found[:200].max()


def test_a_stranger_near_a_tight_class_stands_out_more_than_by_distance_alone() -> None:
    tight, loose = blobs([60, 60], [0.05, 0.6], d=64)[:60], blobs([60, 60], [0.05, 0.6], d=64)[60:]
    middle = unit_rows(tight.mean(axis=0, keepdims=True))
    odd = unit_rows(middle + 0.9 * strangers(1, d=64))
    vectors = np.concatenate([tight, loose, odd])
    distance = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(121), 10)[1])

    def rank(values: np.ndarray) -> int:
        return int((values > values[-1]).sum())

    assert rank(measured(vectors)) < rank(distance)


def test_strangers_do_not_excuse_each_other() -> None:
    far = unit_rows(strangers(1, d=64) + 0.9 * strangers(8, d=64, seed=5))
    vectors = np.concatenate([blobs([150], d=64), far])
    assert measured(vectors)[150:].min() > np.quantile(measured(vectors)[:150], 0.99)


def test_a_loose_picture_in_a_tight_class_is_stranger_with_its_label() -> None:
    vectors = blobs([60, 60], [0.05, 0.6], d=64)
    classes = np.repeat([0, 1], 60)
    moved = classes.copy()
    moved[100] = 0
    assert measured(vectors, moved)[100] > measured(vectors, classes)[100]
    np.testing.assert_array_equal(measured(vectors, np.zeros(120, int))[:0], [])


def test_a_small_class_is_drawn_towards_all() -> None:
    distance = np.r_[np.full(95, 0.4), np.full(5, 0.2), np.nan]
    classes = np.r_[np.zeros(95, int), np.ones(5, int), 1]
    found = usual_in_class(distance, classes)
    np.testing.assert_allclose(found, np.r_[np.full(95, 0.4), np.full(6, 0.3)])
    assert np.isnan(usual_in_class(distance, np.full(101, -1))).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n: int) -> None:
    found = measured(unit(n, 4))
    assert found.shape == (n,)
    assert np.isnan(found).all() == (n < 2)


def test_equal_rows_are_equally_strange() -> None:
    found = measured(np.repeat(unit(1, 4), 30, axis=0))
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_noise_is_at_home_where_half_of_its_neighbours_are() -> None:
    clusters = np.array([0, 0, 1, -1, -1, -1])
    indices = np.array([[1, 2], [0, 2], [0, 1], [0, 1], [0, 2], [3, -1]])
    assert home_clusters(clusters, indices).tolist() == [0, 0, 1, 0, 0, -1]
    assert home_clusters(np.empty(0, int), np.empty((0, 0), int)).tolist() == []
    assert home_clusters(np.array([-1]), np.empty((1, 0), int)).tolist() == [-1]
