"""A 2-D layout for drawing. Distances on it mean little; nothing may be judged on them."""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import numpy as np

FEWEST_FOR_UMAP = 15
MOST_FOR_AXES = 10_000
START_RADIUS = 10.0
WIDEST_GAP = 0.06
"""Share of an axis that is left empty between two points at most."""


def layout(
    vectors: np.ndarray,
    indices: np.ndarray,
    similarities: np.ndarray,
    neighbors: int,
    min_dist: float,
    seed: int,
) -> np.ndarray:
    """Coordinates (n, 2) float32: UMAP on the neighbour graph, or PCA under 15 rows.

    Parameters
    ----------
    vectors : (n, d) unit rows.
    indices, similarities : (n, k) the graph, cosine, itself left out.
    neighbors : how many of them UMAP looks at; more shows the large shape, fewer the detail.
    min_dist : how tightly points may be packed, 0 to 1.

    Notes
    -----
    McInnes, Healy, Melville 2018, "UMAP: Uniform Manifold Approximation and Projection".
    """
    if len(vectors) < FEWEST_FOR_UMAP:
        return principal_axes(vectors)
    start = _start(vectors)
    near = min(neighbors - 1, indices.shape[1])
    rows, distances = indices[:, :near], np.maximum(1 - similarities[:, :near], 0)
    place = _compiled if find_spec("scranpy") else _just_in_time
    return gaps_closed(_finite(place(start, rows, distances, min_dist, seed)))


def principal_axes(vectors: np.ndarray) -> np.ndarray:
    """The first two principal components, (n, 2); zeros where there is no spread."""
    if not len(vectors):
        return np.empty((0, 2), np.float32)
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0, dtype=np.float64)
    left, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    coordinates = np.zeros((len(vectors), 2))
    rank = min(2, len(sizes))
    # The sign of an axis is arbitrary; the largest loading is made positive, so that a re-run draws the same.
    largest = np.abs(axes[:rank]).argmax(axis=1)
    signs = np.sign(axes[np.arange(rank), largest])
    coordinates[:, :rank] = left[:, :rank] * sizes[:rank] * np.where(signs == 0, 1, signs)
    return coordinates.astype(np.float32)


def gaps_closed(coordinates: np.ndarray) -> np.ndarray:
    """The same points (n, 2) with the empty stretches of each axis made narrow; who is left of whom stays.

    UMAP leaves islands about as far apart as they started, and means nothing by it: with one far off, most of a map is
    empty, and the rest too small to see.
    """
    found = coordinates.astype(np.float64)
    for values in found.T:
        order = np.argsort(values, kind="stable")
        steps = np.diff(values[order])
        values[order[1:]] = values[order[:1]] + np.cumsum(np.minimum(steps, WIDEST_GAP * steps.sum()))
    return found.astype(np.float32)


def _start(vectors: np.ndarray) -> np.ndarray:
    """Where the layout starts, (n, 2) in [-10, 10]: on the principal axes of at most so many rows, evenly spaced."""
    some = vectors[:: max(len(vectors) // MOST_FOR_AXES, 1)]
    middle = some.mean(axis=0, dtype=np.float64).astype(vectors.dtype)
    first = _axes((some - middle).astype(np.float64))
    # The sign of an axis is arbitrary; the largest loading is made positive, so that a re-run draws the same.
    first = first * np.sign(first[np.abs(first).argmax(axis=0), [0, 1]])
    placed = (vectors - middle) @ first.astype(vectors.dtype)
    return placed.astype(np.float64) * (START_RADIUS / max(float(np.abs(placed).max()), 1e-9))


def _axes(centred: np.ndarray) -> np.ndarray:
    """The first two principal axes (d, 2) of centred rows (m, d), from whichever product of them is the smaller."""
    if len(centred) > centred.shape[1]:
        return np.linalg.eigh(centred.T @ centred)[1][:, [-1, -2]]
    axes = centred.T @ np.linalg.eigh(centred @ centred.T)[1][:, [-1, -2]]
    return axes / np.maximum(np.linalg.norm(axes, axis=0), 1e-12)


def _compiled(start: np.ndarray, indices: np.ndarray, distances: np.ndarray, min_dist: float, seed: int) -> np.ndarray:
    """UMAP in C++ (umappp): no compilation at run time, which would cost ten seconds before the first point."""
    from knncolle import FindKnnResults
    from scranpy import run_umap

    graph = FindKnnResults(
        index=np.ascontiguousarray(indices, np.uint32), distance=np.ascontiguousarray(distances, np.float64)
    )
    return run_umap(
        graph, min_dist=min_dist, initialize_method="none", initial_coordinates=start, optimize_seed=seed, num_threads=1
    )


def _just_in_time(
    start: np.ndarray, indices: np.ndarray, distances: np.ndarray, min_dist: float, seed: int
) -> np.ndarray:
    """UMAP in numba, for machines that the compiled one has no wheel for (ARM Linux, Windows)."""
    with warnings.catch_warnings():
        # umap says that a fixed seed means one thread, and that a given graph cannot place new points: both meant so.
        warnings.simplefilter("ignore")
        import umap

        n = len(indices)  # umap wants each row to be its own first neighbour
        rows = np.hstack([np.arange(n, dtype=np.int32)[:, None], indices.astype(np.int32)])
        apart = np.hstack([np.zeros((n, 1), np.float32), distances.astype(np.float32)])
        model = umap.UMAP(
            n_neighbors=rows.shape[1],
            min_dist=min_dist,
            metric="cosine",
            init=start.astype(np.float32),
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(rows, apart, None),
        )
        return model.fit_transform(start)


def _finite(coordinates: np.ndarray) -> np.ndarray:
    """Rows that UMAP left without a place (no neighbour at all) go to the middle."""
    middle = np.nanmedian(np.where(np.isfinite(coordinates), coordinates, np.nan), axis=0)
    return np.where(np.isfinite(coordinates), coordinates, np.nan_to_num(middle)).astype(np.float32)
