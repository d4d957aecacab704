from __future__ import annotations

import numpy as np
import pytest

from stages.core import cells as module
from stages.core.cells import RECALL, graph, mutual
from stages.core.knn import nearest
from tests.blobs import blobs
from tests.vectors import unit


@pytest.mark.parametrize("n", [0, 1, 2, 3, 20])
def test_few_rows_are_compared_with_all(n: int) -> None:
    vectors = unit(n, 8)
    found = graph(vectors, 10, exact_up_to=0)
    expected = graph(vectors, 10)
    assert expected.told == {"search": "exact"}
    np.testing.assert_allclose(found.similarities, expected.similarities, atol=1e-6)


def test_cells_find_what_is_asked_for_and_tell_how_much() -> None:
    vectors = np.concatenate([blobs([200] * 10, 0.6, d=24), unit(40, 24, seed=1)])
    found = graph(vectors, 15, exact_up_to=0)
    _, truth = nearest(vectors, 15)
    assert found.told["search"] == "cells"
    assert found.told["recall_at_10"] >= RECALL
    recall = (found.similarities[:, :10] >= truth[:, 9, None] - 1e-6).mean()
    assert recall == pytest.approx(found.told["recall_at_10"], abs=0.01)
    assert not (found.indices == np.arange(len(vectors))[:, None]).any()
    own = np.einsum("ij,ikj->ik", vectors, vectors[found.indices])
    np.testing.assert_allclose(found.similarities, own, atol=1e-5)
    assert (np.diff(found.similarities, axis=1) <= 0).all()


def test_more_cells_are_searched_until_enough_is_found(monkeypatch) -> None:
    monkeypatch.setattr(module, "FIRST_PROBES", 1)
    monkeypatch.setattr(module, "FAR", 0.001)
    monkeypatch.setattr(module, "RECALL", 0.999)
    vectors = unit(1000, 12)
    found = graph(vectors, 10, exact_up_to=0)
    assert found.told["probes"] > 1
    assert found.told["recall_at_10"] >= 0.999


def test_rows_without_any_neighbour_nearby_are_compared_with_all() -> None:
    strangers = unit(10, 64, seed=5)
    vectors = np.concatenate([blobs([300, 300, 300], 0.2, d=64), strangers])
    found = graph(vectors, 10, exact_up_to=0)
    _, truth = nearest(vectors, 10)
    np.testing.assert_allclose(found.similarities[-10:], truth[-10:], atol=1e-6)


def test_the_same_rows_give_the_same_bytes() -> None:
    import faiss

    vectors = blobs([150] * 6, 0.5, d=16)
    one = graph(vectors, 10, exact_up_to=0)
    threads = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(1)
        other = graph(vectors, 10, exact_up_to=0)
    finally:
        faiss.omp_set_num_threads(threads)
    np.testing.assert_array_equal(one.indices, other.indices)
    np.testing.assert_array_equal(one.similarities, other.similarities)


def test_rows_that_are_all_equal_have_neighbours() -> None:
    found = graph(np.repeat(unit(1, 8), 300, axis=0), 5, exact_up_to=0)
    assert (found.indices >= 0).all()
    assert not (found.indices == np.arange(300)[:, None]).any()
    np.testing.assert_allclose(found.similarities, 1, atol=1e-6)


def test_whoever_finds_another_is_found_by_it_if_near_enough() -> None:
    indices = np.array([[1, 2], [0, 2], [3, 1], [1, 0]], np.int32)
    similarities = np.array([[0.9, 0.5], [0.9, 0.8], [0.95, 0.8], [0.4, 0.3]], np.float32)
    found, known = mutual(indices, similarities)
    assert found.tolist() == [[1, 2], [0, 2], [3, 1], [2, 1]], "2 was near 3, and 3 did not know"
    np.testing.assert_allclose(known[3], [0.95, 0.4])
    again = mutual(found, known)
    np.testing.assert_array_equal(again[0], found)


@pytest.mark.parametrize("n", [2, 3, 50])
def test_a_graph_that_is_whole_stays_as_it_is(n: int) -> None:
    indices, similarities = nearest(unit(n, 6), 8)
    found, known = mutual(indices, similarities)
    np.testing.assert_array_equal(found, indices)
    np.testing.assert_array_equal(known, similarities)
