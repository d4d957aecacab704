from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stages.pages.charts import BINS, histogram

NUMBERS = arrays(float, st.integers(1, 40), elements=st.floats(-1e3, 1e3))


@given(NUMBERS, st.none() | st.floats(-1e3, 1e3))
def test_every_value_is_in_one_bin_and_nothing_leaves_the_drawing(values: np.ndarray, threshold: float | None) -> None:
    found = histogram(values, "x", threshold=threshold)
    assert sum(bar.count for bar in found.bars) == len(values)
    assert len(found.bars) == BINS
    assert max(bar.height for bar in found.bars) == 100
    assert found.threshold_at is None or 0 <= found.threshold_at <= 100


def test_no_value_gives_no_chart() -> None:
    assert histogram(np.array([]), "x") is None
    assert histogram(np.array([np.nan]), "x") is None


def test_the_threshold_parts_flagged_bars_from_the_others() -> None:
    below = histogram(np.linspace(0, 1, 200), "x", low=0, high=1, threshold=0.25)
    above = histogram(np.linspace(0, 1, 200), "x", low=0, high=1, threshold=0.25, flagged_above=True)
    assert below.threshold_at == 25
    assert [bar.flagged for bar in below.bars] == [bar.high <= 0.2501 for bar in below.bars]
    assert [bar.flagged for bar in above.bars] == [not bar.flagged for bar in below.bars]


def test_the_curve_is_on_the_scale_of_the_bars() -> None:
    values = np.random.default_rng(0).uniform(0, 1, 4800)
    found = histogram(values, "x", low=0, high=1, expected=lambda edges: np.full(BINS, 100.0))
    top = max(bar.count for bar in found.bars)
    heights = [100 - float(point.split(",")[1]) for point in found.curve.split()]
    assert len(heights) == BINS
    np.testing.assert_allclose(heights, 100 * 100 / top, atol=0.01)


def test_what_a_screen_reader_says_has_the_threshold() -> None:
    label = histogram(np.array([0.1, 0.9]), "the dark score", threshold=0.32).label
    assert "2 images" in label
    assert "0.32" in label
    assert "below" in label


def test_where_nothing_is_expected_to_be_said_there_is_no_curve() -> None:
    half = histogram(np.array([0.0, 1.0]), "x", expected=lambda edges: np.where(edges[:-1] < 0.5, np.nan, 1.0))
    assert len(half.curve.split()) == BINS // 2


@given(NUMBERS)
def test_ticks_are_round_and_stand_where_they_say(values: np.ndarray) -> None:
    found = histogram(values, "x")
    low, high = found.bars[0].low, found.bars[-1].high
    assert 2 <= len(found.ticks) <= 8
    for at, text in found.ticks:
        assert np.isclose(low + (high - low) * at / 100, float(text.replace(",", "")), atol=1e-3 * (high - low) + 1e-9)
    assert [text for _, text in histogram(values, "x", low=0, high=1).ticks] == [
        "0.0",
        "0.2",
        "0.4",
        "0.6",
        "0.8",
        "1.0",
    ]
