"""Wrong labels among right ones."""

from __future__ import annotations

import numpy as np
import pytest

from stages.core import label_errors
from stages.core.label_errors import (
    FOLDS,
    Seen,
    counted_suspects,
    folds,
    judge,
    judgeable,
    log_loss,
    out_of_sample,
    principal_axes,
    probabilities,
    seen_out_of_sample,
)
from stages.engines.local import mapping


def clusters(per_class: int = 30, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (n, 16) in so many directions, and the name of each row's direction."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(classes, 16))
    vectors = np.repeat(directions, per_class, axis=0) + 0.3 * rng.normal(size=(classes * per_class, 16))
    names = np.repeat([f"class {i}" for i in range(classes)], per_class).astype(object)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), names


def alone(n: int) -> np.ndarray:
    return np.arange(n)


def test_flipped_labels_are_found_and_the_right_one_is_suggested() -> None:
    vectors, labels = clusters()
    given = labels.copy()
    flipped = [3, 40, 77]
    given[flipped] = ["class 1", "class 2", "class 0"]
    found = judge(vectors, given, alone(len(given)))
    assert set(np.argsort(found.score)[:3]) == set(flipped)
    assert found.is_issue[flipped].all()
    assert found.is_issue.sum() <= 5
    assert list(found.suggested[flipped]) == list(labels[flipped])


def test_clean_labels_are_left_alone() -> None:
    vectors, labels = clusters()
    found = judge(vectors, labels, alone(len(labels)))
    assert not found.is_issue.any()
    assert (found.suggested == labels).all()


def test_rows_without_a_label_are_not_judged() -> None:
    vectors, labels = clusters()
    labels[:4] = None
    found = judge(vectors, labels, alone(len(labels)))
    assert np.isnan(found.score[:4]).all()
    assert list(found.suggested[:4]) == [None] * 4
    assert not found.is_issue[:4].any()
    assert not np.isnan(found.score[4:]).any()


def test_a_class_of_one_picture_and_its_copies_is_not_judged() -> None:
    vectors, labels = clusters()
    labels[:2] = "rare"
    groups = alone(len(labels))
    assert judgeable(labels, groups)[:2].all()
    groups[1] = groups[0]
    assert not judgeable(labels, groups)[:2].any()
    assert np.isnan(judge(vectors, labels, groups).score[:2]).all()


def test_copies_are_never_on_both_sides() -> None:
    # Each picture is there twice, with a label of its own kind of nonsense: only a copy could tell it.
    rng = np.random.default_rng(0)
    half = 5 * rng.normal(size=(60, 128)).astype(np.float32)
    given = rng.integers(0, 2, 60)
    vectors, both, groups = np.vstack([half, half]), np.tile(given, 2), np.tile(np.arange(60), 2)
    fair = out_of_sample(vectors, 1.0, both, groups, 2, 0)[np.arange(120), both]
    leaking = out_of_sample(vectors, 1.0, both, np.arange(120), 2, 0)[np.arange(120), both]
    assert fair.mean() < 0.55
    assert leaking.mean() > fair.mean() + 0.15


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "a"], ["a", "b"], ["a", "a", "b"], [None, None]])
def test_too_few_to_judge(labels: list) -> None:
    vectors = np.eye(16, dtype=np.float32)[: len(labels)]
    found = judge(vectors, np.array(labels, object), alone(len(labels)))
    assert np.isnan(found.score).all()
    assert not found.is_issue.any()


def test_two_small_classes_and_equal_rows_do_not_break() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:1], 6, axis=0)
    found = judge(vectors, np.array(list("aaabbb"), object), alone(6))
    assert np.isfinite(found.score).all()


