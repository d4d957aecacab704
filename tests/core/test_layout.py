from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import layout as module
from stages.core.knn import nearest
from stages.core.layout import FEWEST_FOR_UMAP, gaps_closed, layout, principal_axes


def unit(n: int, d: int = 8) -> np.ndarray:
    vectors = np.random.default_rng(n).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def placed(vectors: np.ndarray, seed: int = 0) -> np.ndarray:
    return layout(vectors, *nearest(vectors, 10), neighbors=10, min_dist=0.1, seed=seed)


@pytest.mark.parametrize("n", [0, 1, 2, 3, FEWEST_FOR_UMAP - 1, FEWEST_FOR_UMAP, 40])
def test_every_row_has_a_finite_place(n: int) -> None:
    coordinates = placed(unit(n))
    assert coordinates.shape == (n, 2)
    assert coordinates.dtype == np.float32
    assert np.isfinite(coordinates).all()


@pytest.mark.parametrize("n", [5, 30])
def test_equal_rows_have_finite_places(n: int) -> None:
    assert np.isfinite(placed(np.repeat(unit(1), n, axis=0))).all()


def test_the_same_seed_draws_the_same() -> None:
    np.testing.assert_array_equal(placed(unit(40), 3), placed(unit(40), 3))


@pytest.mark.parametrize("has_wheel", [True, False])
def test_two_groups_are_drawn_apart(has_wheel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_wheel:
        pytest.importorskip("umap")
        monkeypatch.setattr(module, "find_spec", lambda _: None)
    a, b = unit(2)
    noise = 0.05 * np.random.default_rng(0).normal(size=(60, 8))
    vectors = np.repeat([a, b], 30, axis=0) + noise
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    drawn = placed(vectors)
    centres = drawn[:30].mean(axis=0), drawn[30:].mean(axis=0)
    spread = max(drawn[:30].std(axis=0).max(), drawn[30:].std(axis=0).max())
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * spread


def test_principal_axes_do_not_flip_with_the_sign_of_the_decomposition() -> None:
    vectors = unit(10)
    np.testing.assert_allclose(principal_axes(vectors), principal_axes(vectors[::-1])[::-1], atol=1e-5)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-5000, 5000)), max_size=30))
def test_gaps_are_closed_and_nobody_changes_sides(points: list[tuple[int, int]]) -> None:
    given_at = np.array(points, np.float32).reshape(-1, 2)
    found = gaps_closed(given_at)
    assert found.shape == given_at.shape
    for before, after in zip(given_at.T, found.T, strict=True):
        order = np.argsort(before, kind="stable")
        steps, were = np.diff(after[order]), np.diff(before[order])
        assert (steps >= 0).all()
        assert (steps[were == 0] == 0).all()
        assert (steps <= module.WIDEST_GAP * max(were.sum(), 0) + 1e-3).all()


def test_what_is_close_stays_as_it_is() -> None:
    points = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
    inner = points[(np.abs(points) < 1).all(axis=1)]
    shift = gaps_closed(inner) - inner
    assert np.ptp(shift, axis=0).max() < 0.1


def test_one_island_far_off_no_longer_empties_the_map() -> None:
    near = np.random.default_rng(0).uniform(0, 1, (200, 2)).astype(np.float32)
    found = gaps_closed(np.concatenate([near, [[50, 50]]]).astype(np.float32))
    assert np.ptp(found[:-1], axis=0).min() > 0.2 * np.ptp(found, axis=0).max()
