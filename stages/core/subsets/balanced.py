"""As many from rare kinds as from common ones: sampling from hierarchical k-means (Vo et al. 2024).

Rows are put into many small cells, their centres into fewer larger ones, and so on. Plain k-means gives crowded places
more cells; clustering again only the rows nearest to each centre, a few times, spreads the cells over what there is.
Then the number wanted is divided evenly from the top down, as far as there are rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.core.subsets.chosen import Chosen

ROWS_PER_CELL = 16
CELLS_PER_ROOT = 4
"""at most so many cells times the square root of the number of rows: more would cost more than they tell"""
FEWER = 8
"""each level has so many times fewer cells than the one below"""
RESAMPLINGS = 3
NEAREST = 8
"""rows of a cell that are clustered again"""
ROUNDS = 15


@dataclass(frozen=True)
class Level:
    """(m,) the cell of each thing below, and how many cells there are."""

    cell_of: np.ndarray
    cells: int


def balanced(vectors: np.ndarray, n: int, seed: int = 0) -> Chosen:
    """
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
    wanted = _divided(levels, n)
    cell_of = levels[0].cell_of
    rng = np.random.default_rng(seed)
    names = _names(levels)
    rows, reasons = [], []
    for cell in range(levels[0].cells):
        members = np.flatnonzero(cell_of == cell)
        rows.append(np.sort(rng.permutation(members)[: wanted[cell]]))
        reasons += [f"one of {wanted[cell]:,} out of {len(members):,} in cell {names[cell]}"] * int(wanted[cell])
    told = f"drawn from {levels[0].cells:,} cells, at most {wanted.max():,} of each"
    return Chosen(np.concatenate(rows), reasons, told, is_ranked=False)


def sizes(n: int) -> list[int]:
    """How many cells each level has, from the bottom up; the top level has the fewest."""
    counts = [max(1, min(n // ROWS_PER_CELL, int(CELLS_PER_ROOT * n**0.5)))]
    while counts[-1] > FEWER:
        counts.append(max(2, counts[-1] // FEWER))
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
    """
    `wanted` divided among places as evenly as their room lets it be: no place gets more than one more than another that
    is not full; what is left over goes to the first.

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


def _divided(levels: list[Level], n: int) -> np.ndarray:
    """(cells of the bottom level,) how many rows of each."""
    rooms = [np.bincount(levels[0].cell_of, minlength=levels[0].cells)]
    for level in levels[1:]:
        rooms.append(np.bincount(level.cell_of, weights=rooms[-1], minlength=level.cells).astype(np.int64))
    wanted = divided(n, rooms[-1])
    for level, room in zip(reversed(levels[1:]), reversed(rooms[:-1]), strict=True):
        below = np.zeros(len(room), np.int64)
        for cell in range(level.cells):
            members = np.flatnonzero(level.cell_of == cell)
            below[members] = divided(int(wanted[cell]), room[members])
        wanted = below
    return wanted


def _names(levels: list[Level]) -> list[str]:
    """Of each cell of the bottom level, from the top down: 2.0.17."""
    names = [str(cell) for cell in range(levels[-1].cells)]
    for level in reversed(levels[1:]):
        names = [f"{names[above]}.{cell}" for cell, above in enumerate(level.cell_of)]
    return names


def _spread_centres(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    centres = _centres(points, k, seed)
    for _ in range(RESAMPLINGS):
        cell_of, similarity = _assigned(points, centres)
        order = np.lexsort((-similarity, cell_of))
        starts = np.searchsorted(cell_of[order], cell_of[order])
        nearest = order[np.arange(len(order)) - starts < NEAREST]
        if len(nearest) == len(points):
            break
        centres = _centres(points[np.sort(nearest)], k, seed)
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
    kmeans.train(np.ascontiguousarray(points, np.float32))
    return kmeans.centroids


def _assigned(points: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per point its nearest centre, and the cosine to it."""
    import faiss

    rows = np.ascontiguousarray(points, np.float32)
    similarities, cells = faiss.knn(rows, centres, 1, metric=faiss.METRIC_INNER_PRODUCT)
    return cells[:, 0], similarities[:, 0]
