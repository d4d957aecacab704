from __future__ import annotations

import numpy as np
import pytest

from stages.core import proposals
from stages.core.knn import nearest
from tests.vectors import unit


def hashes(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def flipped_bits(row: np.ndarray, count: int) -> np.ndarray:
    bits = np.unpackbits(row)
    bits[:count] ^= 1
    return np.packbits(bits)


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in pairs}


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_propose_what_there_is(n: int) -> None:
    indices, similarities = nearest(np.ones((n, 4), np.float32) / 2, 30)
    found = proposals.proposed(indices, similarities, hashes(n), 0.8, 10, 64)
    assert as_set(found) == ({(0, 1)} if n == 2 else set())
    assert found.dtype == np.int64


def test_the_graph_proposes_its_first_neighbours_from_the_cosine_on() -> None:
    indices = np.array([[1, 2], [0, 2], [1, 0]])
    similarities = np.array([[0.9, 0.5], [0.9, 0.85], [0.85, 0.5]])
    assert as_set(proposals.distinct(proposals.by_cosine(indices, similarities, 0.8, 2))) == {(0, 1), (1, 2)}
    assert as_set(proposals.distinct(proposals.by_cosine(indices, similarities, 0.8, 1))) == {(0, 1), (1, 2)}
    assert as_set(proposals.distinct(proposals.by_cosine(indices, similarities, 0.86, 2))) == {(0, 1)}


def test_each_others_best_are_proposed_however_far() -> None:
    indices = np.array([[1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4], [0, 1, 2, 4], [3, 0, 1, 2]])
    assert as_set(proposals.distinct(proposals.mutual(indices))) == {(a, b) for a in range(4) for b in range(a + 1, 4)}


def test_hashes_propose_in_their_own_right() -> None:
    plain = hashes(6)
    plain[3] = flipped_bits(plain[0], 64)
    no_graph = np.empty((6, 0), np.int32), np.empty((6, 0), np.float32)
    assert as_set(proposals.proposed(*no_graph, plain, 0.8, 10, 64)) == {(0, 3)}


def test_hamming_takes_the_nearer_of_plain_and_mirrored() -> None:
    plain, mirrored = hashes(2), hashes(2, 1)
    mirrored[1] = flipped_bits(plain[0], 7)
    assert proposals.hamming(plain, mirrored, np.array([[0, 1]])).tolist() == [7]
    assert proposals.hamming(plain, mirrored, np.empty((0, 2), np.int64)).tolist() == []


def test_copies_of_copies_are_looked_at() -> None:
    chain = np.array([[0, 1], [1, 2], [2, 3], [5, 6]])
    found = proposals.within_groups(chain, 8, np.zeros(8, str))
    assert as_set(found) == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}


def test_no_copies_suggest_nothing() -> None:
    assert proposals.within_groups(np.empty((0, 2), np.int64), 5, np.zeros(5, str)).shape == (0, 2)
    assert proposals.within_groups(np.empty((0, 2), np.int64), 0, np.zeros(0, str)).shape == (0, 2)


def test_a_large_group_is_not_squared_but_meets_every_other_split() -> None:
    n = 400
    chain = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    split = np.where(np.arange(n) < 300, "train", "test")
    found = proposals.within_groups(chain, n, split)
    assert len(found) <= n * proposals.PAIRS_EACH
    across = split[found[:, 0]] != split[found[:, 1]]
    assert set(found[across].ravel()) == set(range(n))


def test_copies_that_crowd_each_other_out_look_further() -> None:
    rng = np.random.default_rng(0)
    base = unit(3, 16)
    crowd = base[0] + rng.normal(0, 0.001, (20, 16))
    crop = base[0] + rng.normal(0, 0.1, (1, 16))
    vectors = np.concatenate([crowd, crop, base[1:]]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    indices, similarities = nearest(vectors, 5)
    labels = np.array([0] * 20 + [1, 2, 3])
    assert not (indices[:20] == 20).any(), "nobody in the crowd sees the crop"
    rows = proposals.crowded(indices, similarities, labels, 0.8)
    assert len(rows) == 2
    assert set(rows) <= set(range(20))
    found = proposals.beyond_groups(vectors, rows, labels, 0.8, 10)
    assert as_set(found) == {(int(row), 20) for row in rows}


def test_nobody_is_crowded_without_neighbours() -> None:
    assert len(proposals.crowded(np.empty((3, 0), int), np.empty((3, 0)), np.zeros(3), 0.8)) == 0
