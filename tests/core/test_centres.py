from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from stages.core.centres import by_centres, silhouettes
from tests.blobs import blobs
from tests.vectors import unit


def test_k_is_chosen_by_the_silhouette() -> None:
    vectors = blobs([30, 60, 40, 50], 0.15)
    found = by_centres(vectors, None, 0)
    assert found.count == 4
    assert adjusted_rand_score(np.repeat([0, 1, 2, 3], [30, 60, 40, 50]), found.labels) > 0.95
    assert max(found.quality["silhouette_by_k"], key=found.quality["silhouette_by_k"].get) == "4"
    assert found.quality["silhouette"] == pytest.approx(found.quality["silhouette_by_k"]["4"], abs=0.01)


def test_k_is_obeyed_and_the_largest_cluster_comes_first() -> None:
    found = by_centres(blobs([30, 60], 0.15), 3, 0)
    counts = np.bincount(found.labels)
    assert len(counts) == 3
    assert (np.diff(counts) <= 0).all()
    assert found.quality["noise_fraction"] == 0


def test_there_are_no_more_clusters_than_different_rows() -> None:
    assert by_centres(np.repeat(unit(2, 8), 10, axis=0), 5, 0).count == 2


def test_a_row_in_the_middle_of_its_cluster_is_stronger_than_one_between_two() -> None:
    vectors = blobs([50, 50], 0.15)
    between = vectors[:50].mean(axis=0) + 0.95 * vectors[50:].mean(axis=0)
    centre = vectors[:50].mean(axis=0)
    both = np.stack([between / np.linalg.norm(between), centre / np.linalg.norm(centre)]).astype(np.float32)
    strengths = by_centres(np.concatenate([vectors, both]), 2, 0).strengths
    assert 0 <= strengths[-2] < 0.2 < 0.8 < strengths[-1] <= 1


def test_the_seed_decides() -> None:
    vectors = blobs([40, 40, 40], 0.5)
    assert (by_centres(vectors, 6, 1).labels == by_centres(vectors, 6, 1).labels).all()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_rows_are_one_cluster(n: int) -> None:
    found = by_centres(unit(n, 8), None, 0)
    assert found.labels.tolist() == [0] * n
    assert found.strengths.tolist() == [1] * n
    assert found.quality["silhouette"] is None


def test_equal_rows_are_one_cluster() -> None:
    assert by_centres(np.repeat(unit(1, 8), 12, axis=0), None, 0).count == 1


def test_no_k_is_tried_that_leaves_less_than_two_rows_a_cluster() -> None:
    assert set(silhouettes(unit(13, 8), 0)) == {2, 3, 4, 5, 6}
