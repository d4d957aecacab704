from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.vocabulary import NOISE
from stages.core import joining as module
from stages.core.joining import ENTANGLED, adopt, elected, merge


def test_noise_joins_the_cluster_of_most_neighbours_step_by_step() -> None:
    labels = np.array([0, 0, 0, NOISE, NOISE, NOISE])
    indices = np.array([[1, 2], [0, 2], [0, 1], [0, 5], [3, 5], [4, 4]])
    free = np.array([True, True, True, True, True, False])
    found, strengths = adopt(labels, np.array([1, 0.5, 1, 0, 0, 0]), indices, free)
    assert found.tolist() == [0, 0, 0, 0, 0, NOISE]
    assert strengths.tolist() == [1, 0.5, 1, 0.25, 0.25, 0]


def test_entangled_clusters_are_one_and_noise_stays() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2, NOISE])
    indices = np.array([[1, 2], [0, 2], [3, 0], [2, 1], [5, 5], [4, 4], [0, 4]])
    assert merge(labels, indices).tolist() == [0, 0, 0, 0, 2, 2, NOISE]
    assert merge(np.full(7, NOISE), indices).tolist() == [NOISE] * 7


@given(st.lists(st.lists(st.integers(-1, 3), min_size=4, max_size=4), min_size=1, max_size=12))
def test_who_is_elected_has_most_votes_and_the_lowest_number_of_equal_ones(votes: list[list[int]]) -> None:
    labels = np.array(votes).ravel()
    winner, share = elected(labels, np.arange(len(labels)).reshape(-1, 4), np.arange(len(votes)))
    for row, own in enumerate(votes):
        counts = [own.count(number) for number in range(4)]
        assert share[row] == max(counts) / 4
        assert winner[row] == (counts.index(max(counts)) if max(counts) else NOISE)


def test_votes_are_counted_in_blocks(monkeypatch) -> None:
    labels, voters = np.tile([0, 1, 1, NOISE], 5), np.random.default_rng(0).integers(0, 20, (20, 3))
    whole = elected(labels, voters, np.arange(20))
    monkeypatch.setattr(module, "BLOCK", 3)
    np.testing.assert_array_equal(whole, elected(labels, voters, np.arange(20)))


def merged_by_table(labels: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The same as `merge`, by a table of all clusters, looked through anew for each pair."""
    count = int(labels.max(initial=NOISE)) + 1
    links = np.zeros((count, count))
    for row, others in enumerate(indices):
        for other in others:
            if NOISE not in (labels[row], labels[other]):
                links[labels[row], labels[other]] += 0.5
                links[labels[other], labels[row]] += 0.5
    merged = labels.copy()
    while count > 1:
        degree = np.maximum(links.sum(axis=1), 1)
        shares = links / np.minimum.outer(degree, degree)
        np.fill_diagonal(shares, 0)
        one, other = sorted(np.unravel_index(shares.argmax(), shares.shape))
        if shares[one, other] < ENTANGLED:
            break
        for axis in (links, links.T):
            axis[one] += axis[other]
            axis[other] = 0
        merged[merged == other] = one
    return merged


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(5, 60))
def test_merging_is_what_a_table_of_all_clusters_says(seed: int, clusters: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(clusters), rng.integers(NOISE, clusters, n)])
    # Mostly neighbours of the same cluster, so that shares lie on both sides of the line.
    near = [rng.choice(np.flatnonzero(labels == label) if rng.random() < 0.7 else len(labels), 4) for label in labels]
    np.testing.assert_array_equal(merge(labels, np.array(near)), merged_by_table(labels, np.array(near)))
