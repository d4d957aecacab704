from __future__ import annotations

import numpy as np
import pytest

from stages.core.null_model import q_values
from stages.core.outlier_stability import RESAMPLES, draw, nearest_drawn, stability
from tests.blobs import blobs, strangers
from tests.core.test_strangeness import looked_at


def shares(vectors: np.ndarray, rate: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    n = len(vectors)
    found = looked_at(vectors)
    groups, none = np.arange(n), np.full(n, -1)
    return q_values(found.p_values()), stability(found, groups, none, np.ones(n, bool), 10, rate, seed)


def test_certain_strangers_are_flagged_in_nearly_all_resamples_and_usual_images_in_none() -> None:
    q, share = shares(np.concatenate([blobs([200], 0.2, d=64), strangers(4, d=64)]))
    assert (share[200:] >= 0.9).all()
    assert share[:200][q[:200] > 0.3].mean() < 0.01
    assert np.isin(np.round(share * RESAMPLES, 9), np.arange(RESAMPLES + 1)).all()


def test_a_single_stranger_is_judged_in_resamples_without_it_too() -> None:
    _, share = shares(np.concatenate([blobs([200], 0.1, d=64), strangers(1, d=64)]))
    assert share[200] == 1


def test_the_seed_decides_the_resamples() -> None:
    vectors = np.concatenate([blobs([80], 0.5, d=64), strangers(4, d=64)])
    one, again, other = (shares(vectors, seed=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_a_greater_rate_flags_as_often_or_more() -> None:
    vectors = np.concatenate([blobs([100], 0.5, d=64), strangers(3, d=64)])
    few, many = (shares(vectors, rate)[1] for rate in (0.01, 0.3))
    assert (few <= many).all()
    assert few.sum() < many.sum()


def test_with_too_few_images_there_is_none() -> None:
    assert np.isnan(shares(blobs([40], d=64))[1]).all()


def test_copies_are_drawn_together_and_a_fifth_is_left_out() -> None:
    groups = np.arange(2000) // 2
    drawn = draw(groups, np.random.default_rng(0))
    assert (drawn[::2] == drawn[1::2]).all()
    assert drawn.mean() == pytest.approx(0.8, abs=0.001)
    assert draw(np.empty(0, int), np.random.default_rng(0)).shape == (0,)


def test_who_was_not_drawn_is_passed_over() -> None:
    indices = np.array([[1, 2, 3], [0, 2, 3], [3, 1, -1]])
    distances = np.array([[0.1, 0.2, 0.3], [0.1, 0.3, 0.4], [0.2, 0.5, np.nan]])
    drawn = np.array([True, False, True, True])
    near, far = nearest_drawn(indices, distances, drawn, 1)
    assert near.tolist() == [[-1, 2, -1], [0, -1, -1], [3, -1, -1]]
    np.testing.assert_array_equal(far, [[np.nan, 0.2, np.nan], [0.1, np.nan, np.nan], [0.2, np.nan, np.nan]])
