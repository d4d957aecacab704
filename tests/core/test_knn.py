from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.knn import nearest, without_self


def unit(n: int, d: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("n", [0, 1])
def test_none_and_one_have_no_neighbours(n: int) -> None:
    indices, similarities = nearest(unit(n, 4), 10)
    assert indices.shape == similarities.shape == (n, 0)


def test_two_are_each_others_neighbours() -> None:
    assert nearest(unit(2, 4), 10)[0].tolist() == [[1], [0]]


@given(st.integers(2, 60), st.integers(1, 70), st.integers(0, 99))
def test_it_is_what_the_whole_matrix_says(n: int, k: int, seed: int) -> None:
    vectors = unit(n, 6, seed)
    indices, similarities = nearest(vectors, k)
    full = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(full, -np.inf)
    expected = -np.sort(-full, axis=1)[:, : min(k, n - 1)]
    np.testing.assert_allclose(similarities, expected, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(full, indices.astype(int), 1), similarities, atol=1e-5)


def test_equal_rows_are_never_their_own_neighbours() -> None:
    indices, similarities = nearest(np.repeat(unit(1, 4), 40, axis=0), 5)
    assert not (indices == np.arange(40)[:, None]).any()
    np.testing.assert_allclose(similarities, 1, atol=1e-6)


def test_a_row_missing_from_its_own_candidates_loses_the_last() -> None:
    indices, _ = without_self(np.array([[1, 2], [1, 0]]), np.array([[1.0, 0.9], [1.0, 0.5]], np.float32))
    assert indices.tolist() == [[1], [0]]


def test_ties_are_in_order_of_row() -> None:
    indices, _ = without_self(np.array([[0, 3, 2, 1]]), np.array([[1.0, 0.5, 0.5, 0.5]], np.float32))
    assert indices.tolist() == [[1, 2, 3]]
