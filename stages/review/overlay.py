"""Two copies laid on each other: for blinking from one to the other, and what differs between them.

The geometry is that by which `deduplicate` found them to be copies (`core/verification.py`): local features, mirrored
ones tried too, or the pixels themselves where there are few features.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stages.core.local_features import Features, describe
from stages.core.verification import LEAST_INLIERS, Verification, verify

SIDE = 1_200
"""Longest side of what is shown, pixels."""
GAIN = 4
"""Differences are shown so many times as bright: what another JPEG quality changes is too dark to be seen."""

FIT = 640
"""Longest side at which the fit is made exact, pixels."""
FARTHEST = 0.03
"""Share of the longest side that it may move a corner."""


@dataclass(frozen=True)
class Overlay:
    """Picture a, picture b laid on it, and their difference, all of one size.

    first : (h, w, 3) uint8 RGB.  second, difference : (h, w, 4) uint8 RGBA, transparent where b shows nothing.
    found : what the comparison says of the two.  is_aligned : whether a geometry was found; else b is only stretched.
    """

    first: np.ndarray
    second: np.ndarray
    difference: np.ndarray
    found: Verification
    is_aligned: bool


def lay(a: np.ndarray, b: np.ndarray) -> Overlay:
    """Lay picture b (h, w, 3) uint8 RGB on picture a, at the size of a, or less if it is longer than `SIDE`."""
    a, b = _shrunk(a), _shrunk(b)
    features_a, features_b = _features(a), _features(b)
    found = verify(features_a, features_b)
    is_aligned = found.agreement > 0 or found.inliers >= LEAST_INLIERS
    if found.mirrored:
        b = np.ascontiguousarray(b[:, ::-1])
    matrix = _fitted(a, b, _full(found.matrix, a, b, features_a, features_b)) if is_aligned else _stretch(a, b)
    second = _warped(*_no_finer(b, matrix), a.shape[:2])
    return Overlay(a, second, difference(a, second), found, is_aligned)


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`GAIN` times the absolute difference, (h, w, 4); transparent where `second` is."""
    apart = cv2.absdiff(first, np.ascontiguousarray(second[..., :3])).astype(np.uint16) * GAIN
    return np.dstack([np.minimum(apart, 255).astype(np.uint8), second[..., 3]])


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    factor = SIDE / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _features(pixels: np.ndarray) -> Features:
    return describe(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _full(matrix: np.ndarray, a: np.ndarray, b: np.ndarray, of_a: Features, of_b: Features) -> np.ndarray:
    """(2, 3): pixels of a to pixels of b, from the same between the pictures that the points are in."""
    to_points = _scaling(of_a.size[0] / a.shape[1])
    from_points = np.linalg.inv(_scaling(of_b.size[0] / b.shape[1]))
    return (from_points @ np.vstack([matrix, [0, 0, 1]]) @ to_points)[:2]


def _scaling(factor: float) -> np.ndarray:
    """Pixel centres are at whole numbers, so that the corner of a picture is at -0.5."""
    shift = (factor - 1) / 2
    return np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1.0]])


def _stretch(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    across, down = b.shape[1] / a.shape[1], b.shape[0] / a.shape[0]
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def _fitted(a: np.ndarray, b: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The matrix made as exact as the pixels are, by enhanced correlation (Evangelidis & Psarakis 2008).

    Half a pixel beside the truth, every edge would show up as a difference. Features are found at 320 pixels, so what
    is missing is little; a fit that goes far is a wrong one.
    """
    scales = [_scaling(min(FIT / max(picture.shape), 1.0)) for picture in (a, b)]
    small = [_grey_at(picture, scale[0, 0]) for picture, scale in zip((a, b), scales, strict=True)]
    start = (scales[1] @ np.vstack([matrix, [0, 0, 1]]) @ np.linalg.inv(scales[0]))[:2]
    steps = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 40, 1e-5)
    try:
        _, fitted = cv2.findTransformECC(*small, start.astype(np.float32), cv2.MOTION_AFFINE, steps, None, 3)
    except cv2.error:
        return matrix
    height, width = small[0].shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
    if np.abs(corners @ (fitted - start).T).max() > FARTHEST * max(small[1].shape):
        return matrix
    return (np.linalg.inv(scales[1]) @ np.vstack([fitted, [0, 0, 1]]) @ scales[0])[:2]


def _grey_at(pixels: np.ndarray, factor: float) -> np.ndarray:
    size = tuple(max(1, round(side * factor)) for side in pixels.shape[1::-1])
    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)


def _no_finer(b: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """b made as coarse as a, and the matrix to it: sampled from a finer one, its detail would become noise."""
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if zoom <= 1.1:
        return b, matrix
    height, width = (max(1, round(side / zoom)) for side in b.shape[:2])
    shrinking = np.vstack([_stretch(b, np.empty((height, width))), [0, 0, 1]])
    coarse = cv2.resize(b, (width, height), interpolation=cv2.INTER_AREA)
    return coarse, (shrinking @ np.vstack([matrix, [0, 0, 1]]))[:2]


def _warped(b: np.ndarray, matrix: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """b as it lies on a, (h, w, 4): its alpha is 0 where it does not reach."""
    covered = np.full(b.shape[:2], 255, np.uint8)
    size = (shape[1], shape[0])
    # Its edge is repeated outwards, so that the last row is not blended with black; alpha then cuts it off.
    colours = cv2.warpAffine(
        b, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = cv2.warpAffine(covered, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.dstack([colours, alpha])
