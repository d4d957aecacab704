from __future__ import annotations

import numpy as np
import pytest

from stages.contracts.vocabulary import NOISE
from stages.core.calibration_outliers import (
    LEAST_MEMBERS,
    MOST_GROUPS,
    MOST_MEMBERS,
    held_out,
    nearest_cosine,
    not_foreign,
    quarters,
)
from tests.vectors import content_ids, unit


def test_groups_of_fair_size_are_held_out_and_noise_is_none() -> None:
    groups = np.repeat([NOISE, 0, 1, 2], [100, LEAST_MEMBERS - 1, LEAST_MEMBERS, 40])
    found = dict(held_out(groups, content_ids(len(groups)), 0))
    assert set(found) == {1, 2}
    for number, rows in found.items():
        assert (groups[rows] == number).all()
        assert len(set(rows.tolist())) == len(rows) <= MOST_MEMBERS


def test_more_than_half_of_all_is_no_stranger() -> None:
    groups = np.repeat([0, 1], [60, 40])
    assert [number for number, _ in held_out(groups, content_ids(100), 0)] == [1]


def test_a_few_of_many_groups_the_same_each_time() -> None:
    groups = np.repeat(np.arange(20), 20)
    first, again, other = ([number for number, _ in held_out(groups, content_ids(400), seed)] for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == MOST_GROUPS


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_pictures_have_no_group(n: int) -> None:
    assert list(held_out(np.zeros(n, np.int64), content_ids(n), 0)) == []


def test_nearest_cosine_in_blocks() -> None:
    planted, vectors = unit(150, 8, 1), unit(30, 8, 2)
    assert nearest_cosine(planted, vectors) == pytest.approx((planted @ vectors.T).max(axis=1), abs=1e-6)
    assert len(nearest_cosine(planted[:0], vectors)) == 0


def test_a_photograph_is_left_out_with_all_its_parts() -> None:
    similarities = np.full((10, 3), 0.8)
    photographs = np.repeat(np.arange(8), 2)
    cosines = np.full(16, 0.3)
    cosines[5] = 0.85
    assert np.flatnonzero(not_foreign(cosines, photographs, similarities)).tolist() == [4, 5]


def test_none_is_foreign_where_many_are_there_already() -> None:
    cosines = np.where(np.arange(9) < 4, 0.9, 0.1)
    assert not_foreign(cosines, np.arange(9), np.full((10, 3), 0.8)).all()


def test_without_neighbours_all_are_foreign() -> None:
    assert not not_foreign(np.ones(3), np.arange(3), np.empty((1, 0))).any()


def test_quarters_are_the_picture_cut_in_four() -> None:
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    one, two, three, four = quarters(pixels)
    assert (np.concatenate([np.concatenate([one, two], 1), np.concatenate([three, four], 1)]) == pixels).all()
