from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.knn import nearest
from stages.core.outliers import (
    beyond_expected,
    chord,
    excess,
    home_clusters,
    knn_distance,
    of_neighbors,
    surroundings,
    usual_in_class,
)
from stages.core.witnesses import neighbors_without_copies
from tests.blobs import blobs, strangers, unit_rows
from tests.vectors import unit


def test_a_picture_with_nothing_but_copies_has_no_neighbour() -> None:
    vectors = np.repeat(unit(1, 4), 3, axis=0)
    indices, distances = neighbors_without_copies(vectors, *nearest(vectors, 2), np.zeros(3, int), 2)
    assert (indices == -1).all()
    assert np.isnan(knn_distance(distances)).all()


def test_many_copies_of_a_stranger_do_not_hide_it() -> None:
    vectors = np.concatenate([blobs([60]), np.repeat(strangers(1), 12, axis=0)])
    groups = np.r_[np.arange(60), np.full(12, 60)]
    distance = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), groups, 10)[1][:, :10])
    assert distance[60:].min() > distance[:60].max()
    hidden = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(72), 10)[1][:, :10])
    assert hidden[60:].max() < hidden[:60].max()


def test_the_mean_leaves_out_what_is_missing() -> None:
    found = knn_distance(np.array([[0.1, 0.3], [0.2, np.nan], [np.nan, np.nan]]))
    np.testing.assert_allclose(found, [0.2, 0.2, np.nan])


def test_no_neighbours_at_all_gives_no_distance() -> None:
    assert np.isnan(knn_distance(np.empty((3, 0)))).all()


def test_the_chord_is_the_straight_distance() -> None:
    vectors = unit(20, 5)
    straight = np.linalg.norm(vectors[1:] - vectors[:-1], axis=1)
    np.testing.assert_allclose(chord(1 - (vectors[1:] * vectors[:-1]).sum(axis=1)), straight, atol=0.02)
    # Noise of the arithmetic stays small, where the root alone would make 0.045 of it.
    assert chord(np.array([1e-3])) - chord(np.array([0.0])) < 0.02


def test_the_tighter_of_the_two_counts_for_half() -> None:
    around, of_class = np.array([0.5, 0.5, 0.1]), np.array([0.1, np.nan, 0.5])
    expected = chord(np.full(3, 0.6)) - 0.5 * chord(np.array([0.1, 0.5, 0.1]))
    np.testing.assert_allclose(beyond_expected(np.full(3, 0.6), around, of_class), expected)


def test_what_is_missing_counts_for_no_neighbour() -> None:
    found = of_neighbors(np.array([1.0, 2.0, 6.0]), np.array([[0, 2], [1, -1], [-1, -1]]))
    np.testing.assert_allclose(found, [3.5, 2.0, np.nan])


def test_only_the_first_k_neighbours_count() -> None:
    vectors = blobs([60], d=16)
    found = neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(60), 10)
    told = surroundings(*found, np.zeros(60, int), 10)
    assert told.indices.shape == (60, 30)
    np.testing.assert_allclose(told.distance, told.distances[:, :10].mean(axis=1))
    np.testing.assert_allclose(told.around, told.distance[told.indices[:, :10]].mean(axis=1))
    np.testing.assert_allclose(told.excess, excess(told.distance, told.indices[:, :10], told.in_class))


def measured(vectors: np.ndarray, classes: np.ndarray | None = None) -> np.ndarray:
    found = neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(len(vectors)), 10)
    none = np.full(len(vectors), -1)
    return surroundings(*found, none if classes is None else classes, 10).excess


def test_strangers_exceed_a_tight_and_a_loose_class() -> None:
    vectors = np.concatenate([blobs([100, 100], [0.1, 0.6], d=64), strangers(6, d=64)])
    found = measured(vectors)
    assert found[200:].min() > found[:200].max()


def test_a_stranger_near_a_tight_class_stands_out_more_than_by_distance_alone() -> None:
    tight, loose = blobs([60, 60], [0.05, 0.6], d=64)[:60], blobs([60, 60], [0.05, 0.6], d=64)[60:]
    middle = unit_rows(tight.mean(axis=0, keepdims=True))
    odd = unit_rows(middle + 0.9 * strangers(1, d=64))
    vectors = np.concatenate([tight, loose, odd])
    distance = knn_distance(neighbors_without_copies(vectors, *nearest(vectors, 30), np.arange(121), 10)[1][:, :10])

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
    np.testing.assert_allclose(found, found[0], atol=1e-4)


def test_noise_is_at_home_where_half_of_its_neighbours_are() -> None:
    clusters = np.array([0, 0, 1, -1, -1, -1])
    indices = np.array([[1, 2], [0, 2], [0, 1], [0, 1], [0, 2], [3, -1]])
    assert home_clusters(clusters, indices).tolist() == [0, 0, 1, 0, 0, -1]
    assert home_clusters(np.empty(0, int), np.empty((0, 0), int)).tolist() == []
    assert home_clusters(np.array([-1]), np.empty((1, 0), int)).tolist() == [-1]


@given(st.integers(1, 7), st.integers(0, 3), st.integers(0, 20))
def test_a_home_has_half_of_the_votes_and_of_two_halves_the_lower_number(k: int, kinds: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    theirs = rng.integers(-1, kinds + 1, 12)
    indices = rng.integers(-1, 12, (8, k))
    found = home_clusters(np.full(8, -1), indices, theirs)
    for row, home in zip(indices, found, strict=True):
        votes = [int(theirs[i]) for i in row if i >= 0 and theirs[i] >= 0]
        halves = [number for number in sorted(set(votes)) if 2 * votes.count(number) >= k]
        assert home == (halves[0] if halves else -1)
