from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.drift import Drift, mmd


def normal(n: int, seed: int, shift: float = 0.0, d: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, 1, (n, d))


def test_the_statistic_is_the_unbiased_one_of_the_paper() -> None:
    """Gretton et al. 2012, equation 3, written out."""
    a, b = normal(7, 0), normal(5, 1, 0.5)
    pooled = np.concatenate([a, b])
    squares = ((pooled[:, None] - pooled[None]) ** 2).sum(-1)
    width = np.median(np.sqrt(squares[np.triu_indices(12, 1)] ** 2)) ** 0.5
    kernel = np.exp(-squares / (2 * width**2))
    within_a = (kernel[:7, :7].sum() - 7) / (7 * 6)
    within_b = (kernel[7:, 7:].sum() - 5) / (5 * 4)
    expected = within_a + within_b - 2 * kernel[:7, 7:].mean()
    found = mmd(a, b, permutations=10)
    assert found.statistic == pytest.approx(expected, abs=1e-5)
    assert found.bandwidth == pytest.approx(width, rel=1e-4)


def test_a_shift_is_found_and_none_is_not_invented() -> None:
    assert mmd(normal(80, 0), normal(80, 1, 1.0)).p_value == pytest.approx(1 / 201)
    assert mmd(normal(80, 0), normal(80, 1)).p_value > 0.05


@pytest.mark.parametrize("overlap", [0, 25])
def test_under_the_null_p_values_are_as_frequent_as_they_say(overlap: int) -> None:
    """Also where versions share rows: there the two-sample test of the paper would hardly ever speak."""
    found = []
    for seed in range(120):
        pool, ids = normal(60, seed, d=3), np.arange(60)
        a, b = slice(0, 30 + overlap), slice(30, 60)
        found.append(mmd(pool[a], pool[b], seed=seed, permutations=39, ids_a=ids[a], ids_b=ids[b]).p_value)
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.11
    assert 0.1 <= np.mean(np.array(found) <= 0.2) <= 0.3


def test_a_few_strange_rows_among_many_shared_ones_are_found() -> None:
    old, strange = normal(300, 0), normal(12, 1, 2.0)
    ids = np.arange(312)
    both = np.concatenate([old, strange])
    assert mmd(old, both, ids_a=ids[:300], ids_b=ids).p_value < 0.01
    assert mmd(old, both).p_value > 0.5, "as independent samples they would not be"
    usual = np.concatenate([old, normal(12, 2)])
    assert mmd(old, usual, ids_a=ids[:300], ids_b=ids).p_value > 0.05


def test_rows_that_went_are_found_as_well_as_rows_that_came() -> None:
    rows, ids = np.concatenate([normal(200, 0), normal(15, 1, 2.0)]), np.arange(215)
    came = mmd(rows[:200], rows, ids_a=ids[:200], ids_b=ids)
    went = mmd(rows, rows[:200], ids_a=ids, ids_b=ids[:200])
    assert came.p_value < 0.01
    assert went.p_value < 0.01
    assert came.statistic == pytest.approx(went.statistic, rel=1e-3)


def test_the_same_rows_on_both_sides_are_no_shift() -> None:
    rows, ids = normal(50, 0), np.arange(50)
    found = mmd(rows, rows[::-1], ids_a=ids, ids_b=ids[::-1])
    assert (found.statistic, found.p_value, found.shared) == (0.0, 1.0, 50)


def test_rows_that_are_all_equal_are_no_shift() -> None:
    found = mmd(np.ones((20, 3)), np.ones((20, 3)))
    assert found.statistic == pytest.approx(0, abs=1e-6)
    assert found.p_value == 1.0


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 9), (1, 9), (9, 1), (1, 1)])
def test_too_few_rows_are_not_judged(n: int, m: int) -> None:
    found = mmd(normal(n, 0).reshape(n, 4), normal(m, 1).reshape(m, 4))
    assert not found.judged
    assert (found.statistic, found.n_a, found.n_b) == (None, n, m)


def test_two_rows_a_side_are_judged() -> None:
    assert mmd(normal(2, 0), normal(2, 1)).judged


def test_one_row_more_is_judged() -> None:
    rows = normal(30, 0)
    found = mmd(rows[:29], rows, ids_a=np.arange(29), ids_b=np.arange(30))
    assert 0 < found.p_value <= 1
    assert found.shared == 29


def test_large_samples_are_cut_and_small_strata_are_kept_whole() -> None:
    rows, ids = np.concatenate([normal(3000, 0), normal(40, 1, 3.0)]), np.arange(3040)
    found = mmd(rows[:3000], rows, ids_a=ids[:3000], ids_b=ids, rows=200)
    assert found.rows <= 200
    assert found.p_value == pytest.approx(1 / 201)


def test_the_estimate_does_not_depend_on_how_much_is_looked_at() -> None:
    rows, ids = np.concatenate([normal(1500, 0), normal(500, 1, 1.5)]), np.arange(2000)
    whole = mmd(rows[:1500], rows, ids_a=ids[:1500], ids_b=ids).statistic
    parts = [mmd(rows[:1500], rows, ids_a=ids[:1500], ids_b=ids, rows=300, seed=s).statistic for s in range(10)]
    assert np.mean(parts) == pytest.approx(whole, rel=0.2)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 5))
def test_the_same_seed_gives_the_same_answer_and_order_does_not_matter_much(n: int, m: int, seed: int) -> None:
    a, b = normal(n, seed), normal(m, seed + 1)
    found = mmd(a, b, seed=seed, permutations=20)
    assert found == mmd(a, b, seed=seed, permutations=20)
    assert 1 / 21 <= found.p_value <= 1
    assert found.statistic == pytest.approx(mmd(b, a, seed=seed, permutations=20).statistic, abs=1e-4)
    assert found.statistic <= 2


def test_vectors_of_two_widths_and_ids_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and of 4 numbers"):
        mmd(normal(5, 0, d=3), normal(5, 0, d=4))
    with pytest.raises(ValueError, match="distinct"):
        mmd(normal(3, 0), normal(3, 1), ids_a=np.array([1, 1, 2]), ids_b=np.arange(3))
    with pytest.raises(ValueError, match="ids for"):
        mmd(normal(3, 0), normal(3, 1), ids_a=np.arange(4), ids_b=np.arange(3))


def test_it_says_what_it_looked_at() -> None:
    found = mmd(normal(10, 0), normal(6, 1), permutations=50)
    assert isinstance(found, Drift)
    assert (found.n_a, found.n_b, found.shared, found.rows, found.permutations) == (10, 6, 0, 16, 50)
    assert found.chance > 0
