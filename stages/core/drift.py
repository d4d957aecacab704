"""Whether two versions of a data set still come from one distribution: the maximum mean discrepancy.

MMD (Gretton, Borgwardt, Rasch, Schölkopf & Smola 2012, "A kernel two-sample test", JMLR 13) is the distance between the
means of two samples in the space of a kernel; with a Gaussian kernel it is zero for equal distributions only. The
kernel's width is the median distance, as there. How large it gets by chance is found by shuffling.

Versions of a data set share most of their rows, and then the two-sample test of the paper, which takes the samples as
independent, has next to no power. So rows are in one of three strata, kept, gone and new, and it is these roles that
are shuffled: under the null hypothesis, who came and who went has nothing to do with what the images show. Without
shared rows that is the test of the paper; with the same rows on both sides the statistic is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

KEPT, GONE, NEW = range(3)
ROWS = 2000
"""Rows that are looked at, at most: the kernel is ROWS x ROWS, and a test takes under a second."""
PERMUTATIONS = 200


@dataclass(frozen=True)
class Drift:
    """How far two samples are apart.

    statistic : the unbiased estimate of squared MMD; near 0 (also below it) without a shift, at most 2. None when it
        cannot be estimated, because a side has fewer than two rows.
    p_value : share of shuffles that give as much, the observed one counted; None as above.
    chance : what 19 of 20 shuffles stay below.
    n_a, n_b : rows of each side.  shared : rows that are the same on both.  rows : rows looked at.
    bandwidth : width of the kernel, in units of the vectors.
    """

    statistic: float | None
    p_value: float | None
    chance: float | None
    n_a: int
    n_b: int
    shared: int
    rows: int
    bandwidth: float | None
    permutations: int

    @property
    def judged(self) -> bool:
        return self.p_value is not None


def mmd(
    a: np.ndarray,
    b: np.ndarray,
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    ids_a: np.ndarray | None = None,
    ids_b: np.ndarray | None = None,
    rows: int = ROWS,
) -> Drift:
    """Test whether `b` still has the distribution of `a`.

    Parameters
    ----------
    a, b : (n, d) and (m, d), finite; rows of the one kind of vectors.
    seed : of the subsample and the shuffles.
    permutations : shuffles; the smallest p-value there can be is 1 / (permutations + 1).
    ids_a, ids_b : (n,) and (m,) names of the rows, each distinct within its side; rows with one name on both sides are
        one and the same. Without them the samples are independent.
    rows : rows looked at, at most; the rest is left out at random.

    Raises
    ------
    ValueError : the widths differ, or ids do not fit their rows.
    """
    a, b = np.atleast_2d(np.asarray(a, np.float32)), np.atleast_2d(np.asarray(b, np.float32))
    in_a, in_b = _shared(a, b, ids_a, ids_b)
    n, m, kept = len(a), len(b), int(in_a.sum())
    told = {"n_a": n, "n_b": m, "shared": kept, "permutations": permutations}
    if min(n, m) < 2:
        return Drift(None, None, None, rows=0, bandwidth=None, **told)
    sizes = np.array([kept, n - kept, m - kept])
    # The distribution of a less that of b, as a mixture of the strata; the weights sum to zero.
    weights = np.array([kept / n - kept / m, sizes[GONE] / n, -sizes[NEW] / m])
    if not sizes[GONE] and not sizes[NEW]:
        return Drift(0.0, 1.0, 0.0, rows=0, bandwidth=None, **told)
    rng = np.random.default_rng(seed)
    chosen = _sample([np.flatnonzero(in_a), np.flatnonzero(~in_a), np.flatnonzero(~in_b)], rows, rng)
    vectors = np.concatenate([a[chosen[KEPT]], a[chosen[GONE]], b[chosen[NEW]]])
    taken = np.array([len(stratum) for stratum in chosen])
    kernel, bandwidth = _kernel(vectors)
    roles = np.repeat(np.arange(3), taken)
    shuffled = np.stack([roles, *(rng.permutation(roles) for _ in range(permutations))], axis=1)
    observed, *others = _statistics(kernel, shuffled, taken, weights)
    # Sums of floats in another order differ in their last digits: a tie counts as a tie.
    as_much = int(np.sum(np.array(others) >= observed - 1e-9))
    p_value = (1 + as_much) / (1 + permutations)
    chance = float(np.quantile(others, 0.95)) if others else None
    return Drift(float(observed), p_value, chance, rows=len(vectors), bandwidth=bandwidth, **told)


def _shared(
    a: np.ndarray, b: np.ndarray, ids_a: np.ndarray | None, ids_b: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of `a` (n,) and of `b` (m,) are also on the other side."""
    if len(a) and len(b) and a.shape[1] != b.shape[1]:
        raise ValueError(f"vectors of {a.shape[1]} and of {b.shape[1]} numbers cannot be compared")
    if ids_a is None or ids_b is None:
        return np.zeros(len(a), bool), np.zeros(len(b), bool)
    for rows, ids in ((a, ids_a), (b, ids_b)):
        if len(rows) != len(ids) or len(set(ids)) != len(ids):
            raise ValueError(f"{len(ids)} ids for {len(rows)} rows, or ids that are not distinct")
    both = set(ids_a) & set(ids_b)
    return _are_in(ids_a, both), _are_in(ids_b, both)


def _are_in(ids: np.ndarray, names: set) -> np.ndarray:
    return np.fromiter((name in names for name in ids), bool, len(ids))


def _sample(strata: list[np.ndarray], rows: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Some members of each stratum: small strata whole, since the shift is in them; the others share what is left."""
    chosen, room = [np.zeros(0, int)] * 3, rows
    for done, role in enumerate(sorted(range(3), key=lambda role: len(strata[role]))):
        count = min(len(strata[role]), room // (3 - done))
        chosen[role] = np.sort(rng.choice(strata[role], count, replace=False))
        room -= count
    return chosen


def _kernel(vectors: np.ndarray) -> tuple[np.ndarray, float]:
    """Gaussian kernel (n, n) with a diagonal of zero, and its width: the median distance of two rows that differ."""
    squares = np.einsum("ij,ij->i", vectors, vectors)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * vectors @ vectors.T, 0)
    # What is left of equal rows after cancellation.
    distances[distances < 1e-6 * max(float(squares.max()), 1e-12)] = 0
    apart = distances[np.triu_indices(len(vectors), 1)]
    apart = apart[apart > 0]
    bandwidth = float(np.sqrt(np.median(apart))) if len(apart) else 1.0
    kernel = np.exp(distances / np.float32(-2 * bandwidth**2))
    np.fill_diagonal(kernel, 0)
    return kernel, bandwidth


def _statistics(kernel: np.ndarray, roles: np.ndarray, taken: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Squared MMD (p,) for each column of `roles` (n, p): the weighted mean of the kernel within and between strata.

    A row is never compared with itself, which makes the estimate unbiased; a stratum of one row has nothing else to be
    compared with, and counts as equal to itself.
    """
    member = [(roles == role).astype(np.float32) for role in range(3)]
    towards = [kernel @ column for column in member]
    total = np.zeros(roles.shape[1])
    for one, other in combinations_with_replacement(np.flatnonzero(weights), 2):
        pairs = taken[one] * (taken[other] - (one == other))
        sums = (member[one] * towards[other]).sum(axis=0, dtype=np.float64)
        twice = 1 if one == other else 2
        total += twice * weights[one] * weights[other] * (sums / pairs if pairs else 1.0)
    return total
