from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from stages.contracts.vocabulary import NOISE
from stages.core.density_leaves import density_leaves


def tree_of(above: list[int], distances: np.ndarray) -> csr_matrix:
    """Each item but the first hangs on one before it."""
    below = np.arange(1, len(above) + 1)
    size = (len(below) + 1,) * 2
    half = csr_matrix((distances, (above, below)), shape=size)
    return (half + half.T).tocsr()


def random_tree(n: int, seed: int) -> csr_matrix:
    """Dense places some way apart. No two edges are of one length: of such, either may come first."""
    rng = np.random.default_rng(seed)
    above = [int(rng.integers(max(place - 4, 0), place)) for place in range(1, n)]
    return tree_of(above, rng.permutation(n - 1) + rng.uniform(0.1, 0.9, n - 1))


@settings(max_examples=40, deadline=None)
@given(st.integers(12, 150), st.integers(0, 1000), st.integers(2, 9))
def test_they_are_those_of_the_package(n: int, seed: int, least: int) -> None:
    from hdbscan import HDBSCAN

    tree = random_tree(n, seed)
    labels, strengths = density_leaves(tree, least)
    theirs = HDBSCAN(min_cluster_size=least, min_samples=1, metric="precomputed", cluster_selection_method="leaf").fit(
        tree
    )
    assert ((labels == NOISE) == (theirs.labels_ == NOISE)).all()
    pairs = set(zip(labels.tolist(), theirs.labels_.tolist(), strict=True))
    assert len(pairs) == len(set(labels.tolist())) == len(set(theirs.labels_.tolist()))
    np.testing.assert_allclose(strengths, theirs.probabilities_)


def test_two_dense_places_are_two_leaves_the_denser_first() -> None:
    # 0 1 2 close together, 3 hangs on them; 4 5 6 closer; 7 joins when the two are one.
    tree = tree_of([0, 1, 2, 3, 4, 5, 6], np.array([0.5, 0.5, 1.0, 9.0, 0.1, 0.1, 9.5]))
    labels, strengths = density_leaves(tree, 3)
    assert labels.tolist() == [1, 1, 1, 1, 0, 0, 0, NOISE]
    assert strengths.tolist() == pytest.approx([1, 1, 1, 0.5, 1, 1, 1, 0])


def test_one_dense_place_is_no_cluster() -> None:
    labels, strengths = density_leaves(tree_of([0, 1, 2], np.array([0.1, 0.2, 0.3])), 2)
    assert set(labels.tolist()) == {NOISE}
    assert not strengths.any()


def test_labels_are_numbered_without_a_gap() -> None:
    labels, strengths = density_leaves(random_tree(3000, 1), 5)
    assert set(labels.tolist()) == set(range(-1, labels.max() + 1))
    assert ((strengths > 0) == (labels != NOISE)).all()
    assert strengths.max() <= 1
