"""The rows that all others are closest to: facility location, by lazy greedy.

Chosen is what raises the sum, over all rows, of the similarity to the nearest chosen one; (1 + cosine) / 2 is the
similarity. The sum is monotone and submodular, so the greedy choice reaches at least 1 - 1/e of the best
(Nemhauser, Wolsey & Fisher 1978), and what a row added earlier bounds what it adds now, so that most need not be
looked at again (Minoux 1978; Krause & Golovin 2014).
"""

from __future__ import annotations

import numpy as np

from stages.core.subsets.chosen import Chosen

GROUND = 10_000
"""Rows that are to be represented; of more, a sample. Then a choice costs the same however many rows there are."""
AT_ONCE = 128


def representative(vectors: np.ndarray, n: int, seed: int = 0) -> Chosen:
    """Choose the row that raises the sum most, again and again.

    Parameters
    ----------
    vectors : (N, d) float32, unit rows. Every row may be chosen.
    n : rows wanted; all N where there are no more.
    seed : of the sample that stands for all rows, where there are more than `GROUND`.
    """
    n = min(n, len(vectors))
    ground = vectors
    if len(vectors) > GROUND:
        ground = vectors[np.sort(np.random.default_rng(seed).choice(len(vectors), GROUND, replace=False))]
    covered = np.full(len(ground), -1, np.float32)  # the cosine to the nearest chosen one
    # Nothing is covered yet, so that the first gains are sums over all, and exact.
    bounds = (len(ground) + vectors @ ground.sum(axis=0)) / 2
    known_at = np.zeros(len(vectors), np.int64)
    rows, reasons = [], []
    for step in range(n):
        row = _best(vectors, ground, covered, bounds, known_at, step)
        np.maximum(covered, ground @ vectors[row], out=covered)
        bounds[row] = -np.inf
        rows.append(row)
        reasons.append(f"with it, the mean cosine to the nearest chosen one is {float(covered.mean()):.4f}")
    told = reasons[-1].removeprefix("with it, ") if reasons else ""
    return Chosen(np.array(rows, np.int64), reasons, told, is_ranked=True)


def _best(
    vectors: np.ndarray, ground: np.ndarray, covered: np.ndarray, bounds: np.ndarray, known_at: np.ndarray, step: int
) -> int:
    """The row that adds most now; brings bounds up to date, the most promising first, until no other can be better."""
    while True:
        row = int(np.argmax(bounds))
        if known_at[row] == step:
            return row
        open_bounds = np.where(known_at < step, bounds, -np.inf)
        promising = np.argpartition(-open_bounds, min(AT_ONCE, len(bounds)) - 1)[:AT_ONCE]
        stale = promising[open_bounds[promising] > -np.inf]
        added = ground @ vectors[stale].T
        added -= covered[:, None]
        bounds[stale] = np.maximum(added, 0, out=added).sum(axis=0) / 2
        known_at[stale] = step
