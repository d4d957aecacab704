"""The pictures of a data set that calibration alters: which, and at what size."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Sequence

import cv2
import numpy as np

from stages.core.quality import WORKING_SIDE


def sample(content_ids: Sequence[str], seed: int, count: int) -> list[int]:
    """Up to `count` row numbers, ascending: those whose id, hashed with the seed, comes first.

    One more picture in the data set changes at most one of them.
    """

    def key(row: int) -> bytes:
        return hashlib.blake2b(f"{seed} {content_ids[row]}".encode(), digest_size=8).digest()

    return sorted(heapq.nsmallest(count, range(len(content_ids)), key=key))


def reduced(pixels: np.ndarray) -> np.ndarray:
    """A picture (h, w, 3) uint8, its shorter side brought down to `WORKING_SIDE`: no stage looks at more of it."""
    factor = WORKING_SIDE / min(pixels.shape[:2])
    if factor >= 1:
        return pixels
    size = [max(round(side * factor), 1) for side in pixels.shape[1::-1]]
    # Down to a half, two pixels a side are all there is to mix; averaging parts of pixels takes seven times as long.
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR if factor > 0.5 else cv2.INTER_AREA)
