"""Local features of a picture, of its mirror image, and the geometry on which two pictures' features agree.

SIFT (Lowe 2004) on a grey picture of 320 px: what a copy keeps through re-encoding, resizing, cropping and
captions. RANSAC (Fischler & Bolles 1981) finds the one similarity transform that most matches agree on.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 320
FRAME = 192
"""Longer sides, in pixels, of the picture that features are found on and of the one that pixels are compared on."""
GLANCE = 16
LIMIT = 500
"""Features per picture: the strongest."""
ENOUGH = 250
CONTRASTS = (0.04, 0.01)
"""Contrast under which a feature is noise: Lowe's value, and a lower one for pictures that then have not enough."""
LAYERS = 3
"""Of an octave, as OpenCV's SIFT has them."""
RATIO = 0.8
"""Lowe's ratio test: the nearest descriptor must be this much nearer than the second."""
TOLERANCE = 3.0
"""Pixels of the 320-px picture by which a match may miss the common geometry."""
RANSAC_ROUNDS = 2000

# A descriptor is 4 x 4 places x 8 directions, the places along and across the feature's own direction.
# Mirrored, the places across and the directions run backwards.
_PLACES = np.arange(128).reshape(4, 4, 8)
_MIRRORED = _PLACES[::-1][..., -np.arange(8) % 8].ravel()


@dataclass(frozen=True)
class Features:
    """What is kept of one picture for comparing it with others, some 20 to 100 KB.

    points : (k, 2) float32, x and y in a picture of `size`.  descriptors : (k, 128) uint8.
    size : (width, height) of the picture the points are in, its longer side 320, float.
    frame : (h, w) uint8, the grey picture, longer side 192 or less.
    """

    points: np.ndarray
    descriptors: np.ndarray
    size: tuple[float, float]
    frame: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def glance(self) -> np.ndarray:
        """(16, 16) float32, the picture made very small."""
        return at_a_glance(self.frame)


@dataclass(frozen=True)
class Alignment:
    """A similarity transform of points of picture a to points of picture b, and who agrees with it.

    matrix : (2, 3) float64.  inliers, matches : counts of matched features.
    """

    matrix: np.ndarray
    inliers: int
    matches: int

    @property
    def scale(self) -> float:
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def degrees(self) -> float:
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))


def describe(grey: np.ndarray) -> Features:
    """Features of a grey picture (h, w) uint8, of any size; smaller ones are enlarged to find features."""
    height, width = grey.shape
    factor = SIDE / max(height, width)
    picture = resized(grey, factor)
    keypoints, descriptors = _found(picture)
    points = np.array([point.pt for point in keypoints], np.float32).reshape(-1, 2)[:LIMIT]
    descriptors = np.zeros((0, 128), np.uint8) if descriptors is None else descriptors[:LIMIT].astype(np.uint8)
    frame = resized(grey, min(FRAME / max(height, width), 1.0))
    return Features(points, descriptors, (width * factor, height * factor), frame)


def mirrored(picture: Features) -> Features:
    """The features of the picture mirrored left to right, without looking at its pixels again."""
    points = picture.points * np.float32([-1, 1]) + np.float32([picture.size[0] - 1, 0])
    return Features(points, picture.descriptors[:, _MIRRORED], picture.size, picture.frame[:, ::-1])


def align(a: Features, b: Features) -> Alignment | None:
    """The similarity transform that most matched features agree on, or None where too few match."""
    rows_a, rows_b = matches(a.descriptors, b.descriptors)
    if len(rows_a) < 3:
        return None
    matrix, inliers = cv2.estimateAffinePartial2D(
        a.points[rows_a],
        b.points[rows_b],
        method=cv2.RANSAC,
        ransacReprojThreshold=TOLERANCE,
        maxIters=RANSAC_ROUNDS,
        confidence=0.999,
    )
    return None if matrix is None else Alignment(matrix, int(inliers.sum()), len(rows_a))


def matches(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two descriptor arrays (k, 128) that match one to one: two arrays (m,) of row numbers.

    Each of the poorer picture's features looks for its nearest; the ratio test keeps the unmistakable ones.
    """
    if len(a) > len(b):
        rows_b, rows_a = matches(b, a)
        return rows_a, rows_b
    if len(a) < 1 or len(b) < 2:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    distances = _squared_distances(a, b)
    rows = np.arange(len(a))
    nearest = distances.argmin(axis=1)
    first = distances[rows, nearest]
    distances[rows, nearest] = np.inf
    passed = np.flatnonzero(first < RATIO**2 * distances.min(axis=1))
    kept = best_each(passed, first, nearest)
    return kept, nearest[kept]


def best_each(rows: np.ndarray, distances: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    """Of the rows (m,) that have the same nearest only the one that is nearest to it, ascending.

    distances, nearest : (n,) of all rows.
    """
    best_first = rows[np.argsort(distances[rows], kind="stable")]
    _, once = np.unique(nearest[best_first], return_index=True)
    return np.sort(best_first[once])


def pack(picture: Features) -> bytes:
    """Features as bytes, for whoever keeps more of them than memory holds."""
    head = np.array([len(picture), *picture.frame.shape, *picture.size], np.float64)
    parts = (head, picture.points, picture.descriptors, picture.frame)
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def unpack(data: bytes) -> Features:
    """The inverse of `pack`."""
    count, height, width = (int(number) for number in np.frombuffer(data, np.float64, 3))
    size = np.frombuffer(data, np.float64, 2, offset=24)
    at = 40
    points = np.frombuffer(data, np.float32, count * 2, at).reshape(count, 2)
    at += points.nbytes
    descriptors = np.frombuffer(data, np.uint8, count * 128, at).reshape(count, 128)
    frame = np.frombuffer(data, np.uint8, height * width, at + descriptors.nbytes).reshape(height, width)
    return Features(points, descriptors, (float(size[0]), float(size[1])), frame)


def _found(picture: np.ndarray) -> tuple[list[cv2.KeyPoint], np.ndarray | None]:
    """The strongest features above the first contrast, or where these are not enough, above the second.

    They are looked for once: a feature's response is its contrast, of which SIFT demands a share in each layer.
    """
    usual, least = CONTRASTS
    points, descriptors = cv2.SIFT_create(nfeatures=LIMIT, contrastThreshold=least).detectAndCompute(picture, None)
    strong = np.flatnonzero(np.array([point.response for point in points]) * LAYERS >= usual)
    if len(strong) < ENOUGH:
        return list(points), descriptors
    return [points[row] for row in strong], descriptors[strong]


def resized(grey: np.ndarray, factor: float) -> np.ndarray:
    """A grey picture (h, w), its sides times the factor and at least one pixel."""
    if factor == 1:
        return grey
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def at_a_glance(grey: np.ndarray) -> np.ndarray:
    """A grey picture of any size made very small, (16, 16) float32."""
    return cv2.resize(grey, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA).astype(np.float32)


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float32), b.astype(np.float32)
    lengths_a, lengths_b = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
    # Not `a @ b.T`: BLAS would start threads of its own in each of ours. Whole numbers, so the order of sums is free.
    distances = cv2.gemm(a, b, -2, None, 0, flags=cv2.GEMM_2_T)
    distances += lengths_a[:, None]
    distances += lengths_b[None, :]
    return distances
