"""Which frames of a video become images: every n-th, one every so many seconds, or the first of each scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

GLANCE_SIDE = 64
"""Frames are compared at 64 x 64 pixels: enough for a cut, too little for grain and compression noise."""
SHORTEST_SCENE_S = 0.6
"""Seconds between two cuts at least; a flash, or a cut spread over several frames, is one cut (PySceneDetect's 15
frames at 25 a second)."""
STILL = 1.5
"""Mean difference of luminance, in levels of 255, under which two frames show the same; recompression alone makes
about one."""

HUES = 180
"""OpenCV's hues: half degrees."""

Glance = Callable[[], np.ndarray]
"""Gives a frame's pixels, (64, 64, 3) uint8 RGB, if somebody wants to look."""


@dataclass(frozen=True)
class Sampling:
    """What was asked for.

    method : ``seconds``, ``frames`` or ``scenes``.
    every : seconds, or frames, from one to the next; not used by ``scenes``.
    cut : mean change of hue, saturation and value (levels of 255) that begins a scene.
    collapse : pass by a frame that shows the same as the one taken before it.
    """

    method: str
    every: float = 1.0
    cut: float = 27.0
    collapse: bool = False


class Chooser:
    """Is shown the frames of one video in order, and says of each whether to take it."""

    def __init__(self, sampling: Sampling) -> None:
        self.sampling = sampling
        self.next_due = 0.0
        self.last_seen: np.ndarray | None = None
        self.last_taken: np.ndarray | None = None
        self.last_cut_s = -np.inf

    def wants(self, number: int, time_s: float, glance: Glance) -> bool:
        """Whether to take frame `number` (from 0), shown at `time_s` seconds."""
        if not self._is_due(number, time_s, glance):
            return False
        if not self.sampling.collapse:
            return True
        seen = luminance(glance())
        if self.last_taken is not None and difference(seen, self.last_taken) < STILL:
            return False
        self.last_taken = seen
        return True

    def _is_due(self, number: int, time_s: float, glance: Glance) -> bool:
        if self.sampling.method == "scenes":
            return self._begins_scene(time_s, glance)
        at = time_s if self.sampling.method == "seconds" else float(number)
        if at + 1e-6 < self.next_due:
            return False
        # The grid does not drift with frames that come late: 1, 2, 3 s, not 1.02, 2.04, 3.06 s.
        self.next_due = (np.floor((at + 1e-6) / self.sampling.every) + 1) * self.sampling.every
        return True

    def _begins_scene(self, time_s: float, glance: Glance) -> bool:
        seen = hsv(glance())
        change = np.inf if self.last_seen is None else change_of(seen, self.last_seen)
        self.last_seen = seen
        if change < self.sampling.cut or time_s - self.last_cut_s < SHORTEST_SCENE_S:
            return False
        self.last_cut_s = time_s
        return True


def change_of(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute change (levels of 255) of hue, saturation and value between two frames (h, w, 3); hue is a circle.

    References
    ----------
    PySceneDetect, ``ContentDetector`` (its threshold, 27, is the default here): https://www.scenedetect.com
    """
    change = np.abs(a.astype(np.int16) - b.astype(np.int16))
    change[..., 0] = np.minimum(change[..., 0], HUES - change[..., 0])
    return float(change.mean())


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two arrays of one shape."""
    return float(np.abs(a.astype(np.int16) - b.astype(np.int16)).mean())


def hsv(pixels: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 hue, saturation, value."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)


def luminance(pixels: np.ndarray) -> np.ndarray:
    """(h, w) uint8."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
