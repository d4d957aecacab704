"""How much is planted: all from so many images on that it tells of every kind, and of a small data set less.

Else most of a run on few images would go into what they can hardly tell: copies of one picture stand and fall together,
so more copies of each make little surer; and a kind of copy of which there are fewer than 30 tells nothing by itself.
"""

from __future__ import annotations

from stages.core.alterations import ALTERATIONS, allotted

LEAST_UP_TO, FULL_FROM = 50, 250
"""Images up to which as little as may be is planted, and from which on all of it; between them in proportion."""
COPIES_EACH = 32
"""Copies of each kind and strength, as far as there are pictures: 30 remain where some make no sense."""
DEFECTS_EACH = 40
"""Sound pictures, at most, that each defect is planted in: 30 remain where many have it already."""
LEAST_SHARE = 0.5
"""Share of the alterations that each picture gets, so that a larger sample makes every figure surer."""
FEWEST_COPIES, FEWEST_SPOILT = 1, 2
"""Copies of each picture of the sample, and pictures that defects are planted in, however few images there are: of
fewer than 30 spoilt pictures nothing is concluded."""


def is_full(images: int) -> bool:
    """Whether all is planted."""
    return _effort(images) == 1


def to_plant(images: int, sampled: int) -> list[list[int]]:
    """Numbers of the alterations of each of so many sampled pictures, out of so many images."""
    least = max(_effort(images) * LEAST_SHARE, FEWEST_COPIES / len(ALTERATIONS))
    return allotted(sampled, len(ALTERATIONS), _effort(images) * COPIES_EACH, least)


def most_spoilt(images: int, sampled: int) -> int:
    """How many pictures defects are planted in, at most."""
    return max(int(_effort(images) * max(DEFECTS_EACH, LEAST_SHARE * sampled)), FEWEST_SPOILT)


def _effort(images: int) -> float:
    return min(max((images - LEAST_UP_TO) / (FULL_FROM - LEAST_UP_TO), 0), 1)
