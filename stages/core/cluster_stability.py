"""Whether each cluster is found again when some of the images are not there.

The images are drawn anew, clustered by the same algorithm, and each cluster is compared with the one that is most
like it: the Jaccard coefficient, the share of the two together that is in both. The mean over the draws is the
cluster's stability (Hennig 2007, "Cluster-wise assessment of cluster stability"). He finds a cluster again where the
coefficient is over 0.5, since then no other can be as like it, and does not trust one whose mean is under 0.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stages.contracts.vocabulary import NOISE

FOUND_AGAIN = 0.5
UNSTABLE = 0.6
FEWEST = 5
"""Members of a cluster that must be in a draw, on average; of fewer, nothing can be said. HDBSCAN's own default."""

Again = Callable[[np.ndarray], np.ndarray]
"""From row numbers (m,) to the labels (m,) of clustering these rows alone."""


@dataclass(frozen=True)
class Stability:
    """What became of each cluster, by its number.

    resamples : how often was drawn.  drawn : rows of a draw, on average.  of : rows in all.
    jaccard : the mean coefficient, 0 gone to 1 the same; None where the cluster is too small to tell.
    found : in how many draws it was found again; None as above.
    """

    resamples: int
    drawn: int
    of: int
    jaccard: list[float | None]
    found: list[int | None]

    @property
    def measured(self) -> list[float]:
        return [value for value in self.jaccard if value is not None]

    @property
    def unstable(self) -> list[int]:
        """The clusters not to be trusted."""
        return [number for number, value in enumerate(self.jaccard) if value is not None and value < UNSTABLE]

    @property
    def median(self) -> float | None:
        """Stability of the middle cluster; None where none was measured."""
        return round(float(np.median(self.measured)), 4) if self.measured else None


def stability(labels: np.ndarray, again: Again, resamples: int, seed: int, most: int) -> Stability:
    """Cluster `resamples` draws of the rows, and see which clusters are found again.

    Parameters
    ----------
    labels : (n,) clusters from 0 without a gap, and noise, of all rows.
    again : the algorithm that made them, on some of the rows.
    most : rows of a draw, at most.
    """
    n = len(labels)
    count = int(labels.max(initial=NOISE)) + 1
    draws = [draw(n, most, np.random.default_rng([seed, number])) for number in range(resamples)]
    drawn = sum(map(len, draws)) / max(resamples, 1)
    sizes = np.bincount(labels[labels != NOISE], minlength=count)
    told = sizes * drawn >= FEWEST * n
    if not told.any():
        draws = []
    seen = np.array([best_jaccard(labels[rows], again(rows), count) for rows in draws]).reshape(len(draws), count)
    means, found = (seen.sum(axis=0) / max(resamples, 1)).round(4).tolist(), (seen > FOUND_AGAIN).sum(axis=0).tolist()
    return Stability(
        resamples,
        round(drawn),
        n,
        [value if known else None for value, known in zip(means, told, strict=True)],
        [times if known else None for times, known in zip(found, told, strict=True)],
    )


def draw(n: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of one bootstrap, each once, in order; about 63 % of n, or `most` where that is less.

    A row drawn twice would be a copy, which makes places look dense that are not; Hennig leaves them out as well.
    """
    rows = np.unique(rng.integers(0, n, n)) if n else np.empty(0, np.int64)
    return rows if len(rows) <= most else np.sort(rng.choice(n, most, replace=False))


def members_in(size: int, drawn: int, n: int) -> int:
    """The least size of a cluster in a draw of n rows, where it is `size` in all of them.

    It shrinks with the draw, as if the rows left out stood beside those drawn; but under `FEWEST`, clusters are found
    where there are none.
    """
    return max(min(size, FEWEST), round(size * drawn / max(n, 1)))


def best_jaccard(before: np.ndarray, after: np.ndarray, count: int) -> np.ndarray:
    """Of each cluster (count,) the largest Jaccard coefficient with one of the other clustering; 0 with none.

    Parameters
    ----------
    before, after : (m,) labels of the same rows; noise is no cluster.
    """
    other = int(after.max(initial=NOISE)) + 1
    both = np.zeros((count, other))
    inside = (before != NOISE) & (after != NOISE)
    np.add.at(both, (before[inside], after[inside]), 1)
    sizes = np.bincount(before[before != NOISE], minlength=count)[:, None]
    union = sizes + np.bincount(after[after != NOISE], minlength=other)[None, :] - both
    return (both / np.maximum(union, 1)).max(axis=1, initial=0.0)
