from __future__ import annotations

import numpy as np
import pytest

from stages.core.knn import nearest
from stages.core.null_model import q_values
from stages.core.strangeness import Strangeness, strangeness
from tests.blobs import blobs, strangers, unit_rows


def looked_at(
    vectors: np.ndarray, sound: np.ndarray | None = None, groups: np.ndarray | None = None, k: int = 10
) -> Strangeness:
    n = len(vectors)
    return strangeness(
        vectors,
        *nearest(vectors, 30),
        np.arange(n) if groups is None else groups,
        np.full(n, -1),
        np.full(n, -1),
        np.ones(n, bool) if sound is None else sound,
        k,
    )


def clump(n: int, likeness: float, seed: int = 5) -> np.ndarray:
    """Strangers that resemble each other."""
    return unit_rows(strangers(1, d=64) + (1 - likeness) * strangers(n, d=64, seed=seed))


def test_strangers_that_resemble_each_other_are_no_witnesses_for_each_other() -> None:
    vectors = np.concatenate([blobs([150], d=64), clump(8, 0.1)])
    found = looked_at(vectors)
    assert not found.standing[150:].any()
    assert (found.standing[:150] > 0).mean() > 0.95
    assert not np.isin(found.around.indices[150:], np.arange(150, 158)).any()
    assert (q_values(found.p_values())[150:] <= 0.1).all()
    alone = looked_at(np.concatenate([blobs([150], d=64), clump(8, 0.1)[:1]]))
    assert found.around.distance[150] == pytest.approx(alone.around.distance[150], abs=0.02)


def test_pictures_with_a_known_defect_are_witnesses_for_each_other_only() -> None:
    sound = np.arange(120) >= 30
    found = looked_at(blobs([120], d=64), sound)
    assert not np.isin(found.around.indices[sound], np.arange(30)).any()
    assert np.isin(found.around.indices[~sound], np.arange(30)).any()
    assert np.isin(found.around.indices[~sound], np.arange(30, 120)).any()
    assert np.isfinite(found.p_values()).all()
    assert found.null.n == 90


def test_a_defect_that_many_have_excuses_them_but_not_a_sound_stranger_beside_them() -> None:
    vectors = np.concatenate([blobs([150], d=64), clump(25, 0.8)])
    q = q_values(looked_at(vectors, np.r_[np.ones(150, bool), np.zeros(24, bool), True]).p_values())
    assert q[-1] <= 0.1
    assert (q[150:-1] > 0.1).mean() > 0.7


def test_under_fifty_there_is_one_look_and_no_p_value() -> None:
    found = looked_at(blobs([40], d=64))
    assert not found.is_fitted
    assert np.isnan(found.p_values()).all()
    assert found.standing.all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n: int) -> None:
    found = looked_at(blobs([n], d=8) if n else np.empty((0, 8), np.float32))
    assert found.values.shape == (n,)
    assert np.isnan(found.values).all() == (n < 2)


def test_equal_rows_are_all_usual() -> None:
    found = looked_at(np.repeat(blobs([1], d=16), 70, axis=0))
    assert (q_values(found.p_values()) > 0.1).all()


def test_copies_of_one_picture_alone_have_no_neighbour() -> None:
    found = looked_at(np.repeat(blobs([1], d=16), 70, axis=0), groups=np.zeros(70, int))
    assert np.isnan(found.p_values()).all()
