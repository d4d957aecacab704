"""A 2-D layout for drawing. Distances on it mean little; nothing may be judged on them."""

from __future__ import annotations

import warnings

import numpy as np

FEWEST_FOR_UMAP = 15


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
    return _umap(vectors, indices, similarities, neighbors, min_dist, seed)


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


def _umap(
    vectors: np.ndarray, indices: np.ndarray, similarities: np.ndarray, neighbors: int, min_dist: float, seed: int
) -> np.ndarray:
    with warnings.catch_warnings():
        # umap says that a fixed seed means one thread, and that a given graph cannot place new points: both meant so.
        warnings.simplefilter("ignore")
        import umap

        near = min(neighbors, indices.shape[1] + 1)
        graph = _with_self(indices, similarities, near)
        model = umap.UMAP(
            n_neighbors=near,
            min_dist=min_dist,
            metric="cosine",
            init="pca",
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(*graph, None),
        )
        coordinates = model.fit_transform(vectors)
    return _finite(coordinates)


def _with_self(indices: np.ndarray, similarities: np.ndarray, near: int) -> tuple[np.ndarray, np.ndarray]:
    """UMAP wants each row to be its own first neighbour, and distances."""
    n = len(indices)
    rows = np.hstack([np.arange(n, dtype=np.int32)[:, None], indices[:, : near - 1]])
    distances = np.hstack([np.zeros((n, 1), np.float32), 1 - similarities[:, : near - 1]])
    return rows, np.maximum(distances, 0).astype(np.float32)


def _finite(coordinates: np.ndarray) -> np.ndarray:
    """Rows that UMAP left without a place (no neighbour at all) go to the middle."""
    middle = np.nanmedian(np.where(np.isfinite(coordinates), coordinates, np.nan), axis=0)
    return np.where(np.isfinite(coordinates), coordinates, np.nan_to_num(middle)).astype(np.float32)
