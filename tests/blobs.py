"""Vectors in classes, for tests of clusters and outliers."""

from __future__ import annotations

import numpy as np


def blobs(sizes: list[int], spread: float | list[float] = 0.3, d: int = 32, seed: int = 0) -> np.ndarray:
    """(sum of sizes, d) float32 unit rows, class after class.

    Each class is Gaussian in six directions of its own, and in all others a little; `spread` is how wide it is against
    the distance of its middle from the origin.
    """
    rng = np.random.default_rng(seed)
    spreads = spread if isinstance(spread, list) else [spread] * len(sizes)
    parts = []
    for size, width in zip(sizes, spreads, strict=True):
        middle = rng.normal(size=d)
        axes = np.linalg.qr(rng.normal(size=(d, min(6, d))))[0].T
        noise = rng.normal(size=(size, len(axes))) @ axes + 0.3 * rng.normal(size=(size, d)) / np.sqrt(d)
        parts.append(middle / np.linalg.norm(middle) + width * noise / np.sqrt(len(axes)) * 2)
    return unit_rows(np.concatenate(parts)) if parts else np.empty((0, d), np.float32)


def strangers(n: int, d: int = 32, seed: int = 99) -> np.ndarray:
    """(n, d) unit rows in all directions."""
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)))


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
