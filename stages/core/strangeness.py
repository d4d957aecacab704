"""From vectors to p-values: every item is compared with witnesses that are no suspects themselves.

Outliers that resemble each other are each other's neighbours, and each would make the others look usual. So distances
are measured twice: among all items, then among those only that the first pass does not suspect; the second pass counts.
Nor is a picture with a known defect a witness of a sound one: empty drawings lie near pictures without any contrast.
Pictures with a defect may be witnesses of each other: the defect makes them alike, and it is reported anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.core import null_model
from stages.core.null_model import Alignment, Null
from stages.core.outliers import Surroundings, home_clusters, surroundings
from stages.core.witnesses import DEFECTIVE, SOUND, neighbors_without_copies

SUSPECT = 0.025
"""p-value up to which a picture is a suspect, and no witness: one usual picture in forty is lost to the others."""


@dataclass(frozen=True, eq=False)
class Strangeness:
    """What was measured, and the null that it is scored against.

    around : the items' surroundings.
    homes : (n,) the cluster each is judged in.
    standing : (n,) int, whose neighbour each could be; 0 for a suspect.
    alignment : of the clusters that lie apart.
    values : (n,) excess after it.
    null : fitted on the values of the sound.
    """

    around: Surroundings
    homes: np.ndarray
    standing: np.ndarray
    alignment: Alignment
    values: np.ndarray
    null: Null

    @property
    def is_fitted(self) -> bool:
        """Whether there are enough items for a null; else they can be ranked only."""
        return self.null.n >= null_model.FEWEST

    def p_values(self) -> np.ndarray:
        """(n,); NaN where there is no null, or no neighbour."""
        return self.null.p_values(self.values) if self.is_fitted else np.full(len(self.values), np.nan)


def strangeness(
    vectors: np.ndarray,
    indices: np.ndarray,
    similarities: np.ndarray,
    groups: np.ndarray,
    classes: np.ndarray,
    clusters: np.ndarray,
    sound: np.ndarray,
    k: int,
) -> Strangeness:
    """Measure all items, and fit their null.

    Parameters
    ----------
    vectors : (n, d) float32, unit rows.
    indices, similarities : (n, w), their neighbour graph, nearest first.
    groups : (n,) int, the same number for copies of one picture.
    classes : (n,) int, -1 for items without a class.
    clusters : (n,) int, dense places; `NOISE` for none.
    sound : (n,) bool, items without a known defect, which would be strange for a reason that is known.
    k : neighbours that count.
    """
    ranks = np.where(sound, SOUND, DEFECTIVE)

    def look(standing: np.ndarray) -> Strangeness:
        found = neighbors_without_copies(vectors, indices, similarities, groups, k, ranks, standing)
        around = surroundings(*found, classes, k)
        homes = home_clusters(clusters, around.indices[:, :k])
        aligned = null_model.alignment(around.excess, homes)
        values = aligned(around.excess, homes)
        return Strangeness(around, homes, standing, aligned, values, null_model.fit(values[sound]))

    first = look(ranks)
    return look(np.where(first.p_values() > SUSPECT, ranks, 0)) if first.is_fitted else first
