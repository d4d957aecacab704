"""How far an image lies from its neighbours, and how much farther than its surroundings lead one to expect.

Distances are cosine distances in the full space. Components of a PCA that is fitted on the many drop the
directions of the few, and outliers would look like the densest place of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import NOISE

LOCAL_WEIGHT = 0.5
"""How much of the neighbours' own distance is expected of an image. At 0 a loose class looks strange, at 1 (as
in LOF) an outlier is excused by the loose company it is in. Of 0, 0.25, 0.5, 0.75 and 1 on sets of five kinds with
known strangers, 0.5 ranked them best (mean average precision 0.959; 0.948 at 0, 0.933 at 1; of cosine distances)."""

LOCAL_CAP = 0.75
"""Quantile of all distances that a neighbour's own counts up to, so that outliers do not excuse each other."""

CLASS_PRIOR = 5
"""Size of a class whose own median counts as much as that of all."""

SMALLEST = 1e-3
"""Cosine distances below this are noise of the arithmetic (bfloat16), and the chord must not magnify it."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Of each item, by row.

    indices, distances : (n, w) its nearest witnesses and their cosine distances, nearest first; -1 and NaN where there
        are no more. The first k are those that count.
    distance : (n,) mean over these.
    around : (n,) the neighbours' own mean distance.
    in_class : (n,) what is usual in its class; NaN without one.
    excess : (n,) chord beyond what is expected.
    """

    indices: np.ndarray
    distances: np.ndarray
    distance: np.ndarray
    around: np.ndarray
    in_class: np.ndarray
    excess: np.ndarray


def surroundings(indices: np.ndarray, distances: np.ndarray, classes: np.ndarray, k: int) -> Surroundings:
    """What the k nearest of the given neighbours say of each item.

    Parameters
    ----------
    indices, distances : (n, w), from `neighbors_without_copies`; w may exceed k.
    classes : (n,) int, -1 for items without a class.
    """
    distance = knn_distance(distances[:, :k])
    in_class = usual_in_class(distance, classes)
    return Surroundings(
        indices,
        distances,
        distance,
        of_neighbors(distance, indices[:, :k]),
        in_class,
        excess(distance, indices[:, :k], in_class),
    )


def knn_distance(distances: np.ndarray) -> np.ndarray:
    """Mean distance (n,) to the neighbours there are; NaN without any.

    References
    ----------
    Angiulli & Pizzuti 2002.
    """
    there = ~np.isnan(distances)
    total = np.where(there, distances, 0).sum(axis=1)
    return np.where(there.any(axis=1), total / np.maximum(there.sum(axis=1), 1), np.nan)


def chord(distance: np.ndarray) -> np.ndarray:
    """Straight distance between unit vectors, 0 to 2, from their cosine distance.

    Cosine distances square it: what varies alike in the space varies ten times as much at a cosine distance of 0.5 as
    at 0.005, and their upper tail is the longer. The chord's is nearer to one family for all sets.
    """
    return np.sqrt(2 * (distance + SMALLEST))


def excess(distance: np.ndarray, indices: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Chord (n,) beyond half of what an item's surroundings, or its class if that is tighter, have themselves.

    Classes differ in tightness: the tiles of a brick wall lie closer together than photographs of hats. An
    image among bricks is expected to be near its neighbours, one among hats is not. This is LOF's idea
    (Breunig et al. 2000) as a difference instead of a ratio, with a weight below one, and with the
    neighbours' distances capped, since the neighbours of an outlier are often outliers.

    Parameters
    ----------
    distance : (n,) mean cosine distance of each item to its neighbours, NaN without any.
    indices : (n, k) those neighbours, -1 for none.
    of_class : (n,) what is usual in the item's class, from `usual_in_class`; NaN without a class.
    """
    return beyond_expected(distance, of_neighbors(capped(distance), indices), of_class)


def beyond_expected(distance: np.ndarray, around: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Chord (n,) beyond half of the tighter of the two; all (n,) cosine distances."""
    return chord(distance) - LOCAL_WEIGHT * chord(np.fmin(around, of_class))


def capped(distance: np.ndarray) -> np.ndarray:
    """Distances (n,) as they count for others: none above `LOCAL_CAP` of all."""
    known = distance[~np.isnan(distance)]
    return np.minimum(distance, np.quantile(known, LOCAL_CAP)) if len(known) else distance.copy()


def of_neighbors(values: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Mean (m,) of the neighbours' values (n,); indices (m, k), -1 for none."""
    return knn_distance(np.where(indices >= 0, values[indices], np.nan))


def usual_in_class(distance: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Median distance (n,) in each item's class, drawn towards that of all the more the smaller the class.

    Parameters
    ----------
    distance : (n,), NaN where there is none.
    classes : (n,) int, -1 for items without a class; theirs is NaN.
    """
    known = ~np.isnan(distance)
    overall = np.median(distance[known]) if known.any() else np.nan
    of_classes = pd.Series(distance[known]).groupby(classes[known]).agg(["median", "size"])
    weight = of_classes["size"] / (of_classes["size"] + CLASS_PRIOR)
    usual = weight * of_classes["median"] + (1 - weight) * overall
    return usual.drop(-1, errors="ignore").reindex(classes).to_numpy(np.float64)


def home_clusters(clusters: np.ndarray, indices: np.ndarray, theirs: np.ndarray | None = None) -> np.ndarray:
    """Each item's cluster (n,); for noise the one that at least half of its neighbours are in, if any.

    Parameters
    ----------
    clusters : (n,), `NOISE` for none.
    indices : (n, k) neighbours, -1 for none.
    theirs : (m,) the clusters that the neighbours are in; None: they are the items themselves.
    """
    homes = clusters.copy()
    k = indices.shape[1]
    noise = np.flatnonzero(clusters == NOISE) if k else np.empty(0, int)
    nearest = indices[noise]
    votes = np.sort(np.where(nearest >= 0, (clusters if theirs is None else theirs)[nearest], NOISE), axis=1)
    # Whoever has half of the votes is in the middle of them; of two halves the lower number wins.
    for middle in (k // 2, (k - 1) // 2) if k else ():
        winner = votes[:, middle]
        elected = (winner != NOISE) & (2 * (votes == winner[:, None]).sum(axis=1) >= k)
        homes[noise[elected]] = winner[elected]
    return homes
