"""The rows farthest apart: k-center greedy (Gonzalez 1985; for choosing training data, Sener & Savarese 2018)."""

from __future__ import annotations

import numpy as np

from stages.core.subsets.chosen import Chosen


def diverse(vectors: np.ndarray, n: int) -> Chosen:
    """Begin in the middle, then take the row farthest from all taken, again and again.

    The largest distance of any row to its nearest chosen one is at most twice what the best n rows reach. Strangers
    come early: leave them out beforehand if they do not belong.

    Parameters
    ----------
    vectors : (N, d) float32, unit rows.
    n : rows wanted; all N where there are no more. Costs n passes over the vectors, and memory for N numbers.
    """
    n = min(n, len(vectors))
    if n <= 0:
        return Chosen(np.empty(0, np.int64), [], "", is_ranked=True)
    row = int(np.argmax(vectors @ vectors.mean(axis=0)))
    rows, reasons = [row], ["nearest to the middle of all"]
    nearest = np.full(len(vectors), -np.inf, np.float32)
    while True:
        # On unit vectors the largest distance is the smallest cosine.
        np.maximum(nearest, vectors @ vectors[row], out=nearest)
        nearest[row] = np.inf
        row = int(np.argmin(nearest))
        distance = max(1 - min(float(nearest[row]), 1), 0)
        if len(rows) == n:
            told = f"no image is farther than cosine distance {distance:.3f} from a chosen one"
            return Chosen(np.array(rows), reasons, told, is_ranked=True)
        rows.append(row)
        reasons.append(f"cosine distance {distance:.3f} from the nearest one before it")
