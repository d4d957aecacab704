"""Whether two proposed pictures are copies of each other.

Every way in which one may lie on the other is tried: where their local features agree, plain and mirrored; or as
it is, plain and mirrored, moved a little until it fits, for pictures too small or too flat to have features. The
pixels then decide: how much of the content is the same in both. Where few features vouch for the geometry the
finest detail has to agree as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from stages.core.agreement import NOTHING, Overlap, correlation, overlap
from stages.core.local_features import FRAME, Alignment, Features, align, mirrored, resized

LEAST_INLIERS = 6
"""Matched features that must agree on a geometry: two define one, so six are four witnesses."""
SURE = 10.0
"""Inliers, weighed by the share of the matches they are, that vouch for a geometry."""
BITS = 256
HASHES_VOUCH = 24
"""Bits in which two hashes may differ to vouch as well: under a tenth, where chance gives half."""
LEAST_OVERLAP = 0.6
"""Share of one of the two that must lie within the other; neighbouring tiles and pans share less."""
FURTHEST_ZOOM = 4.0
LEAST_SIDE = 16
"""Pixels: smaller pictures are copies only when their bytes are the same; there is too little to compare."""
SMALLEST_FRAME = 32
FEW_FEATURES = 100
"""Under so many features in the poorer picture, one is moved on the other until the pixels fit."""
ALIKE_AT_A_GLANCE = 0.7
"""Correlation of the two at 16 x 16 pixels from which they are laid on each other as they are."""


class Framed(Protocol):
    """A picture whose pixels can be compared: `Features`, or less. Its length is how many features it has."""

    @property
    def size(self) -> tuple[float, float]: ...

    @property
    def frame(self) -> np.ndarray: ...

    @property
    def glance(self) -> np.ndarray: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Verification:
    """What the comparison of pictures a and b found.

    agreement : share of the content that is the same, 0 to 1; 0 where they cannot be laid on each other. Where it
        is not sure, the correlation of the finest detail if that is less.
    mirrored : b is mirrored.  matrix : (2, 3), points of a to points of b (mirrored back), longer sides 320.
    inliers, matches : matched features that agree on the matrix, and all; 0 where it was found from the pixels.
    features : features of the poorer picture.
    """

    agreement: float
    mirrored: bool
    matrix: np.ndarray
    inliers: int
    matches: int
    features: int
    overlap: Overlap

    @property
    def is_sure(self) -> bool:
        """Enough features vouch for the geometry, so that the pixels need not do it."""
        return self.inliers**2 >= SURE * max(self.matches, 1)


NOT_ALIKE = Verification(0.0, False, np.eye(2, 3), 0, 0, 0, NOTHING)


def vouched(found: Verification, distance: int) -> bool:
    """Whether features, or hashes so few bits apart, vouch for the geometry; else nothing but the pixels does."""
    return found.is_sure or distance <= HASHES_VOUCH


def accepted(found: Verification, threshold: float, threshold_pixels: float, distance: int = BITS) -> bool:
    """Whether the two are copies.

    Parameters
    ----------
    threshold : agreement that is enough where features, or the perceptual hashes, vouch for the geometry.
    threshold_pixels : agreement that is enough where nothing but the pixels does.
    distance : bits of 256 in which the hashes differ, plain or mirrored, whichever is less.
    """
    return found.agreement >= (threshold if vouched(found, distance) else threshold_pixels)


def verify(a: Features, b: Features) -> Verification:
    """The best way to lay picture b on picture a, and how much of them is then the same.

    About 3 ms for two pictures that are not alike, 5 for copies, up to 20 for small or flat ones.
    """
    if min(max(a.frame.shape), max(b.frame.shape)) < LEAST_SIDE:
        return NOT_ALIKE
    tries = [_by_features(a, b)]
    if not tries[0].is_sure or tries[0].agreement < 0.5:
        tries.extend(as_they_are(a, b, mirrored(b)))
    return max(tries, key=lambda found: found.agreement)


def _by_features(a: Features, b: Features) -> Verification:
    plain = align(a, b)
    if plain is not None and plain.inliers >= max(2 * SURE, plain.matches / 2):
        return _judged(a, b, plain, False)
    flipped = mirrored(b)
    other = align(a, flipped)
    if _inliers(other) > _inliers(plain):
        return _judged(a, flipped, other, True)
    return _judged(a, b, plain, False)


def _inliers(found: Alignment | None) -> int:
    return 0 if found is None else found.inliers


def _judged(a: Features, b: Features, found: Alignment | None, is_mirrored: bool) -> Verification:
    if found is None or found.inliers < LEAST_INLIERS or not 1 / FURTHEST_ZOOM < found.scale < FURTHEST_ZOOM:
        return NOT_ALIKE
    result = by_geometry(a, b, found.matrix, is_mirrored, found.inliers, found.matches)
    return result if result.is_sure else _fitted(a, b, result)


def as_they_are(a: Framed, b: Framed, flipped: Framed, least: float = ALIKE_AT_A_GLANCE) -> Iterator[Verification]:
    """What the pixels say of b, and of its mirror image, on a as they are, where they are so much alike at a glance."""
    for other, is_mirrored in ((b, False), (flipped, True)):
        if correlation(a.glance, other.glance) >= least:
            stretch = np.array([[b.size[0] / a.size[0], 0, 0], [0, b.size[1] / a.size[1], 0]])
            yield _fitted(a, other, by_geometry(a, other, stretch, is_mirrored, 0, 0))


def by_geometry(
    a: Framed, b: Framed, matrix: np.ndarray, is_mirrored: bool, inliers: int, matches: int
) -> Verification:
    """What the pixels say of a geometry.

    matrix : (2, 3), points of a to points of b, longer sides 320; b is mirrored already if it `is_mirrored`.
    """
    frame_a, frame_b, to_frames = _frames(a, b)
    seen = overlap(frame_a, frame_b, _between(matrix, *to_frames))
    found = Verification(seen.same, is_mirrored, matrix, inliers, matches, min(len(a), len(b)), seen)
    agreement = seen.same if found.is_sure else max(min(seen.same, seen.fine), 0.0)
    if max(seen.of_a, seen.of_b) < LEAST_OVERLAP:
        agreement = 0.0
    return Verification(agreement, is_mirrored, matrix, inliers, matches, found.features, seen)


def _fitted(a: Framed, b: Framed, found: Verification) -> Verification:
    """The same with b moved, turned and zoomed a little until it fits best, where that helps."""
    if found.features >= FEW_FEATURES or found.agreement >= 0.95:
        return found
    frame_a, frame_b, to_frames = _frames(a, b)
    moved = _moved(frame_a, frame_b, _between(found.matrix, *to_frames))
    if moved is None:
        return found
    matrix = _between(moved, *(1 / factor for factor in to_frames))
    better = by_geometry(a, b, matrix, found.mirrored, found.inliers, found.matches)
    return better if better.agreement > found.agreement else found


def _moved(a: np.ndarray, b: np.ndarray, matrix: np.ndarray) -> np.ndarray | None:
    """`matrix` followed by the similarity that fits b best to a, by enhanced correlation (Evangelidis & Psarakis 2008).

    The search is for an affine transform; one that shears or zooms much is the fit of two different pictures.
    """
    steps = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 40, 1e-4)
    try:
        _, affine = cv2.findTransformECC(a, b, matrix.astype(np.float32), cv2.MOTION_AFFINE, steps, None, 5)
    except cv2.error:
        return None
    step = _square(affine.astype(np.float64)) @ np.linalg.inv(_square(matrix))
    linear = step[:2, :2]
    cosine, sine = (linear[0, 0] + linear[1, 1]) / 2, (linear[1, 0] - linear[0, 1]) / 2
    similarity = np.array([[cosine, -sine], [sine, cosine]])
    zoom = float(np.hypot(cosine, sine))
    if not 0.6 < zoom < 1.7 or np.abs(linear - similarity).max() > 0.1 * zoom:
        return None
    centre = (np.array(b.shape[::-1]) - 1) / 2
    shift = step[:2, 2] + (linear - similarity) @ centre
    return (_square(np.column_stack([similarity, shift])) @ _square(matrix))[:2]


def _frames(a: Framed, b: Framed) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Both pictures at the size of the smaller, and how much smaller than the pictures of the points that is."""
    side = max(min(FRAME, max(a.frame.shape), max(b.frame.shape)), SMALLEST_FRAME)
    frames = [np.ascontiguousarray(resized(p.frame, side / max(p.frame.shape))) for p in (a, b)]
    factors = (side / max(a.size), side / max(b.size))
    return frames[0], frames[1], factors


def _between(matrix: np.ndarray, shrink_a: float, shrink_b: float) -> np.ndarray:
    """The same transform between the two pictures shrunk by these factors."""
    return (_shrinking(shrink_b) @ _square(matrix) @ np.linalg.inv(_shrinking(shrink_a)))[:2]


def _shrinking(factor: float) -> np.ndarray:
    # Pixel centres are at whole numbers, so that the corner of the picture is at -0.5.
    shift = (factor - 1) / 2
    return np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1.0]])


def _square(matrix: np.ndarray) -> np.ndarray:
    return np.vstack([matrix, [0, 0, 1]])
