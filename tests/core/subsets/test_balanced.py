from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.subsets.balanced import balanced, divided, hierarchy, sizes
from tests.blobs import blobs
from tests.imports import ROOT
from tests.vectors import unit


@given(n=st.integers(0, 60), wanted=st.integers(0, 80), copies=st.integers(1, 3), seed=st.integers(0, 20))
def test_exactly_so_many_and_none_twice(n: int, wanted: int, copies: int, seed: int) -> None:
    vectors = np.repeat(unit(n, 5, seed), copies, axis=0)
    chosen = balanced(vectors, wanted, seed)
    assert len(chosen.rows) == len(set(chosen.rows.tolist())) == len(chosen.reasons) == min(wanted, len(vectors))


@given(room=st.lists(st.integers(0, 50), min_size=1, max_size=12), share=st.floats(0, 1))
def test_places_share_as_evenly_as_their_room_lets_them(room: list[int], share: float) -> None:
    room = np.array(room)
    wanted = round(share * room.sum())
    counts = divided(wanted, room)
    assert counts.sum() == wanted
    assert (counts >= 0).all()
    assert (counts <= room).all()
    with_room = counts[counts < room]
    if len(with_room):
        assert counts.max() <= with_room.min() + 1


def test_rare_kinds_get_more_than_their_share() -> None:
    sizes_of = [1_500, 300, 100, 50]
    vectors, kinds = blobs(sizes_of, spread=0.3), np.repeat(np.arange(4), sizes_of)
    counts = np.bincount(kinds[balanced(vectors, 200).rows], minlength=4)
    drawn = 200 * np.array(sizes_of) / sum(sizes_of)
    assert counts[0] < 0.75 * drawn[0]
    assert (counts[2:] > 2 * drawn[2:]).all()


def spread_over(kinds: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
    """The coefficient of variation of the kinds' counts, and the smallest count as a share of an even one."""
    counts = np.bincount(kinds[rows], minlength=kinds.max() + 1)
    return float(counts.std() / counts.mean()), float(counts.min() / counts.mean())


@pytest.mark.parametrize("seed", range(3))
def test_kinds_whose_sizes_follow_a_power_law_get_far_more_even_shares_than_a_draw_gives(seed: int) -> None:
    """Thirty kinds, 2,000 down to 34. Without first centres that lie apart, or with few cells on top, it fails."""
    sizes_of = [round(2_000 / place**1.2) for place in range(1, 31)]
    vectors, kinds = blobs(sizes_of, spread=0.3, d=64, seed=seed), np.repeat(np.arange(30), sizes_of)
    drawn, _ = spread_over(kinds, np.random.default_rng(seed).permutation(len(kinds))[:300])
    even, smallest = spread_over(kinds, balanced(vectors, 300, seed).rows)
    assert even < 0.4 * drawn
    assert smallest > 0


def test_levels_lead_from_every_row_to_the_top() -> None:
    levels = hierarchy(unit(2_000, 8), seed=0)
    assert [level.cells for level in levels] == sorted((level.cells for level in levels), reverse=True)
    assert len(levels[0].cell_of) == 2_000
    for below, above in pairwise(levels):
        assert len(above.cell_of) == below.cells
        assert set(above.cell_of) == set(range(above.cells))


@pytest.mark.parametrize(("n", "expected"), [(0, [1]), (1, [1]), (100, [6]), (1_000, [62]), (100_000, [1264, 316])])
def test_there_are_fewer_cells_on_each_level(n: int, expected: list[int]) -> None:
    assert sizes(n) == expected


@given(seed=st.integers(0, 5))
def test_a_seed_decides(seed: int) -> None:
    vectors = blobs([100, 30], spread=0.4)
    first, again = balanced(vectors, 20, seed), balanced(vectors, 20, seed)
    assert (first.rows == again.rows).all()
    assert first.reasons == again.reasons


THREADS = """
import sys, faiss
from stages.core.subsets.balanced import balanced
from tests.blobs import blobs
faiss.omp_set_num_threads(int(sys.argv[1]))
print(balanced(blobs([2000, 500], spread=0.4), 60).rows.tolist())
"""


def test_the_number_of_threads_does_not() -> None:
    told = {
        subprocess.run([sys.executable, "-c", THREADS, threads], cwd=ROOT, capture_output=True, check=True).stdout
        for threads in "12"
    }
    assert len(told) == 1


@pytest.mark.parametrize("vectors", [np.empty((0, 4), np.float32), unit(1, 4), np.repeat(unit(1, 4), 40, axis=0)])
def test_none_one_and_all_equal(vectors: np.ndarray) -> None:
    assert sorted(balanced(vectors, 100).rows.tolist()) == list(range(len(vectors)))
