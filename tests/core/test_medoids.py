from __future__ import annotations

import numpy as np
import pytest

from stages.contracts.vocabulary import NOISE
from stages.core import medoids as module
from stages.core.medoids import centroid_distances, centroids, medoids
from tests.vectors import unit

LABELS = np.array([0, 1, 0, NOISE, 1, 0])


def test_centroids_are_unit_means_of_the_members() -> None:
    vectors = unit(6, 5)
    found = centroids(vectors, LABELS)
    mean = vectors[[0, 2, 5]].mean(axis=0)
    np.testing.assert_allclose(found[0], mean / np.linalg.norm(mean), rtol=1e-5)
    assert found.shape == (2, 5)


def test_members_are_measured_to_their_own_centroid_and_noise_to_the_nearest(monkeypatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 4)
    vectors = unit(6, 5)
    centres = centroids(vectors, LABELS)
    found = centroid_distances(vectors, LABELS, centres)
    own = [1 - vectors[i] @ centres[label] for i, label in enumerate(LABELS)]
    own[3] = (1 - centres @ vectors[3]).min()
    np.testing.assert_allclose(found, own, atol=1e-6)


def test_all_noise_is_measured_to_the_mean_of_all() -> None:
    vectors = unit(6, 5)
    noise = np.full(6, NOISE)
    centres = centroids(vectors, noise)
    mean = vectors.mean(axis=0)
    assert centres.shape == (1, 5)
    expected = 1 - vectors @ (mean / np.linalg.norm(mean))
    np.testing.assert_allclose(centroid_distances(vectors, noise, centres), expected, atol=1e-6)


def test_each_cluster_has_one_medoid_its_member_nearest_to_the_centroid() -> None:
    found = medoids(LABELS, np.array([0.3, 0.2, 0.1, 0.0, 0.2, 0.1]))
    assert np.flatnonzero(found).tolist() == [1, 2]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n: int) -> None:
    vectors, noise = unit(n, 5), np.full(n, NOISE)
    distances = centroid_distances(vectors, noise, centroids(vectors, noise))
    assert distances.shape == (n,)
    assert not medoids(noise, distances).any()


def test_opposite_rows_cancel_out_without_nan() -> None:
    vectors = np.array([[1, 0], [-1, 0]], np.float32)
    labels = np.array([0, 0])
    np.testing.assert_allclose(centroid_distances(vectors, labels, centroids(vectors, labels)), [1, 1])
