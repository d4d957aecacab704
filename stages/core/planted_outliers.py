"""Which planted outliers would be flagged, if they were in the data set.

The neighbours of each planted vector are taken from the data set's own items, never from the other planted ones. It is
judged as if it had been one of the items: by the same null, in one Benjamini-Hochberg procedure with all of them. The
items' own distances, and the null, are not computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.contracts.vocabulary import NOISE
from stages.core import null_model
from stages.core.outliers import beyond_expected, capped, home_clusters, knn_distance, of_neighbors
from stages.core.strangeness import Strangeness, strangeness
from stages.core.witnesses import SOUND, nearest_witnesses


@dataclass(frozen=True, eq=False)
class PlantedFlags:
    """What became of planted strangers.

    flagged : (m,) bool, per planted row.
    q_values : (m,) float64, false-discovery rate at which each would just be flagged; NaN where no null is fitted.
    false_share : share of the data set's own items that are flagged without anything planted, 0 to 1. It holds the
        set's true outliers too, so it bounds the false flags from above.
    fitted : False where there are too few items for a null; then nothing is flagged.
    """

    flagged: np.ndarray
    q_values: np.ndarray
    false_share: float
    fitted: bool


def flag_planted(
    vectors: np.ndarray,
    indices: np.ndarray,
    similarities: np.ndarray,
    planted: np.ndarray,
    params_neighbors: int,
    false_discovery_rate: float,
    clusters: np.ndarray | None,
    *,
    usual: np.ndarray | None = None,
    at_once: int = 1,
) -> PlantedFlags:
    """Judge planted vectors as `score` would, had they been in the data set without a label and a defect.

    Parameters
    ----------
    vectors : (n, d) float32 unit rows, the data set's contents.
    indices, similarities : (n, w) their neighbour graph, nearest first.
    planted : (m, d) float32 unit rows.
    params_neighbors, false_discovery_rate : of the section `outliers`.
    clusters : (n,) int, `NOISE` for none; None where clusters are not dense places (k-means).
    usual : (n,) bool, items without a known defect; None: all.
    at_once : how many of the planted are in the data set at the same time. More of them let each pass more
        easily, since the false-discovery rate is a share.
    """
    n = len(vectors)
    groups = np.arange(n)  # which contents are copies is not known yet: `deduplicate` runs after
    clusters = np.full(n, NOISE) if clusters is None else clusters
    sound = np.ones(n, bool) if usual is None else usual
    unlabelled = np.full(n, -1)
    found = strangeness(vectors, indices, similarities, groups, unlabelled, clusters, sound, params_neighbors)
    if not found.is_fitted:
        return PlantedFlags(np.zeros(len(planted), bool), np.full(len(planted), np.nan), 0.0, False)
    own = found.p_values()
    theirs = found.null.p_values(_values(planted, found, vectors, groups, clusters, params_neighbors))
    q = _q_values(theirs, own, at_once)
    share = float((null_model.q_values(own) <= false_discovery_rate).mean())
    return PlantedFlags(q <= false_discovery_rate, q, share, True)


def _values(
    planted: np.ndarray, found: Strangeness, vectors: np.ndarray, groups: np.ndarray, clusters: np.ndarray, k: int
) -> np.ndarray:
    """(m,) the planted rows' excess among the items, whose own distances stay as they are."""
    stray, ranks = np.full(len(planted), -1), np.full(len(planted), SOUND)
    width = min(k, len(vectors))
    nearest, distances = nearest_witnesses(planted, stray, ranks, vectors, groups, found.standing, width)
    around = of_neighbors(capped(found.around.distance), nearest)
    excess = beyond_expected(knn_distance(distances), around, np.full(len(planted), np.nan))
    return found.alignment(excess, home_clusters(np.full(len(planted), NOISE), nearest, clusters))


def _q_values(theirs: np.ndarray, own: np.ndarray, at_once: int) -> np.ndarray:
    """(m,) in one procedure with the data set's own (n,), so many of them at a time."""
    if at_once == 1:
        return null_model.q_values_beside(theirs, own)
    batches = np.array_split(theirs, max(-(-len(theirs) // at_once), 1))
    return np.concatenate([null_model.q_values(np.concatenate([own, batch]))[len(own) :] for batch in batches])
