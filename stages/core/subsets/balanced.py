"""More of rare kinds and less of common ones: sampling from hierarchical k-means (Vo et al. 2024).

Rows are put into many small cells, and their centres into fewer larger ones. Plain k-means gives crowded places more
cells; beginning with centres far apart, and clustering again only the rows nearest to each centre, a few times, spreads
the cells over what there is. Then the number wanted is divided evenly from the top down, as far as there are rows.

A kind gets as much as it has cells, and it has as many as it looks different ways: ten classes get equal shares only
where they are equally varied and lie apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.core.subsets.chosen import Chosen

ROWS_PER_CELL = 16
CELLS_PER_ROOT = 4
"""at most so many cells times the square root of the number of rows: more would cost more than they tell"""
FEWER = 4
"""Each level has so many times fewer cells than the one below, and the top the square root of the number of rows at
least: with the handful that one would draw, each holds several kinds, common ones with rare ones, and dividing evenly
among them balances nothing. The paper's top level has 10,000 cells."""
RESAMPLINGS = 3
NEAREST = 0.5
"""rows of a cell that are clustered again, as a share of those that a cell has on average; as in the paper"""
ROUNDS = 15
STARTED_FROM = 16
"""rows for each centre among which the first centres are looked for; all would take longer than k-means itself"""


@dataclass(frozen=True)
class Level:
    """(m,) the cell of each thing below, and how many cells there are."""

    cell_of: np.ndarray
    cells: int


def balanced(vectors: np.ndarray, n: int, seed: int = 0) -> Chosen:
    """Draw rows from all cells, as evenly as their sizes allow.

    Parameters
    ----------
    vectors : (N, d) float32, unit rows.
    n : rows wanted; all N where there are no more.
    seed : of the clustering, and of the draw within a cell (in the paper, no other choice within a cell was better).
    """
    n = min(n, len(vectors))
    if n <= 0:
        return Chosen(np.empty(0, np.int64), [], "", is_ranked=False)
    levels = hierarchy(vectors, seed)
    rng = np.random.default_rng(seed)
    wanted = _divided(levels, n, rng)
    names = _names(levels)
    rows, reasons = [], []
    for cell, members in enumerate(_members(levels[0])):
        rows.append(np.sort(rng.permutation(members)[: wanted[cell]]))
        reasons += [f"one of {wanted[cell]:,} out of {len(members):,} in cell {names[cell]}"] * int(wanted[cell])
    told = f"drawn from {levels[0].cells:,} cells, at most {wanted.max():,} of each"
    return Chosen(np.concatenate(rows), reasons, told, is_ranked=False)


