from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stages.core.null_model import alignment, fit, goodness, q_values, q_values_beside

RNG = np.random.default_rng


def bounded(n: int, seed: int) -> np.ndarray:
    """Skewed values that end abruptly, like distances."""
    return RNG(seed).beta(4, 3, n) * 0.7


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("normal", lambda n, seed: 0.3 + 0.05 * RNG(seed).normal(size=n)),
        ("bounded", bounded),
        (
            "two classes",
            lambda n, seed: np.where(RNG(seed).random(n) < 0.5, 0.1, 0.4) + 0.03 * RNG(seed).normal(size=n),
        ),
        ("long lower tail", lambda n, seed: 1 - 0.3 * np.exp(0.5 * RNG(seed).normal(size=n))),
    ],
)
@pytest.mark.parametrize("n", [100, 1000])
def test_a_set_without_outliers_flags_under_one_in_a_hundred(name, draw, n) -> None:
    shares = [(q_values(fit(x).p_values(x)) <= 0.1).mean() for x in (draw(n, seed) for seed in range(30))]
    assert np.mean(shares) < 0.01


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_the_false_discovery_rate_is_kept_and_strangers_are_found(rate: float) -> None:
    wrong, found = [], []
    for seed in range(40):
        values = np.r_[0.3 + 0.05 * RNG(seed).normal(size=300), 0.3 + 0.05 * RNG(seed + 999).uniform(4, 8, 9)]
        flagged = q_values(fit(values).p_values(values)) <= rate
        wrong.append(flagged[:300].sum() / max(flagged.sum(), 1))
        found.append(flagged[300:].mean())
    assert np.mean(wrong) <= 2 * rate
    assert np.mean(found) >= 0.9


def test_a_large_set_does_not_end_the_tail_too_early() -> None:
    values = 0.3 + 0.05 * RNG(1).normal(size=50_000)
    assert (q_values(fit(values).p_values(values)) <= 0.1).mean() < 0.005


def test_p_values_fall_as_values_rise_and_are_half_below_the_median() -> None:
    null = fit(bounded(400, 0))
    grid = np.linspace(-1, 3, 2000)
    p = null.p_values(grid)
    assert (np.diff(p) <= 0).all()
    assert (p[grid <= null.center] == 0.5).all()
    assert ((p > 0) & (p <= 0.5)).all()


def test_the_body_has_the_p_values_that_it_should() -> None:
    values = bounded(2000, 3)
    null = fit(values)
    for level in (0.6, 0.7, 0.8, 0.875):
        assert null.p_values(np.quantile(values, [level]))[0] == pytest.approx(1 - level, abs=0.03)


def test_quantiles_undo_p_values() -> None:
    null = fit(bounded(300, 2))
    levels = np.array([0.5, 0.7, 0.9, 0.99])
    np.testing.assert_allclose(null.p_values(null.quantiles(levels)), 1 - levels, rtol=1e-6)


def test_read_from_the_body_what_lies_above_it_counts_only_by_number() -> None:
    values = np.sort(bounded(200, 5))
    farther = values.copy()
    farther[-10:] += 5
    near, far = fit(values), fit(farther)
    assert (near.center, near.body, near.scale, near.shape) == (far.center, far.body, far.scale, far.shape)


def test_the_more_cautious_of_the_two_readings_counts() -> None:
    null = fit(bounded(300, 1))
    grid = np.linspace(null.center, null.center + 6 * null.body, 50)
    only = [replace(null, seen_scale=null.scale, seen_shape=null.shape)]
    only.append(replace(null, scale=null.seen_scale, shape=null.seen_shape))
    np.testing.assert_array_equal(null.p_values(grid), np.maximum(*(one.p_values(grid) for one in only)))


def test_a_long_tail_that_the_body_does_not_tell_of_is_seen() -> None:
    """Of 2,000 images without a stranger, distributed like Student's t."""
    wrong = []
    for seed in range(10):
        values = RNG(seed).standard_t(5, 2000)
        null = fit(values)
        blind = replace(null, seen_scale=null.scale, seen_shape=null.shape)
        wrong.append([(q_values(one.p_values(values)) <= 0.1).mean() for one in (null, blind)])
    seen, body_alone = np.mean(wrong, axis=0)
    assert seen < 0.01 < body_alone


def test_the_lower_half_does_not_count() -> None:
    values = np.sort(bounded(201, 5))
    lower = values.copy()
    lower[:100] -= 5
    assert fit(values) == fit(lower)


@given(st.lists(st.floats(-10, 50, allow_nan=False), min_size=1, max_size=60))
def test_scores_rank_as_the_values_even_far_out_in_32_bits(values: list[float]) -> None:
    values = np.unique(np.round(values, 3))
    scores = fit(bounded(100, 0)).scores(values)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores.astype(np.float32)) > 0).all()


def test_a_score_of_a_half_is_usual_and_three_quarters_the_edge_of_the_body() -> None:
    null = fit(bounded(100, 0))
    np.testing.assert_allclose(null.scores(np.array([null.center, null.center + null.body, np.nan])), [0.5, 0.75, 0.5])


