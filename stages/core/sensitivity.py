"""How much hangs on a threshold: how many images change sides when it moves by a tenth.

Where few do, the threshold might as well have been another; where many do, it deserves a look.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import QualityIssue

STEP = 0.1
"""How far a threshold is moved, as a share of it."""


@dataclass(frozen=True)
class Moved:
    """What moving one threshold does, in images.

    looser : so many more are flagged, moved the way that flags more.  stricter : so many fewer, the other way.
    """

    looser: int
    stricter: int


def moved(flagged_at: Callable[[float], np.ndarray], threshold: float) -> Moved:
    """How many images change sides when `threshold` goes a tenth up or down.

    Parameters
    ----------
    flagged_at : from a threshold to who is flagged, (n,) bool; grows or shrinks with it.
    threshold : of numbers from 0 to 1; a tenth more stops at 1.
    """
    now = flagged_at(threshold)
    lower, higher = (flagged_at(value) for value in around(threshold))
    return Moved(int(((lower | higher) & ~now).sum()), int((now & ~(lower & higher)).sum()))


def around(threshold: float) -> tuple[float, float]:
    """A tenth less, and a tenth more but at most 1."""
    return threshold * (1 - STEP), min(threshold * (1 + STEP), 1.0)


def of_quality(quality: pd.DataFrame, thresholds: Mapping[str, float | None]) -> dict[str, Moved]:
    """Per issue; nothing moves where an issue is switched off (None).

    Parameters
    ----------
    quality : the table; scores under their threshold are flagged.
    """
    found = {}
    for issue in QualityIssue:
        scores, threshold = quality[f"{issue}_score"].to_numpy(), thresholds[issue]
        found[str(issue)] = Moved(0, 0) if threshold is None else moved(lambda t, s=scores: s < t, threshold)
    return found


def of_outliers(outliers: pd.DataFrame, rate: float) -> Moved:
    """`outliers` : the table; q-values up to the rate are flagged, and where there is none nothing is."""
    q_values = outliers["q_value"].to_numpy(np.float32)
    return moved(lambda allowed: q_values <= np.float32(allowed), rate)


class NearCopies:
    """Which contents have a near copy at the thresholds in force, and which with one of them a tenth away.

    Told of every pair that is verified anyway, so nothing is looked at twice; pairs that only further copies would
    have suggested are not seen.

    Parameters
    ----------
    thresholds : by name, e.g. `threshold`, `threshold_pixels`.
    """

    def __init__(self, **thresholds: float) -> None:
        self._now = thresholds
        self._moved = {
            name: [thresholds | {name: value} for value in around(present)] for name, present in thresholds.items()
        }
        self._have: set[Hashable] = set()
        self._would: dict[str, tuple[set[Hashable], set[Hashable]]] = {name: (set(), set()) for name in thresholds}

    def add(self, pair: tuple[Hashable, Hashable], accept: Callable[..., bool]) -> None:
        """`accept` : whether the pair are copies, at the thresholds given by name."""
        if accept(**self._now):
            self._have.update(pair)
        for name, settings in self._moved.items():
            for would, setting in zip(self._would[name], settings, strict=True):
                if accept(**setting):
                    would.update(pair)

    def moved(self, items_of: Mapping[Hashable, int]) -> dict[str, Moved]:
        """By the name of the threshold: images that get a first near copy, and images that lose their last.

        Parameters
        ----------
        items_of : how many images show each content.
        """

        def images(contents: set[Hashable]) -> int:
            return sum(items_of[content] for content in contents)

        return {
            name: Moved(images((lower | higher) - self._have), images(self._have - (lower & higher)))
            for name, (lower, higher) in self._would.items()
        }

    def told(self, items_of: Mapping[Hashable, int]) -> dict[str, dict[str, float | int]]:
        """For a table's metadata: `value`, `looser` and `stricter` of each threshold, by name; see `moved`."""
        found = self.moved(items_of)
        return {name: {"value": value, **asdict(found[name])} for name, value in self._now.items()}
