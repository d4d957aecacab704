"""Shares against a threshold, each with its interval: lines and bands in a box of 100 x 100, for SVG to stretch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stages.contracts.calibration_record import CurvePoint, Share

STEP = 0.1
"""Between lines across the drawing."""


@dataclass(frozen=True)
class Line:
    """One share over the thresholds: points of an SVG polyline, and of the polygon of its 95 % interval."""

    name: str
    key: str
    points: str
    band: str


@dataclass(frozen=True)
class Curve:
    """Lines over a common threshold; positions are percentages from the left, and from the bottom."""

    lines: list[Line]
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    threshold_at: float | None
    label: str
    """what a screen reader says"""


def curve(
    points: Sequence[CurvePoint], named: dict[str, str], threshold: float | None, told: Callable[[Share], str]
) -> Curve | None:
    """Draw the shares `named` (attribute, title); None where at no two thresholds there are enough to tell.

    Parameters
    ----------
    threshold : the one in force.
    told : a share in words, for the reader who does not see the drawing.
    """
    known = [point for point in points if all(getattr(point, key).enough for key in named)]
    if len(known) < 2:
        return None
    left, right = known[0].threshold, known[-1].threshold
    bottom = min(_floor(getattr(point, key).low) for point in known for key in named)

    def x(value: float) -> float:
        return round(100 * (value - left) / (right - left), 2)

    def y(share: float) -> float:
        return round(100 - 100 * (share - bottom) / (1 - bottom), 2)

    lines = [_line(title, key, [(x(point.threshold), getattr(point, key)) for point in known], y)
             for key, title in named.items()]  # fmt: skip
    steps = range(round((1 - bottom) / STEP) + 1)
    return Curve(
        lines,
        _across(known, x),
        [(100 - y(bottom + STEP * step), f"{100 * (bottom + STEP * step):.0f}") for step in steps],
        x(threshold) if threshold is not None and left <= threshold <= right else None,
        "; ".join(
            f"at a threshold of {point.threshold:g}, "
            + " and ".join(f"{title.lower()} {told(getattr(point, key))}" for key, title in named.items())
            for point in (known[0], known[len(known) // 2], known[-1])
        ),
    )


def _floor(share: float) -> float:
    """The next tenth below, and at most 0.9: a drawing that shows nothing but noise would alarm for nothing."""
    return min(int(share / STEP + 1e-9) * STEP, 1 - STEP)


def _line(title: str, key: str, measured: list[tuple[float, Share]], y: Callable[[float], float]) -> Line:
    points = " ".join(f"{at:g},{y(share.share):g}" for at, share in measured)
    above = [f"{at:g},{y(share.high):g}" for at, share in measured]
    below = [f"{at:g},{y(share.low):g}" for at, share in reversed(measured)]
    return Line(title, key, points, " ".join([*above, *below]))


def _across(known: Sequence[CurvePoint], x: Callable[[float], float]) -> list[tuple[float, str]]:
    """Every tenth that was tried; where there is none, the ends."""
    tenths = [point.threshold for point in known if abs(point.threshold * 10 - round(point.threshold * 10)) < 1e-6]
    return [(x(value), f"{value:g}") for value in tenths or (known[0].threshold, known[-1].threshold)]
