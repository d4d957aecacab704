from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.subsets import representative as module
from stages.core.subsets.representative import representative
from tests.blobs import blobs
from tests.vectors import unit


def value(vectors: np.ndarray, rows: list[int]) -> float:
    """How well the chosen stand for all: the sum of similarities, (1 + cosine) / 2, to the nearest of them."""
    return float(((1 + vectors @ vectors[rows].T) / 2).max(axis=1).sum()) if rows else 0.0


@given(n=st.integers(0, 30), wanted=st.integers(0, 40), copies=st.integers(1, 3), seed=st.integers(0, 99))
def test_exactly_so_many_and_none_twice(n: int, wanted: int, copies: int, seed: int) -> None:
    vectors = np.repeat(unit(n, 5, seed), copies, axis=0)
    chosen = representative(vectors, wanted)
    assert len(chosen.rows) == len(set(chosen.rows.tolist())) == len(chosen.reasons) == min(wanted, len(vectors))


@given(n=st.integers(1, 20), copies=st.integers(1, 2), at_once=st.sampled_from([1, 4, 128]), seed=st.integers(0, 99))
def test_each_step_takes_one_that_adds_most(n: int, copies: int, at_once: int, seed: int) -> None:
    """The shortcuts change nothing. Ties are common: two that stand for each other alone add the same."""
    vectors = np.repeat(unit(n, 6, seed), copies, axis=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "AT_ONCE", at_once)
        rows = representative(vectors, n // 2 + 1).rows.tolist()
    for step, row in enumerate(rows):
        before = rows[:step]
        best = max(value(vectors, [*before, other]) for other in range(len(vectors)))
        assert value(vectors, [*before, row]) >= best - 1e-4


@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_every_beginning_is_the_choice_for_that_many(n: int, seed: int) -> None:
    vectors = unit(n, 6, seed)
    whole = representative(vectors, n)
    assert whole.is_ranked
    assert representative(vectors, n // 2).rows.tolist() == whole.rows[: n // 2].tolist()


@given(n=st.integers(2, 9), wanted=st.integers(1, 4), seed=st.integers(0, 999))
def test_it_reaches_its_share_of_the_best(n: int, wanted: int, seed: int) -> None:
    vectors = unit(n, 3, seed)
    best = max(value(vectors, list(rows)) for rows in combinations(range(n), min(wanted, n)))
    assert value(vectors, representative(vectors, wanted).rows.tolist()) >= (1 - 1 / np.e) * best - 1e-4


@given(seed=st.integers(0, 99))
def test_each_one_adds_and_none_more_than_the_one_before(seed: int) -> None:
    vectors = unit(20, 5, seed)
    rows = representative(vectors, 20).rows.tolist()
    values = [value(vectors, rows[:count]) for count in range(21)]
    gains = np.diff(values)
    assert (gains >= -1e-4).all()
    assert (np.diff(gains) <= 1e-4).all()


def test_the_largest_kind_comes_first_and_strangers_late() -> None:
    vectors = np.concatenate([blobs([300, 60], spread=0.2), unit(3, 32, seed=9)])
    rows = representative(vectors, 3).rows
    assert rows[0] < 300 <= rows[1] < 360
    assert rows[2] < 360


def test_of_very_many_a_sample_is_represented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUND", 200)
    vectors = blobs([700, 200, 100], spread=0.3)
    sampled = representative(vectors, 12, seed=1).rows.tolist()
    assert sampled == representative(vectors, 12, seed=1).rows.tolist()
    assert max(sampled) >= 200
    monkeypatch.undo()
    assert value(vectors, sampled) > 0.99 * value(vectors, representative(vectors, 12).rows.tolist())


def test_what_it_says_of_itself_is_so() -> None:
    vectors = blobs([40, 40], spread=0.5)
    chosen = representative(vectors, 5)
    assert f"{(vectors @ vectors[chosen.rows].T).max(axis=1).mean():.4f}" in chosen.told


@pytest.mark.parametrize("vectors", [np.empty((0, 4), np.float32), unit(1, 4), np.repeat(unit(1, 4), 5, axis=0)])
def test_none_one_and_all_equal(vectors: np.ndarray) -> None:
    assert sorted(representative(vectors, 10).rows.tolist()) == list(range(len(vectors)))
