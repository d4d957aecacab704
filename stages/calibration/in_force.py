"""The record's figures for duplicates, at the threshold in force, which `calibrate` does not know.

`duplicates.threshold` may be a number, and changing it must not make `calibrate` run again. So the record holds, for
each pair that was tried, the highest threshold at which it is accepted; the figures at any threshold follow from these.
"""

from __future__ import annotations

from collections.abc import Sequence

from stages.calibration.shares import share
from stages.contracts.calibration_record import Calibration, Duplicates, Mistakes, OwnPair, Share, Transform
from stages.core.intervals import proportion
from stages.core.trials import THRESHOLDS, Point, Trial, point

LOWEST = THRESHOLDS[0]
"""Figures of a lower threshold are those of this one: pairs that agree less were not kept."""


def in_force(record: Calibration, threshold: float) -> Calibration:
    """The record with the figures of duplicates at a threshold; `duplicates.threshold` stays what auto takes."""
    if threshold == record.duplicates.threshold:
        return record
    return record.model_copy(update={"duplicates": at(record.duplicates, threshold, record.sample)})


def at(copies: Duplicates, threshold: float, pictures: int) -> Duplicates:
    """The part on duplicates, with its figures at a threshold.

    Parameters
    ----------
    pictures : how many are in the sample.
    """
    measured = max(threshold, LOWEST)
    trials = [trial for number, one in enumerate(copies.transforms) for trial in _planted(number, one)]
    found = point(measured, trials, _mistakes(copies.mistakes), _own(copies.unconfirmed), pictures)
    transforms = [one.model_copy(update={"share": found_of(one.trials.levels, measured)}) for one in copies.transforms]
    return copies.model_copy(update={**shares(found), "transforms": transforms})


def shares(found: Point) -> dict[str, Share]:
    """The fields of `Duplicates` that change with the threshold, but for the kinds of copies."""
    return {
        "recall": share(found.recall),
        "precision": share(found.precision),
        "precision_at_most": share(found.at_most),
    }


def found_of(levels: Sequence[float], threshold: float) -> Share:
    """How many copies of one kind are found. There is one of each picture, so they are independent."""
    return share(proportion(sum(level >= threshold for level in levels), len(levels)))


def _planted(number: int, transform: Transform) -> list[Trial]:
    trials = transform.trials
    return [Trial(picture, level, kind=number) for picture, level in zip(trials.pictures, trials.levels, strict=True)]


def _mistakes(wrong: Mistakes) -> list[Trial]:
    return [Trial(*trial) for trial in zip(wrong.pictures, wrong.levels, wrong.above, strict=True)]


def _own(pairs: Sequence[OwnPair]) -> list[Trial]:
    return [Trial(pair.picture, pair.level) for pair in pairs]
