"""How much is planted: of a small data set less, in proportion.

Else most of a run on few images would go into what they can hardly tell: copies of one picture stand and fall together.
"""

from __future__ import annotations

from stages.core.alterations import ALTERATIONS, allotted

FULL_FROM = 500
"""Images from which on all is planted."""
COPIES_EACH = 36
"""Copies of each kind and strength, as far as there are pictures: 30 remain where some make no sense."""
DEFECTS_EACH = 40
"""Sound pictures, at most, that each defect is planted in."""
LEAST_SHARE = 0.55
"""Share of the alterations that each picture gets, so that a larger sample makes every figure surer."""
FEWEST_COPIES, FEWEST_SPOILT = 2, 2
"""Copies of each picture of the sample, and pictures that defects are planted in, however few images there are: of
fewer than 30 spoilt pictures nothing is concluded."""


def to_plant(images: int, sampled: int) -> list[list[int]]:
    """Numbers of the alterations of each of so many sampled pictures, out of so many images."""
    least = max(_effort(images) * LEAST_SHARE, FEWEST_COPIES / len(ALTERATIONS))
    return allotted(sampled, len(ALTERATIONS), _effort(images) * COPIES_EACH, least)


def most_spoilt(images: int, sampled: int) -> int:
    """How many pictures defects are planted in, at most."""
    return max(int(_effort(images) * max(DEFECTS_EACH, LEAST_SHARE * sampled)), FEWEST_SPOILT)


def _effort(images: int) -> float:
    return min(images / FULL_FROM, 1)
