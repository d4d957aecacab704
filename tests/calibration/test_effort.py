from __future__ import annotations

from collections import Counter

from stages.calibration import effort
from stages.core.alterations import ALTERATIONS


def test_from_so_many_images_on_all_is_planted() -> None:
    full = effort.to_plant(effort.FULL_FROM, 64)
    assert effort.to_plant(10**6, 64) == full
    assert min(map(len, full)) >= 13
    assert min(Counter(number for numbers in full for number in numbers).values()) >= effort.COPIES_EACH
    assert effort.most_spoilt(10**6, 64) == effort.DEFECTS_EACH


def test_of_few_images_less_is_but_of_each_kind_and_each_picture() -> None:
    few = effort.to_plant(effort.LEAST_UP_TO, 50)
    assert {len(numbers) for numbers in few} == {effort.FEWEST_COPIES}
    assert {number for numbers in few for number in numbers} == set(range(len(ALTERATIONS)))
    assert effort.most_spoilt(5, 5) == effort.FEWEST_SPOILT


def test_it_grows_with_the_images() -> None:
    copies = [sum(map(len, effort.to_plant(images, 64))) for images in range(0, 600, 20)]
    assert copies == sorted(copies)
    assert copies[0] < copies[6] < copies[-1]
    assert not effort.is_full(effort.FULL_FROM - 1)
    assert effort.is_full(effort.FULL_FROM)


def test_of_nothing_nothing_is_planted() -> None:
    assert effort.to_plant(0, 0) == []