def test_probabilities_add_up() -> None:
    vectors, labels = clusters(classes=4)
    given = np.unique(labels.astype(str), return_inverse=True)[1]
    found = probabilities(vectors, given, alone(len(labels)), 4, 0)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("held", [0, label_errors.MOST_HELD])
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(label_errors, "MOST_HELD", held)
    vectors, labels = clusters(per_class=40, classes=6, seed=2)
    one, two = (judge(vectors, labels, alone(len(labels)), each=each) for each in (map, mapping(2)))
    for mine, other in zip(vars(one).values(), vars(two).values(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_what_does_not_fit_into_memory_is_judged_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = clusters(per_class=60, classes=8, seed=3)
    wrong = np.random.default_rng(1).permutation(len(labels))[:24]
    given = labels.copy()
    given[wrong] = np.roll(labels, 60)[wrong]
    given[:3] = [None, "alone", None]
    # The scale is chosen by fewer rows then, and could be another.
    monkeypatch.setattr(label_errors, "SCALES", (5.0,))
    whole = judge(vectors, given, alone(len(given)))
    monkeypatch.setattr(label_errors, "MOST_HELD", 0)
    monkeypatch.setattr(label_errors, "AT_ONCE", 100)
    parts = judge(vectors, given, alone(len(given)))
    np.testing.assert_allclose(parts.score, whole.score, atol=1e-9)
    np.testing.assert_allclose(parts.confidence, whole.confidence, atol=1e-9)
    np.testing.assert_array_equal(parts.suggested, whole.suggested)
    assert whole.is_issue.sum() >= 20
    assert (parts.is_issue != whole.is_issue).sum() <= 1


def test_of_much_that_does_not_fit_the_scale_is_that_of_the_first_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = clusters(per_class=60, classes=8, seed=3)
    given = np.unique(labels.astype(str), return_inverse=True)[1]
    monkeypatch.setattr(label_errors, "AT_ONCE", 100)
    found = seen_out_of_sample(vectors, given, alone(len(given)), 8, 0)
    axes, all_rows = principal_axes(vectors), np.arange(len(given))
    first = folds(given, all_rows, 0) == 0
    tries = [out_of_sample(axes, scale, given, all_rows, 8, 0) for scale in label_errors.SCALES]
    best = min(tries, key=lambda one: log_loss(one[first, given[first]]))
    np.testing.assert_allclose(found.given, best[all_rows, given], atol=1e-6)


def test_nobody_is_suspect_where_all_show_their_class() -> None:
    seen = Seen(np.array([0.9, 0.8, 0.9]), np.array([0, 1, 1]), np.array([0.9, 0.8, 0.9]))
    assert not counted_suspects(seen, np.array([0, 1, 1])).any()


def test_the_axes_keep_the_distances_of_few_dimensions() -> None:
    vectors, _ = clusters()
    placed = principal_axes(vectors)
    np.testing.assert_allclose(
        np.linalg.norm(placed[0] - placed[1]), np.linalg.norm(vectors[0] - vectors[1]), rtol=1e-4
    )


def test_an_impossible_label_costs_much_but_not_everything() -> None:
    assert log_loss(np.array([0.0])) == pytest.approx(13.8, abs=0.1)


def test_the_same_seed_judges_the_same() -> None:
    vectors, labels = clusters(seed=4)
    first, second = (judge(vectors, labels, alone(len(labels)), seed=1) for _ in range(2))
    np.testing.assert_array_equal(first.score, second.score)


def test_folds_keep_copies_together_and_deal_classes_out_evenly() -> None:
    rng = np.random.default_rng(0)
    given, groups = rng.integers(0, 4, 400), rng.integers(0, 300, 400)
    found = folds(given, groups, 0)
    for group in np.unique(groups):
        assert len(set(found[groups == group])) == 1
    alone = folds(given, np.arange(400), 0)
    for number in range(4):
        counts = np.bincount(alone[given == number], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1


def test_small_classes_do_not_share_a_fold() -> None:
    assert sorted(folds(np.repeat(np.arange(5), 1), np.arange(5), 0)) == list(range(FOLDS))


def test_four_pictures_of_two_classes_are_judged() -> None:
    vectors, labels = clusters(per_class=2, classes=2)
    found = judge(vectors, labels, alone(4))
    assert not np.isnan(found.score).any()
    assert ((found.score >= 0) & (found.score <= 1)).all()