def test_nan_is_left_out_and_stays() -> None:
    values = bounded(100, 0)
    holed = np.r_[values, np.nan, np.nan]
    null = fit(holed)
    assert null == fit(values)
    assert np.isnan(null.p_values(holed)[-2:]).all()
    assert np.isnan(q_values(null.p_values(holed))[-2:]).all()
    np.testing.assert_array_equal(q_values(null.p_values(holed))[:-2], q_values(null.p_values(values)))


@pytest.mark.parametrize("values", [[], [0.3], [0.3, 0.4], [0.3] * 80, [np.nan, np.nan]])
def test_little_or_equal_data_flags_nothing(values: list[float]) -> None:
    values = np.array(values, float)
    null = fit(values)
    q = q_values(null.p_values(values))
    assert not (q <= 0.1).any()
    assert null.n == (~np.isnan(values)).sum()
    assert null.body > 0


def test_one_picture_apart_from_equal_ones_is_flagged() -> None:
    values = np.r_[np.zeros(80), 0.5]
    assert (q_values(fit(values).p_values(values)) <= 0.1).tolist() == [False] * 80 + [True]


@given(st.lists(st.floats(0, 1), max_size=40))
def test_q_values_are_those_of_scipy(p: list[float]) -> None:
    p = np.array(p)
    expected = stats.false_discovery_control(p) if len(p) else p
    np.testing.assert_allclose(q_values(p), expected)


def test_goodness_tells_a_good_fit_from_a_bad_one() -> None:
    good = 0.3 + 0.05 * RNG(0).normal(size=2000)
    bad = np.r_[np.linspace(0, 1, 1000), np.full(700, 1.2), np.full(300, 2.0)]
    assert goodness(fit(good), good)["largest_gap"] < 0.03 < 0.1 < goodness(fit(bad), bad)["largest_gap"]
    told = goodness(fit(good), good)
    np.testing.assert_allclose(told["observed"], np.quantile(good, told["levels"]), atol=1e-5)
    np.testing.assert_allclose(told["observed"][:7], told["expected"][:7], atol=0.005)


@given(
    st.lists(st.floats(1e-6, 0.5) | st.just(float("nan")), max_size=30),
    st.lists(st.floats(1e-6, 0.5), max_size=8),
)
def test_a_q_value_beside_others_is_that_of_one_more_of_them(others: list[float], p: list[float]) -> None:
    others, p = np.array(others, float), np.array(p, float)
    expected = [q_values(np.r_[others, one])[-1] for one in p]
    np.testing.assert_allclose(q_values_beside(p, others), expected)


def test_no_p_value_has_no_q_value_beside_others() -> None:
    assert np.isnan(q_values_beside(np.array([np.nan]), np.array([0.1, 0.2]))).all()


def test_a_cluster_that_lies_apart_is_judged_within_itself() -> None:
    values = np.r_[bounded(200, 0), 5 + 3 * bounded(20, 1), np.nan]
    homes = np.r_[np.zeros(200, int), np.ones(20, int), 1]
    aligned = alignment(values, homes)
    found = aligned(values, homes)
    np.testing.assert_array_equal(found[:200], values[:200])
    assert np.median(found[200:220]) == pytest.approx(np.median(values[:200]))
    assert (np.argsort(found[200:220]) == np.argsort(values[200:220])).all()
    assert np.isnan(found[220])
    assert [(own["cluster"], own["n"]) for own in aligned.apart] == [(1, 20)]


def test_several_clusters_may_lie_apart_and_so_may_a_large_one() -> None:
    values = np.r_[bounded(200, 0), 3 + bounded(100, 1), 6 + bounded(30, 2)]
    homes = np.repeat([0, 1, 2], [200, 100, 30])
    aligned = alignment(values, homes)
    assert {own["cluster"] for own in aligned.apart} == {1, 2}
    assert aligned.center == np.median(values[:200])
    assert aligned(values, homes).max() < 1.5


def test_the_alignment_holds_for_others_too() -> None:
    values = np.r_[bounded(200, 0), 5 + bounded(20, 1)]
    aligned = alignment(values, np.repeat([0, 1], [200, 20]))
    more = np.array([5.4, 5.4, 5.4])
    own = aligned.apart[0]
    expected = aligned.center + (5.4 - own["center"]) * aligned.body / max(aligned.body, own["body"])
    np.testing.assert_allclose(aligned(more, np.array([1, 0, -1])), [expected, 5.4, 5.4])


def test_neither_ordinary_nor_tiny_clusters_nor_noise_are_moved() -> None:
    values = np.r_[bounded(200, 0), np.full(4, 5.0), np.full(9, 5.0)]
    homes = np.r_[np.arange(200) % 3, np.full(4, 3), np.full(9, -1)]
    aligned = alignment(values, homes)
    np.testing.assert_array_equal(aligned(values, homes), values)
    assert aligned.apart == ()


@pytest.mark.parametrize("values", [[], [np.nan], [0.3], [0.3, 0.3]])
def test_little_data_is_left_where_it_is(values: list[float]) -> None:
    values = np.array(values, float)
    homes = np.zeros(len(values), int)
    np.testing.assert_array_equal(alignment(values, homes)(values, homes), values)
