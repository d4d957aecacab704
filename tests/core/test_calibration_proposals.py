"""What is said of a copy that is in no table must be what `proposals` says once it is in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core import proposals
from stages.core.calibration_proposals import HashIndex, by_cosine
from stages.core.hash_search import HASHES_EACH, by_hash
from stages.core.knn import nearest
from tests.vectors import unit


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in pairs}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 1000), st.floats(-0.5, 0.95), st.integers(1, 12), st.floats(0, 2))
def test_a_copy_is_proposed_by_cosine_as_if_it_were_in_the_graph(
    n: int, seed: int, cosine: float, neighbors: int, noise: float
) -> None:
    vectors = unit(n, 4, seed)
    row = seed % n
    copy = vectors[row] + noise * unit(1, 4, seed + 1)[0]
    copy = (copy / max(np.linalg.norm(copy), 1e-9)).astype(np.float32)
    width = 15
    _, similarities = nearest(vectors, width)
    cosines, proposed = by_cosine(copy[None], np.array([row]), vectors, similarities, cosine, neighbors)
    indices, known = nearest(np.vstack([vectors, copy]), width)
    near = proposals.by_cosine(indices, known, cosine, neighbors)
    expected = as_set(proposals.distinct(np.concatenate([near, proposals.mutual(indices)])))
    assert bool(proposed[0]) == ((row, n) in expected)
    assert cosines[0] == pytest.approx(float(vectors[row] @ copy), abs=1e-5)


ODD = np.uint8(0b01010101)


def hashes(n: int, seed: int, bits: int = 256) -> np.ndarray:
    """Of few different bits where `bits` is small, so that many lie close together."""
    found = np.random.default_rng(seed).integers(0, 2, (n, 256), dtype=np.uint8)
    found[:, bits:] = 0
    return np.packbits(found, axis=1)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 80), st.integers(0, 1000), st.sampled_from([8, 64, 256]), st.integers(0, 140))
def test_a_copy_is_proposed_by_hash_as_if_it_were_in_the_table(n: int, seed: int, bits: int, limit: int) -> None:
    plain = hashes(n, seed, bits)
    copy, row = hashes(1, seed + 2, bits)[0], seed % n
    found = HashIndex(plain, plain ^ ODD).proposes(copy, row, limit)
    pairs = as_set(proposals.distinct(by_hash(np.vstack([copy, plain]), limit)))
    there = (0, row + 1) in pairs
    assert there or not found, "never more than the table would propose"
    if n <= HASHES_EACH:
        assert there == found


def test_the_distance_is_to_the_nearer_side() -> None:
    plain, flipped = np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)
    copy = np.full(32, 255, np.uint8)
    copy[0] = 254
    assert HashIndex(plain, flipped).distance(copy, 0) == 1


def test_nearest_leaves_itself_and_the_far_out() -> None:
    plain = np.zeros((4, 32), np.uint8)
    plain[1, 0], plain[2, :2], plain[3] = 1, 255, 255
    index = HashIndex(plain, np.full((4, 32), 0x55, np.uint8))
    assert index.nearest(0, 5, 80) == [1, 2]
    assert index.nearest(0, 1, 80) == [1]
    assert index.nearest(0, 5, 0) == []


def test_no_neighbours_and_no_copies() -> None:
    cosines, proposed = by_cosine(
        np.empty((0, 4), np.float32), np.empty(0, np.int64), unit(3, 4), np.empty((3, 0), np.float32), 0.7, 10
    )
    assert len(cosines) == len(proposed) == 0
