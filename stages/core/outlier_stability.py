"""How often an image would be flagged if other images had been collected.

A fifth of the images is left out, twenty times (the delete-d jackknife of Shao & Wu 1989; the share of subsamples that
select an item is the stability of Meinshausen & Bühlmann 2010, "Stability selection"). A bootstrap would be worse: a
picture drawn twice would be its own neighbour, so it could count only once, and the 63 % that remain are so much
sparser that nearly every resample flags fewer.

In each resample all images are measured by those of their neighbours that were drawn, a null is fitted on the drawn
images, and every image is judged as if it had been drawn. Neighbours are not searched anew: those of the graph that
were not drawn are skipped, and fewer count, as the sample is smaller. Clusters and suspects stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from stages.core import null_model
from stages.core.outliers import excess, knn_distance, usual_in_class
from stages.core.strangeness import Strangeness

Each = Callable[[Callable[[int], np.ndarray], Iterable[int]], Iterable[np.ndarray]]

RESAMPLES = 20
DRAWN = 0.8
"""Share of the images in a resample."""


def stability(
    found: Strangeness,
    groups: np.ndarray,
    classes: np.ndarray,
    sound: np.ndarray,
    k: int,
    rate: float,
    seed: int = 0,
    each: Each = map,
) -> np.ndarray:
    """Share (n,) of `RESAMPLES` resamples in which each item is flagged; NaN where there is no null.

    Parameters
    ----------
    found : what was measured on all items.
    groups, classes, sound, k : as `strangeness` had them; copies are drawn together.
    rate : false-discovery rate asked for.
    each : applies a function to each resample's number; in threads, where there are processors for them.
    """
    if not found.is_fitted:
        return np.full(len(found.values), np.nan)

    def flagged(number: int) -> np.ndarray:
        drawn = draw(groups, np.random.default_rng([seed, number]))
        return _flagged(found, drawn, classes, sound, k, rate)

    times = np.zeros(len(found.values), np.int64)
    for is_flagged in each(flagged, range(RESAMPLES)):
        times += is_flagged
    return times / RESAMPLES


def draw(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) bool: the items of `DRAWN` of the groups."""
    numbers, members = np.unique(groups, return_inverse=True)
    drawn = np.zeros(len(numbers), bool)
    drawn[rng.permutation(len(numbers))[: round(DRAWN * len(numbers))]] = True
    return drawn[members]


def _flagged(
    found: Strangeness, drawn: np.ndarray, classes: np.ndarray, sound: np.ndarray, k: int, rate: float
) -> np.ndarray:
    """(n,) bool: who is flagged in a resample; one that was not drawn is judged as one more beside the drawn."""
    asked = max(round(k * float(drawn.mean())), 1)
    indices, distances = nearest_drawn(found.around.indices, found.around.distances, drawn, asked)
    distance = knn_distance(distances)
    beyond = excess(distance, indices, usual_in_class(distance, classes))
    values = null_model.alignment(beyond[drawn], found.homes[drawn])(beyond, found.homes)
    p = null_model.fit(values[drawn & sound]).p_values(values)
    q = null_model.q_values_beside(p, p[drawn])
    q[drawn] = null_model.q_values(p[drawn])
    return q <= rate


def nearest_drawn(
    indices: np.ndarray, distances: np.ndarray, drawn: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The first k neighbours of each row that were drawn: (n, w) as before, -1 and NaN for the others."""
    there = (indices >= 0) & drawn[indices]
    used = there & (there.cumsum(axis=1) <= k)
    return np.where(used, indices, -1), np.where(used, distances, np.nan)
