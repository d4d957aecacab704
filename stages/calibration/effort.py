"""How much is planted: everything from `FULL_FROM` images on, and less in a smaller data set.

Few images allow few conclusions, however much is planted in them: copies of one picture are found or missed together,
so more copies of each add little; and of a kind with fewer than 30 copies nothing is concluded. Without this, most of a
run on a small data set would go into calibration.
"""

from __future__ import annotations

from stages.core.alterations import ALTERATIONS, allotted

LEAST_UP_TO, FULL_FROM = 50, 250
"""Images up to which the least is planted, and from which on everything is; in between, in proportion."""
COPIES_EACH = 32
"""Copies of each kind and strength, as far as there are pictures: two more than the 30 that are needed, since some
alterations make no sense on some pictures."""
DEFECTS_EACH = 40
"""Sound pictures, at most, that each defect is planted in: ten more than the 30 that are needed, since some have the
defect already."""
LEAST_SHARE = 0.5
"""Share of the alterations that each picture gets, so that a larger sample makes every figure surer."""
FEWEST_COPIES, FEWEST_SPOILT = 1, 2
"""Copies of each picture of the sample, and pictures that defects are planted in, at least: more would be of no use, as
nothing is concluded from fewer than 30 pictures."""


def is_full(images: int) -> bool:
    """Whether everything is planted."""
    return _effort(images) == 1


def to_plant(images: int, sampled: int) -> list[list[int]]:
    """The alterations, by number, to plant of each sampled picture.

    Parameters
    ----------
    images : distinct contents of the data set.  sampled : pictures of the sample.
    """
    least = max(_effort(images) * LEAST_SHARE, FEWEST_COPIES / len(ALTERATIONS))
    return allotted(sampled, len(ALTERATIONS), _effort(images) * COPIES_EACH, least)


def most_spoilt(images: int, sampled: int) -> int:
    """How many pictures defects are planted in, at most; parameters as in `to_plant`."""
    return max(int(_effort(images) * max(DEFECTS_EACH, LEAST_SHARE * sampled)), FEWEST_SPOILT)


def _effort(images: int) -> float:
    return min(max((images - LEAST_UP_TO) / (FULL_FROM - LEAST_UP_TO), 0), 1)
