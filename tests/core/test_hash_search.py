from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core import hash_search
from stages.core.hash_search import HASHES_EACH, by_hash, even_limit
from stages.core.phash import HALF, halves, hamming

EVEN, ODD = np.uint8(0b10101010), np.uint8(0b01010101)


def hashes(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def turned(row: np.ndarray, even: int, odd: int) -> np.ndarray:
    """A hash that differs in so many bits of each half."""
    bits = np.unpackbits(row)
    bits[0 : 2 * even : 2] ^= 1
    bits[1 : 2 * odd : 2] ^= 1
    return np.packbits(bits)


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return {(min(a, b), max(a, b)) for a, b in pairs.tolist()}


def by_rank(codes: np.ndarray, bits: int) -> set[tuple[int, int]]:
    """The nearest 32 of each hash, plain and mirrored, up to `bits` away and near by the even half, by sorting all."""
    found = set()
    even = hamming(codes[:, None] & EVEN, codes[None] & EVEN)
    for others in (codes, codes ^ ODD):
        distances = hamming(codes[:, None], others[None]).astype(int)
        distances[np.arange(len(codes)), np.arange(len(codes))] = 999
        distances[even > even_limit(bits)] = 999
        order = np.argsort(distances, axis=1, kind="stable")[:, :HASHES_EACH]
        near = {(row, int(other)) for row, best in enumerate(order) for other in best if distances[row, other] <= bits}
        found |= {tuple(sorted(pair)) for pair in near}
    return found


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_is_near_where_there_is_nothing_else(n: int) -> None:
    found = by_hash(hashes(n), 80)
    assert found.shape == (0, 2)
    assert found.dtype == np.int64


def test_plain_and_mirrored_ones_are_found_up_to_the_limit() -> None:
    codes = hashes(8)
    codes[3] = turned(codes[0], 32, 32)
    codes[5] = turned(codes[1], 32, 33)
    codes[6] = turned(codes[2], 10, HALF)  # its mirror image, and 10 bits
    codes[7] = turned(codes[4], 10, HALF - 55)
    assert as_set(by_hash(codes, 64)) == {(0, 3), (2, 6)}
    assert as_set(by_hash(codes, 65)) == {(0, 3), (1, 5), (2, 6), (4, 7)}


def test_what_differs_in_the_even_half_alone_is_missed_from_its_limit_on() -> None:
    codes = hashes(4)
    codes[2] = turned(codes[0], even_limit(80), 0)
    codes[3] = turned(codes[1], even_limit(80) + 1, 0)
    assert as_set(by_hash(codes, 80)) == {(0, 2)}


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 60), bits=st.integers(60, 140), seed=st.integers(0, 99))
def test_all_that_are_near_by_the_even_half_are_found(n: int, bits: int, seed: int) -> None:
    assert as_set(by_hash(hashes(n, seed), bits)) == by_rank(hashes(n, seed), bits)


@given(seed=st.integers(0, 99), differing=st.integers(0, 56))
def test_hardly_any_pair_differs_so_unevenly_that_it_is_missed(seed: int, differing: int) -> None:
    code = hashes(1, seed)[0]
    bits = np.unpackbits(code)
    bits[np.random.default_rng(seed).choice(256, differing, replace=False)] ^= 1
    assert as_set(by_hash(np.stack([code, np.packbits(bits)]), 80)) == {(0, 1)}


def test_many_equal_hashes_do_not_propose_all_pairs() -> None:
    assert len(as_set(by_hash(np.zeros((500, 32), np.uint8), 0))) <= 500 * HASHES_EACH


def test_the_halves_are_all_the_bits() -> None:
    a, b = hashes(50), hashes(50, 1)
    parts = [hamming(one, other) for one, other in zip(halves(a), halves(b), strict=True)]
    assert (parts[0] + parts[1] == hamming(a, b)).all()
    assert (parts[0] == hamming(a & EVEN, b & EVEN)).all()


@pytest.mark.parametrize(("at_once", "parts", "held"), [(1, 1, 1), (7, 3, 500), (8_192, 16, 1 << 24)])
@pytest.mark.parametrize("alike", [0, 60])
def test_the_same_are_found_however_many_are_compared_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: int, parts: int, held: int, alike: int
) -> None:
    sizes = {"QUERIES_AT_ONCE": at_once, "PARTS": parts, "FEWEST": at_once, "HELD": held}
    for name, value in sizes.items():
        monkeypatch.setattr(hash_search, name, value)
    codes = hashes(80)
    codes[:alike] = codes[0]
    found = by_hash(codes, 110)
    assert as_set(found) == by_rank(codes, 110)
