"""Histograms: bins and marks as shares of the drawing; HTML and CSS draw them, so that text stays text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BINS = 48
TICKS = 6
"""Steps of the axis, at most."""
EPSILON = 1e-9


@dataclass(frozen=True)
class Bar:
    """One bin: its height as a share of the highest, its range, its count, and on which side of the threshold."""

    height: float
    low: float
    high: float
    count: int
    flagged: bool


@dataclass(frozen=True)
class Histogram:
    """A distribution with a threshold; positions are percentages from the left."""

    bars: list[Bar]
    ticks: list[tuple[float, str]]
    threshold: float | None
    threshold_at: float | None
    curve: str
    """points of an SVG polyline in a 100 x 100 box; empty where there is none"""
    label: str
    """what a screen reader says"""


def histogram(
    values: np.ndarray,
    what: str,
    *,
    low: float | None = None,
    high: float | None = None,
    threshold: float | None = None,
    flagged_above: bool = False,
    expected: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Histogram | None:
    """Bin `values` (n,); None when there are none.

    Parameters
    ----------
    what : what is measured, for the reader.
    low, high : the ends of the axis; by default those of the values and the threshold.
    flagged_above : values above the threshold are the flagged ones, not those below.
    expected : from the edges (b + 1,) of the bins to counts (b,), drawn as a curve over the bars; NaN for none.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = _ends(values, low, high, threshold)
    edges = np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(np.clip(values, low, high), edges)
    curve = expected(edges) if expected else np.zeros(0)
    top = max(counts.max(), np.nan_to_num(curve).max(initial=0), 1)
    return Histogram(
        bars=[
            Bar(round(100 * count / top, 2), start, end, int(count), _flagged(start, end, threshold, flagged_above))
            for count, start, end in zip(counts, edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ],
        ticks=_ticks(low, high),
        threshold=threshold,
        threshold_at=None if threshold is None else round(100 * (threshold - low) / (high - low), 3),
        curve=_polyline(curve / top),
        label=_label(values, what, threshold, flagged_above),
    )


def _ends(values: np.ndarray, low: float | None, high: float | None, threshold: float | None) -> tuple[float, float]:
    reach = values if threshold is None else np.append(values, threshold)
    start = float(reach.min()) if low is None else low
    end = float(reach.max()) if high is None else high
    return (start, end) if end - start > EPSILON else (start - 0.5, end + 0.5)


def _flagged(start: float, end: float, threshold: float | None, above: bool) -> bool:
    """A bin that the threshold cuts counts as flagged when most of it is."""
    if threshold is None:
        return False
    middle = (start + end) / 2
    return middle > threshold if above else middle < threshold


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round numbers between the ends: where they are in percent, and how they are written."""
    rough = (high - low) / TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(round_one * power for round_one in (1, 2, 5, 10) if round_one * power >= rough * (1 - EPSILON))
    digits = max(0, -int(np.floor(np.log10(step * (1 + EPSILON)))))
    first, last = int(np.ceil(low / step - EPSILON)), int(np.floor(high / step + EPSILON))
    return [
        (round(100 * (number * step - low) / (high - low), 2), f"{number * step:,.{digits}f}")
        for number in range(first, last + 1)
    ]


def _polyline(heights: np.ndarray) -> str:
    step = 100 / max(len(heights), 1)
    points = [(i, height) for i, height in enumerate(heights) if not np.isnan(height)]
    return " ".join(f"{(i + 0.5) * step:.2f},{100 - 100 * height:.2f}" for i, height in points)


def _label(values: np.ndarray, what: str, threshold: float | None, above: bool) -> str:
    text = f"Histogram of {what} over {len(values):,} images, from {values.min():.3g} to {values.max():.3g}"
    if threshold is None:
        return text
    return f"{text}; the threshold is {threshold:.3g}, and images {'above' if above else 'below'} it are flagged"