def sizes(n: int) -> list[int]:
    """How many cells each level has, from the bottom up; the top level has the fewest."""
    counts = [max(1, min(n // ROWS_PER_CELL, int(CELLS_PER_ROOT * n**0.5)))]
    while counts[-1] // FEWER >= max(2, int(n**0.5)):
        counts.append(counts[-1] // FEWER)
    return counts


def hierarchy(vectors: np.ndarray, seed: int) -> list[Level]:
    """Cells of rows, cells of cells, ..., from the bottom up; empty cells are left out."""
    levels, points = [], vectors
    for count in sizes(len(vectors)):
        centres = _spread_centres(points, min(count, len(points)), seed)
        used, cell_of = np.unique(_assigned(points, centres)[0], return_inverse=True)
        levels.append(Level(cell_of, len(used)))
        points = centres[used]
    return levels


def divided(wanted: int, room: np.ndarray) -> np.ndarray:
    """`wanted` divided among places, as evenly as their room allows.

    No place gets two more than another that is not full; what is left over goes to the first places.

    Parameters
    ----------
    room : (m,) int; their sum is at least `wanted`.
    """
    low, high = 0, int(room.max(initial=0))
    while low < high:
        level = (low + high + 1) // 2
        low, high = (level, high) if np.minimum(room, level).sum() <= wanted else (low, level - 1)
    counts = np.minimum(room, low)
    counts[np.flatnonzero(room > low)[: wanted - counts.sum()]] += 1
    return counts


def _divided(levels: list[Level], n: int, rng: np.random.Generator) -> np.ndarray:
    """(cells of the bottom level,) how many rows of each; what cannot be divided goes to cells drawn by lot."""
    rooms = [np.bincount(levels[0].cell_of, minlength=levels[0].cells)]
    for level in levels[1:]:
        rooms.append(np.bincount(level.cell_of, weights=rooms[-1], minlength=level.cells).astype(np.int64))
    wanted = _by_lot(n, rooms[-1], rng)
    for level, room in zip(reversed(levels[1:]), reversed(rooms[:-1]), strict=True):
        below = np.zeros(len(room), np.int64)
        for cell, members in enumerate(_members(level)):
            below[members] = _by_lot(int(wanted[cell]), room[members], rng)
        wanted = below
    return wanted


def _members(level: Level) -> list[np.ndarray]:
    """Of each cell the things below that are in it, ascending."""
    order = np.argsort(level.cell_of, kind="stable")
    return np.split(order, np.cumsum(np.bincount(level.cell_of, minlength=level.cells))[:-1])


def _by_lot(wanted: int, room: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = rng.permutation(len(room))
    counts = np.empty_like(room)
    counts[order] = divided(wanted, room[order])
    return counts


def _names(levels: list[Level]) -> list[str]:
    """Of each cell of the bottom level, from the top down: 2.0.17."""
    names = [str(cell) for cell in range(levels[-1].cells)]
    for level in reversed(levels[1:]):
        names = [f"{names[above]}.{cell}" for cell, above in enumerate(level.cell_of)]
    return names


def _spread_centres(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    centres = _centres(points, k, seed)
    nearest = max(1, round(NEAREST * len(points) / k))
    for _ in range(RESAMPLINGS):
        cell_of, similarity = _assigned(points, centres)
        order = np.lexsort((-similarity, cell_of))
        starts = np.searchsorted(cell_of[order], cell_of[order])
        again = order[np.arange(len(order)) - starts < nearest]
        if not k < len(again) < len(points):
            break
        centres = _centres(points[np.sort(again)], k, seed)
    return centres


def _centres(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """(k, d) unit rows: spherical k-means (Dhillon & Modha 2001)."""
    import faiss

    kmeans = faiss.Kmeans(
        points.shape[1],
        k,
        niter=ROUNDS,
        seed=seed + 1,  # faiss takes no 0
        spherical=True,
        min_points_per_centroid=1,  # it would warn of small cells
        max_points_per_centroid=256,
    )
    rows = np.ascontiguousarray(points, np.float32)
    kmeans.train(rows, init_centroids=_apart(rows, k, seed))
    return kmeans.centroids


def _apart(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """(k, d) first centres, each drawn by its squared distance to those before it (k-means++; Arthur & Vassilvitskii
    2007): drawn evenly, nearly all would be of the common kinds, and k-means hardly moves them from there."""
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    if len(points) > STARTED_FROM * k:
        points = points[np.sort(rng.choice(len(points), STARTED_FROM * k, replace=False))]
    chosen = [int(rng.integers(len(points)))]
    far = np.full(len(points), np.inf)
    with threadpool_limits(1):  # the last bits would depend on the number of threads
        while len(chosen) < k:
            far = np.minimum(far, np.maximum(1 - points @ points[chosen[-1]], 0))
            sums = np.cumsum(far, dtype=np.float64)
            chosen.append(min(int(np.searchsorted(sums, rng.random() * sums[-1], "right")), len(points) - 1))
    return np.ascontiguousarray(points[chosen])


def _assigned(points: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per point its nearest centre, and the cosine to it."""
    import faiss

    rows = np.ascontiguousarray(points, np.float32)
    similarities, cells = faiss.knn(rows, centres, 1, metric=faiss.METRIC_INNER_PRODUCT)
    return cells[:, 0], similarities[:, 0]
