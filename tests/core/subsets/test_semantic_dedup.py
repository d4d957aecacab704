from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.knn import nearest
from stages.core.subsets.semantic_dedup import semantic_dedup
from tests.blobs import blobs, unit_rows
from tests.vectors import unit


def threshold(told: str) -> float:
    return float(re.search(r"cosine of (-?[\d.]+)", told).group(1))


def best_kept(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Of each row that went, the cosine to the one that stays and is most like it."""
    gone = np.setdiff1d(np.arange(len(vectors)), rows)
    return (vectors[gone] @ vectors[rows].T).max(axis=1) if len(gone) else np.empty(0)


@given(n=st.integers(1, 40), wanted=st.integers(0, 60), copies=st.integers(1, 3), seed=st.integers(0, 99))
def test_exactly_so_many_and_none_twice(n: int, wanted: int, copies: int, seed: int) -> None:
    vectors = np.repeat(unit(n, 5, seed), copies, axis=0)
    chosen = semantic_dedup(vectors, wanted)
    expected = min(max(wanted, 1), len(vectors))
    assert len(chosen.rows) == len(set(chosen.rows.tolist())) == len(chosen.reasons) == expected


@given(n=st.integers(2, 60), share=st.floats(0.05, 0.95), d=st.integers(2, 8), seed=st.integers(0, 99))
def test_whoever_went_has_one_that_stays_as_alike_as_it_says(n: int, share: float, d: int, seed: int) -> None:
    vectors = unit(n, d, seed)
    chosen = semantic_dedup(vectors, round(share * n))
    alike = best_kept(vectors, chosen.rows)
    assert (alike >= threshold(chosen.told) - 1e-3).all()


@given(n=st.integers(3, 50), seed=st.integers(0, 99))
def test_keeping_fewer_only_takes_away(n: int, seed: int) -> None:
    vectors = unit(n, 4, seed)
    kept = [set(semantic_dedup(vectors, count).rows.tolist()) for count in (n, 2 * n // 3, n // 3, 1)]
    for more, fewer in pairwise(kept):
        assert fewer <= more


def test_a_chain_is_not_dropped_along() -> None:
    """Each is like the next, the ends are not alike: with SemDeDup's order a chain of seven leaves one."""
    angles = np.radians(np.arange(7) * 20.0)
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    chosen = semantic_dedup(chain, 3)
    assert best_kept(chain, chosen.rows).min() == pytest.approx(np.cos(np.radians(20)), abs=1e-4)


@pytest.mark.parametrize("copies", [2, 40, 90])
def test_a_crowd_larger_than_the_graph_leaves_one(copies: int) -> None:
    rng = np.random.default_rng(0)
    kinds = np.repeat(unit(8, 32), copies, axis=0)
    vectors = unit_rows(kinds + 0.002 * rng.normal(size=kinds.shape))
    chosen = semantic_dedup(vectors, 8)
    assert sorted(chosen.rows // copies) == list(range(8))
    assert all(reason.startswith(f"stands for {copies - 1} more") for reason in chosen.reasons)


def test_the_known_graph_gives_the_same() -> None:
    vectors = blobs([200, 100], spread=0.5)
    own = semantic_dedup(vectors, 150)
    given_graph = semantic_dedup(vectors, 150, nearest(vectors, 30))
    assert (own.rows == given_graph.rows).all()


def test_a_graph_that_lost_neighbours_is_made_up_for() -> None:
    vectors = blobs([60, 30], spread=0.5)
    indices, similarities = nearest(vectors, 10)
    indices[::2] = -1
    chosen = semantic_dedup(vectors, 20, (indices, similarities))
    assert len(chosen.rows) == 20
    assert (best_kept(vectors, chosen.rows) >= threshold(chosen.told) - 1e-3).all()


def test_nothing_goes_where_all_may_stay() -> None:
    chosen = semantic_dedup(unit(9, 4), 9)
    assert chosen.rows.tolist() == list(range(9))
    assert set(chosen.reasons) == {"no other is so like it"}


@pytest.mark.parametrize("vectors", [np.empty((0, 4), np.float32), unit(1, 4), np.repeat(unit(1, 4), 5, axis=0)])
def test_none_one_and_all_equal(vectors: np.ndarray) -> None:
    assert len(semantic_dedup(vectors, 1).rows) == min(1, len(vectors))
