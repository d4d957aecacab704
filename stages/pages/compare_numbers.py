"""Differences and small numbers as people write them."""

from __future__ import annotations

import numpy as np


def difference(before: int | None, after: int | None) -> str:
    """`+12`, `−3`, `0`; empty where one is not known."""
    return "" if before is None or after is None else signed(after - before)


def signed(value: float) -> str:
    """With a real minus sign, and at most six digits."""
    text = f"{abs(value):,}" if isinstance(value, int) else f"{abs(value):.6g}"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{text}"


def small(value: float) -> str:
    """Two digits that count, written without an exponent."""
    return np.format_float_positional(float(f"{value:.2g}"), trim="-").replace("-", "−")
