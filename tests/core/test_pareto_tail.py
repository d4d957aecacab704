from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import genpareto

from stages.core.pareto_tail import PARETO_UNTIL, Tail, binned, counted, seen

RNG = np.random.default_rng


@given(st.floats(0.1, 5), st.sampled_from([-0.6, -0.2, 0.0, 0.3]))
def test_the_survival_is_that_of_a_pareto_until_its_far_end(scale: float, shape: float) -> None:
    tail = Tail(scale, shape)
    shares = np.linspace(1, PARETO_UNTIL, 20)
    heights = tail.height(shares)
    np.testing.assert_allclose(np.exp(tail.log_survival(heights)), shares, rtol=1e-6)
    np.testing.assert_allclose(genpareto.sf(heights, shape, scale=scale), shares, rtol=1e-6)


@given(st.sampled_from([-0.6, -0.2, 0.0, 0.3]))
def test_the_far_end_never_comes_and_falls_without_a_jump(shape: float) -> None:
    tail = Tail(1.0, shape)
    turn = float(tail.height(np.array([PARETO_UNTIL]))[0])
    log = tail.log_survival(np.linspace(0, 5 * turn, 2000))
    assert np.isfinite(log).all()
    assert (np.diff(log) < 0).all()
    left, right = tail.log_survival(np.array([turn - 1e-6, turn + 1e-6]))
    assert left == pytest.approx(right, abs=1e-4)


@pytest.mark.parametrize("shape", [-0.4, -0.1])
def test_a_tail_is_found_again(shape: float) -> None:
    heights = genpareto.rvs(shape, scale=1.2, size=4000, random_state=1)
    inside = heights[heights <= 1]
    body = counted(inside, 1.0, (heights > 1).sum())
    whole, strange = seen(heights, 1.0)
    for tail in (body, whole):
        assert tail.shape == pytest.approx(shape, abs=0.12)
        assert tail.scale == pytest.approx(1.2, rel=0.12)
    assert strange <= 0.02


def test_strangers_are_told_from_the_tail_and_leave_it_as_it_is() -> None:
    usual = genpareto.rvs(-0.3, scale=1.0, size=1000, random_state=2)
    both = np.r_[usual, RNG(0).uniform(5, 12, 60)]
    alone, _ = seen(usual, 1.0)
    tail, strange = seen(both, 1.0)
    assert strange == pytest.approx(0.06, abs=0.035)
    assert tail.shape == pytest.approx(alone.shape, abs=0.1)
    assert tail.scale == pytest.approx(alone.scale, rel=0.1)


@given(st.integers(0, 3000), st.integers(0, 5))
def test_bins_stand_for_all_and_the_farthest_for_themselves(n: int, seed: int) -> None:
    heights = RNG(seed).exponential(size=n)
    points, weights = binned(heights)
    assert len(points) <= 250
    assert weights.sum() == n
    assert (points * weights).sum() == pytest.approx(heights.sum())
    np.testing.assert_array_equal(points[:100], np.sort(heights)[::-1][:100])


@pytest.mark.parametrize("heights", [[], [0.5], [1.0, 1.0, 1.0]])
def test_of_few_heights_the_prior_speaks(heights: list[float]) -> None:
    heights = np.array(heights, float)
    for tail in (seen(heights, 1.0)[0], counted(heights, 1.0, 0)):
        assert -0.5 < tail.shape < -0.1
        assert tail.scale > 0
