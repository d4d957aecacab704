from __future__ import annotations

import numpy as np

from stages.core.content_sample import reduced, sample
from stages.core.quality import WORKING_SIDE
from tests.vectors import content_ids


def test_one_picture_more_changes_at_most_one_of_the_sample() -> None:
    ids = content_ids(200).tolist()
    before = {ids[row] for row in sample(ids, 0, 20)}
    more = sorted([*ids, "f" * 32])
    after = {more[row] for row in sample(more, 0, 20)}
    assert len(before) == 20
    assert len(before - after) <= 1
    assert before != {ids[row] for row in sample(ids, 1, 20)}


def test_a_sample_of_few_is_all_of_them() -> None:
    assert sample([], 0, 5) == []
    assert sample(content_ids(3).tolist(), 0, 5) == [0, 1, 2]


def test_large_pictures_are_made_small_and_small_ones_left() -> None:
    assert reduced(np.zeros((2 * WORKING_SIDE, 3 * WORKING_SIDE, 3), np.uint8)).shape[0] == WORKING_SIDE
    small = np.zeros((10, 900, 3), np.uint8)
    assert reduced(small) is small
