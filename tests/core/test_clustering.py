from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from stages.contracts.vocabulary import NOISE
from stages.core.clustering import Clustering, by_density, by_size, cluster_size
from stages.core.knn import nearest
from tests.blobs import blobs, strangers
from tests.vectors import unit


def clustered(vectors: np.ndarray, min_samples: int = 2, size: int | None = None) -> Clustering:
    return by_density(vectors, *nearest(vectors, 30), size or cluster_size(len(vectors)), min_samples)


def test_classes_are_found_and_numbered_by_size() -> None:
    sizes = [40, 120, 80]
    found = clustered(blobs(sizes, 0.2))
    truth = np.repeat([2, 0, 1], sizes)
    assert found.count == 3
    member = found.labels != NOISE
    assert member.mean() > 0.9
    assert (found.labels[member] == truth[member]).all()


def test_strangers_stay_noise_in_a_thousand_dimensions() -> None:
    vectors = np.concatenate([blobs([60, 60, 60], 0.3, d=1000), strangers(5, d=1000)])
    found = clustered(vectors)
    assert (found.labels[-5:] == NOISE).all()
    assert adjusted_rand_score(np.repeat([0, 1, 2], 60), found.labels[:-5]) > 0.8


def test_one_class_is_one_cluster() -> None:
    found = clustered(blobs([100], 0.3))
    assert found.count == 1
    assert found.quality["dbcv"] is None
    assert (found.labels == NOISE).sum() == 5


def test_the_graph_gives_the_clusters_of_all_pairs() -> None:
    vectors = blobs([50, 70, 60, 40], 0.3, seed=3)
    narrow = by_density(vectors, *nearest(vectors, 20), 10, 2)
    full = by_density(vectors, *nearest(vectors, len(vectors)), 10, 2)
    assert adjusted_rand_score(narrow.labels, full.labels) > 0.99


def test_copies_that_are_bit_for_bit_alike_do_no_harm() -> None:
    vectors = np.concatenate([blobs([50, 50], 0.2), np.repeat(strangers(1), 3, axis=0)])
    found = clustered(vectors)
    assert found.count == 2
    assert np.isfinite(found.strengths).all()


def test_strengths_are_those_of_members() -> None:
    found = clustered(np.concatenate([blobs([60, 60], 0.4), strangers(4)]))
    assert ((found.strengths > 0) == (found.labels != NOISE)).all()
    assert found.strengths.max() <= 1


@given(st.lists(st.integers(-1, 6), max_size=40))
def test_renumbering_keeps_the_partition_and_orders_by_size(labels: list[int]) -> None:
    labels = np.array(labels, int)
    found = by_size(labels)
    assert ((found == NOISE) == (labels == NOISE)).all()
    assert len(set(zip(labels, found, strict=True))) == len(set(labels)) == len(set(found))
    counts = np.bincount(found[found >= 0])
    assert (np.diff(counts) <= 0).all()
    assert (counts > 0).all()


@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_too_few_for_a_cluster_are_noise(n: int) -> None:
    found = clustered(unit(n, 8))
    assert found.labels.tolist() == [NOISE] * n
    assert found.count == 0
    assert found.quality["noise_fraction"] == 1


def test_equal_rows_are_one_cluster() -> None:
    found = clustered(np.repeat(unit(1, 8), 40, axis=0))
    assert found.labels.tolist() == [0] * 40


def test_a_cluster_size_above_the_number_of_rows_leaves_noise() -> None:
    assert clustered(blobs([20]), size=50).count == 0


def test_the_same_rows_give_the_same_clusters() -> None:
    vectors = blobs([50, 60], 0.4)
    assert (clustered(vectors).labels == clustered(vectors.copy()).labels).all()


def test_the_size_of_a_cluster_grows_with_the_number_of_images() -> None:
    assert [cluster_size(n) for n in (0, 10, 100, 1000, 1_000_000)] == [5, 5, 5, 16, 500]
