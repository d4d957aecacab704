from __future__ import annotations

import numpy as np
import pytest

from stages.core import spanning_tree as module
from stages.core.clustering import by_density
from stages.core.knn import nearest
from stages.core.spanning_tree import bridges, spanning_tree, validity
from tests.blobs import blobs


def test_the_spanning_tree_is_that_of_all_pairs() -> None:
    from scipy.sparse.csgraph import minimum_spanning_tree

    vectors = blobs([20, 20], 0.3)
    distances = np.sqrt(np.maximum(2 - 2 * vectors.astype(float) @ vectors.T, 0))
    core = np.sort(distances, axis=1)[:, 2]
    reach = np.maximum(distances, np.maximum(core[:, None], core))
    np.fill_diagonal(reach, 0)
    tree = spanning_tree(vectors, *nearest(vectors, 39), 2)
    assert tree.sum() / 2 == pytest.approx(minimum_spanning_tree(reach).sum(), rel=1e-4)
    assert tree.nnz == 2 * 39


def test_pieces_that_the_graph_leaves_apart_are_joined() -> None:
    vectors = blobs([30, 30, 30], 0.05)
    indices, similarities = nearest(vectors, 5)
    assert spanning_tree(vectors, indices, similarities, 2).nnz == 2 * 89
    assert by_density(vectors, indices, similarities, 10, 2).count == 3


def test_well_parted_clusters_are_more_valid_than_touching_ones() -> None:
    def quality(spread: float) -> float:
        vectors = blobs([50, 50], spread)
        return validity(np.repeat([0, 1], 50), spanning_tree(vectors, *nearest(vectors, 30), 2))

    assert 1 >= quality(0.05) > quality(0.5) >= -1


@pytest.mark.parametrize("at_once", [1, 1 << 26])
def test_a_piece_is_joined_where_it_comes_closest_to_the_largest(monkeypatch, at_once: int) -> None:
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    vectors = blobs([30, 20, 10], 0.1)
    piece = np.repeat([2, 0, 1], [30, 20, 10])
    here, there = bridges(vectors, piece)
    assert piece[here].tolist() == [0, 1]
    assert (piece[there] == 2).all()
    for one, number in zip(there, (0, 1), strict=True):
        mean = vectors[piece == number].mean(axis=0)
        assert one == (vectors[:30] @ mean).argmax()


def test_a_graph_in_one_piece_needs_no_bridge() -> None:
    here, there = bridges(blobs([10], 0.1), np.zeros(10, int))
    assert len(here) == len(there) == 0
