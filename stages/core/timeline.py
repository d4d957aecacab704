"""When a video shows what: from confidences at points in time to segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Segment:
    """A stretch of a video in which a label holds; times in seconds, confidences 0 to 1."""

    label: str
    start_s: float
    end_s: float
    peak: float
    peak_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def segments(
    times_s: np.ndarray,
    confidences: np.ndarray,
    labels: list[str],
    at_least: float = 0.5,
    end_s: float | None = None,
) -> list[Segment]:
    """Where each label holds, by time, then by label in the given order.

    A frame stands for the time until the next one; the last until the video's end, or, where that is not known, for as
    long as frames usually do. Two stretches of one label are one if there is no more between them than a frame usually
    stands for: one frame that says otherwise is passed over.

    Parameters
    ----------
    times_s : (n,) ascending.
    confidences : (n, k), a column per label.
    at_least : confidence from which a label holds.
    end_s : the video's end, seconds; None where it is not known.
    """
    if not len(times_s):
        return []
    ends = _ends(times_s, end_s)
    usual = float(np.median(ends - times_s))
    found = []
    for label, column in zip(labels, confidences.T, strict=True):
        for first, last in _stretches(times_s, ends, column >= at_least, usual):
            peak = first + int(column[first : last + 1].argmax())
            found.append(
                Segment(label, float(times_s[first]), float(ends[last]), float(column[peak]), float(times_s[peak]))
            )
    return sorted(found, key=lambda one: one.start_s)


def _ends(times_s: np.ndarray, end_s: float | None) -> np.ndarray:
    """Until when each frame stands."""
    if end_s is not None:
        return np.append(times_s[1:], max(end_s, times_s[-1]))
    steps = np.diff(times_s)
    usual = float(np.median(steps)) if len(steps) else 1.0
    return np.append(times_s[1:], times_s[-1] + usual)


def _stretches(starts: np.ndarray, ends: np.ndarray, holds: np.ndarray, gap: float) -> list[tuple[int, int]]:
    """First and last frame of each stretch that holds, those closer than `gap` joined."""
    rows: list[tuple[int, int]] = []
    for row in np.flatnonzero(holds).tolist():
        if rows and starts[row] - ends[rows[-1][1]] <= gap + 1e-9:
            rows[-1] = (rows[-1][0], row)
        else:
            rows.append((row, row))
    return rows
