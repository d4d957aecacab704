from __future__ import annotations

import numpy as np
import pytest

from stages.core.knn import nearest
from stages.core.null_model import q_values
from stages.core.planted_outliers import PlantedFlags, flag_planted
from tests.blobs import blobs, strangers
from tests.core.test_strangeness import looked_at


def planted_in(vectors: np.ndarray, planted: np.ndarray, clusters: np.ndarray | None = None, **more) -> PlantedFlags:
    return flag_planted(vectors, *nearest(vectors, 30), planted, 10, 0.1, clusters, **more)


def test_strangers_are_flagged_and_the_like_are_not() -> None:
    all_of_them = blobs([230], 0.3, d=64)
    vectors, like = all_of_them[:200], all_of_them[200:]
    flags = planted_in(vectors, np.concatenate([strangers(12, d=64), like]))
    assert flags.fitted
    assert flags.flagged[:12].all()
    assert flags.flagged[12:].mean() < 0.1
    assert flags.false_share <= 0.02
    np.testing.assert_array_equal(flags.flagged, flags.q_values <= 0.1)


@pytest.mark.parametrize("seed", range(4))
def test_each_is_judged_as_if_it_had_been_there(seed: int) -> None:
    vectors = blobs([150], 0.4, d=64, seed=seed)
    planted = np.concatenate([strangers(3, d=64, seed=seed), blobs([6], 0.9, d=64, seed=seed + 50)])
    flags = planted_in(vectors, planted)
    for row, one in enumerate(planted):
        there = q_values(looked_at(np.concatenate([vectors, one[None]])).p_values())[-1]
        assert flags.flagged[row] == (there <= 0.1) or 0.03 < there < 0.3


def test_planted_ones_are_no_neighbours_of_each_other() -> None:
    vectors = blobs([150], d=64)
    same = np.repeat(strangers(1, d=64), 20, axis=0)
    flags = planted_in(vectors, same)
    assert flags.flagged.all()
    assert len(set(flags.q_values)) == 1


def test_more_at_once_pass_more_easily() -> None:
    vectors = blobs([150], 0.5, d=64)
    planted = strangers(20, d=64)
    alone, together = planted_in(vectors, planted), planted_in(vectors, planted, at_once=20)
    assert (together.q_values <= alone.q_values + 1e-12).all()
    assert together.q_values.sum() < alone.q_values.sum()


def test_a_copy_of_an_item_is_not_flagged() -> None:
    vectors = np.concatenate([blobs([150], d=64), np.repeat(strangers(1, d=64), 12, axis=0)])
    assert not planted_in(vectors, vectors[:5]).flagged.any()
    assert not planted_in(vectors, vectors[-1:]).flagged.any()


def test_pictures_with_a_defect_are_no_witnesses() -> None:
    vectors = np.concatenate([blobs([150], d=64), strangers(1, d=64) + np.zeros((15, 1), np.float32)])
    usual = np.r_[np.ones(150, bool), np.zeros(15, bool)]
    assert planted_in(vectors, vectors[-1:], usual=usual).flagged.all()
    assert not planted_in(vectors, vectors[-1:]).flagged.any()


def test_one_of_a_cluster_that_lies_apart_is_judged_within_it() -> None:
    all_of_them = blobs([150, 32], [0.05, 0.5], d=64)
    vectors, like = all_of_them[:175], all_of_them[175:]
    clusters = np.repeat([0, 1], [150, 25])
    assert planted_in(vectors, like, clusters).flagged.sum() < planted_in(vectors, like).flagged.sum()


@pytest.mark.parametrize("n", [0, 1, 2, 49])
def test_too_few_items_flag_nothing(n: int) -> None:
    vectors = blobs([n], d=64) if n else np.empty((0, 64), np.float32)
    flags = planted_in(vectors, strangers(3, d=64))
    assert not flags.fitted
    assert flags.flagged.tolist() == [False] * 3
    assert np.isnan(flags.q_values).all()
    assert flags.false_share == 0


@pytest.mark.parametrize("at_once", [1, 3])
def test_nothing_planted(at_once: int) -> None:
    flags = planted_in(blobs([80], d=64), np.empty((0, 64), np.float32), at_once=at_once)
    assert flags.flagged.shape == flags.q_values.shape == (0,)
