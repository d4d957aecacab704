from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.subsets.diverse import diverse
from tests.blobs import blobs
from tests.vectors import unit


def radius(vectors: np.ndarray, rows: list[int]) -> float:
    """Largest distance of any vector to the nearest chosen one."""
    return float(np.linalg.norm(vectors[:, None] - vectors[None, rows], axis=2).min(axis=1).max())


@given(n=st.integers(0, 30), wanted=st.integers(0, 40), copies=st.integers(1, 3), seed=st.integers(0, 99))
def test_exactly_so_many_and_none_twice(n: int, wanted: int, copies: int, seed: int) -> None:
    vectors = np.repeat(unit(n, 5, seed), copies, axis=0)
    chosen = diverse(vectors, wanted)
    assert len(chosen.rows) == len(set(chosen.rows.tolist())) == len(chosen.reasons) == min(wanted, len(vectors))


@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_every_beginning_is_the_choice_for_that_many(n: int, seed: int) -> None:
    vectors = unit(n, 6, seed)
    whole = diverse(vectors, n)
    assert whole.is_ranked
    for few in (1, n // 2, n - 1):
        part = diverse(vectors, few)
        assert part.rows.tolist() == whole.rows[:few].tolist()
        assert part.reasons == whole.reasons[:few]


@given(n=st.integers(2, 9), wanted=st.integers(1, 4), d=st.integers(2, 4), seed=st.integers(0, 999))
def test_no_choice_is_twice_as_good(n: int, wanted: int, d: int, seed: int) -> None:
    vectors = unit(n, d, seed)
    best = min(radius(vectors, list(rows)) for rows in combinations(range(n), min(wanted, n)))
    assert radius(vectors, diverse(vectors, wanted).rows.tolist()) <= 2 * best + 1e-5


def test_copies_come_last() -> None:
    vectors = np.repeat(unit(10, 8), 3, axis=0)
    assert len({row // 3 for row in diverse(vectors, 10).rows.tolist()}) == 10


def test_each_kind_is_there_before_any_twice() -> None:
    vectors = blobs([500, 100, 20, 5], spread=0.05)
    kinds = np.repeat(np.arange(4), [500, 100, 20, 5])
    assert set(kinds[diverse(vectors, 4).rows]) == {0, 1, 2, 3}


def test_what_it_says_of_itself_is_so() -> None:
    vectors = blobs([40, 40], spread=0.5)
    chosen = diverse(vectors, 7)
    farthest = (1 - vectors @ vectors[chosen.rows].T).min(axis=1).max()
    assert f"{farthest:.3f}" in chosen.told
    last = 1 - float((vectors[chosen.rows[:-1]] @ vectors[chosen.rows[-1]]).max())
    assert f"{last:.3f}" in chosen.reasons[-1]


@pytest.mark.parametrize("vectors", [np.empty((0, 4), np.float32), unit(1, 4), np.repeat(unit(1, 4), 5, axis=0)])
def test_none_one_and_all_equal(vectors: np.ndarray) -> None:
    assert sorted(diverse(vectors, 10).rows.tolist()) == list(range(len(vectors)))
