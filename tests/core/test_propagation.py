"""Zero-shot labels that listen to their neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import propagation
from stages.core.propagation import best_labels, graph, over_root_of_sum, spread, walked
from stages.core.zero_shot import confidences, cosines

SCALE = 20.0


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def neighbours(pictures: np.ndarray, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) indices and cosines, nearest first."""
    found = pictures @ pictures.T
    np.fill_diagonal(found, -2)
    indices = np.argsort(-found, axis=1, kind="stable")[:, : min(k, len(pictures) - 1)]
    return indices, np.take_along_axis(found, indices, axis=1)


def kinds(size: int = 20, noise: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of three kinds around three texts, and which kind each is."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(3), size)
    return unit(np.eye(16)[kind] + rng.normal(0, noise, (len(kind), 16))), kind


def alone(pictures: np.ndarray, texts: np.ndarray) -> np.ndarray:
    return confidences(cosines(pictures, texts), SCALE)


def test_alone_a_picture_has_the_label_and_the_confidence_of_zero_shot() -> None:
    pictures, _ = kinds(noise=0.5)
    texts = unit(np.random.default_rng(1).normal(size=(7, 16)))
    best, confidence = best_labels(pictures, texts, SCALE, *neighbours(pictures), share=0)
    expected = alone(pictures, texts)
    assert (best == expected.argmax(axis=1)).all()
    assert confidence == pytest.approx(expected.max(axis=1), abs=1e-6)


def test_a_picture_that_its_own_text_misleads_follows_its_likes() -> None:
    pictures, kind = kinds(noise=0.05)
    texts = unit(np.eye(16)[:3])
    pictures[0] = unit(np.array([[1.0, 1.05] + [0] * 14]))  # of kind 0; its text says 1, by a hair
    indices, similarities = neighbours(pictures)
    indices[0] = [1, 2, 3, 4, 5]
    best, _ = best_labels(pictures, texts, SCALE, indices, similarities, share=0)
    assert best[0] == 1
    best, confidence = best_labels(pictures, texts, SCALE, indices, similarities, share=0.8)
    assert (best == kind).all()
    assert confidence[0] == pytest.approx(alone(pictures, texts)[0, 0], abs=1e-6)  # its own, not its neighbours'


def test_a_text_that_lies_near_to_all_pictures_does_not_take_all() -> None:
    pictures, kind = kinds(noise=0.05)
    loud = unit(np.array([[0.3, 0, 0] + [0] * 13, [1, 1.02, 1] + [0] * 13, [0, 0, 0.3] + [0] * 13]) + 0.3)
    without = (best_labels(pictures, loud, SCALE, *neighbours(pictures), share=0)[0] == kind).mean()
    heard = (best_labels(pictures, loud, SCALE, *neighbours(pictures), share=0.8)[0] == kind).mean()
    assert heard > without


def test_one_kind_alone_stays_one_kind() -> None:
    pictures = kinds()[0][:20]
    best, _ = best_labels(pictures, unit(np.eye(16)[:3]), SCALE, *neighbours(pictures), share=0.8)
    assert (best == 0).all()


def test_labels_in_parts_are_labels_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, _ = kinds(noise=0.6)
    texts = unit(np.random.default_rng(2).normal(size=(11, 16)))
    whole = best_labels(pictures, texts, SCALE, *neighbours(pictures), share=0.8)
    monkeypatch.setattr(propagation, "LABELS_AT_ONCE", 4)
    monkeypatch.setattr(propagation, "BLOCK", 7)
    parts = best_labels(pictures, texts, SCALE, *neighbours(pictures), share=0.8)
    assert (whole[0] == parts[0]).all()
    assert whole[1] == pytest.approx(parts[1], abs=1e-6)


@given(st.permutations(range(12)))
def test_the_order_of_the_pictures_plays_no_part(order: list[int]) -> None:
    pictures = kinds(size=4, noise=0.4)[0]
    texts = unit(np.eye(16)[:3])
    first, _ = best_labels(pictures, texts, SCALE, *neighbours(pictures), share=0.8)
    again, _ = best_labels(pictures[order], texts, SCALE, *neighbours(pictures[order]), share=0.8)
    assert (first[order] == again).all()


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("share", [0, 0.8])
def test_few_pictures(n: int, share: float) -> None:
    pictures = unit(np.eye(16)[:n]) if n else np.empty((0, 16), np.float32)
    found = neighbours(pictures) if n else (np.empty((0, 0), int), np.empty((0, 0), np.float32))
    best, confidence = best_labels(pictures, unit(np.eye(16)[:2]), SCALE, *found, share=share)
    assert best.tolist() == list(range(n))
    assert confidence.shape == (n,)


def test_equal_pictures_have_equal_labels() -> None:
    pictures = np.repeat(unit(np.ones((1, 16))), 6, axis=0)
    best, _ = best_labels(pictures, unit(np.eye(16)[:3] + 0.1), SCALE, *neighbours(pictures), share=0.8)
    assert len(set(best.tolist())) == 1


def test_the_graph_is_symmetric_and_never_lets_anything_grow() -> None:
    weights = graph(*neighbours(kinds(noise=0.5)[0])).toarray()
    assert weights == pytest.approx(weights.T)
    assert np.linalg.eigvalsh(weights).max() <= 1 + 1e-5


def test_a_walked_graph_is_the_same_graph_its_sums_to_the_last_bit() -> None:
    weights = graph(*neighbours(kinds(noise=0.5)[0]))
    again, order = walked(weights)
    assert sorted(order.tolist()) == list(range(60))
    assert (again.toarray() == weights.toarray()[order][:, order]).all()
    values = np.random.default_rng(0).random((60, 3)).astype(np.float32)
    assert (again @ values[order] == (weights @ values)[order]).all()


def test_neighbours_that_point_away_are_not_listened_to() -> None:
    weights = graph(np.array([[1], [0]]), np.array([[-0.5], [-0.5]], np.float32))
    assert not weights.toarray().any()


def test_spreading_reaches_its_fixed_point() -> None:
    weights = graph(*neighbours(kinds()[0]))
    own = np.random.default_rng(3).random((60, 3)).astype(np.float32)
    exact = np.linalg.solve(np.eye(60) - 0.8 * weights.toarray(), 0.2 * own)
    assert spread(weights, own, 0.8) == pytest.approx(exact, abs=1e-3)


def test_a_label_that_nobody_has_is_no_division_by_zero() -> None:
    assert np.isfinite(over_root_of_sum(np.zeros((3, 2), np.float32))).all()
