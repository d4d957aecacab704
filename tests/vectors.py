"""Vectors for tests."""

from __future__ import annotations

import numpy as np


def unit(n: int, d: int, seed: int = 0) -> np.ndarray:
    """(n, d) float32 unit rows."""
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def content_ids(n: int) -> np.ndarray:
    """(n,) ids, ascending."""
    return np.array([f"{number:032x}" for number in range(n)], dtype=object)
