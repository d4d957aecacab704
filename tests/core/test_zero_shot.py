"""Pictures against labels, by cosine and softmax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import zero_shot
from tests.vectors import unit


@given(st.integers(0, 5), st.integers(1, 6), st.floats(0.1, 200), st.integers(0, 10))
def test_confidences_sum_to_one_and_follow_the_cosines(n: int, m: int, scale: float, seed: int) -> None:
    cosines = np.random.default_rng(seed).uniform(-1, 1, (n, m))
    found = zero_shot.confidences(cosines, scale)
    assert found.shape == (n, m)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (np.argmax(found, axis=1) == np.argmax(cosines, axis=1)).all()


def test_confidences_are_the_softmax_of_the_logits() -> None:
    cosines = np.array([[0.3, 0.2]])
    expected = np.exp([30.0, 20.0]) / np.exp([30.0, 20.0]).sum()
    np.testing.assert_allclose(zero_shot.confidences(cosines, 100.0)[0], expected)


def test_one_label_has_all_the_confidence() -> None:
    assert (zero_shot.confidences(np.array([[-0.9], [0.1]]), 100.0) == 1).all()


def test_large_logits_do_not_overflow() -> None:
    assert np.isfinite(zero_shot.confidences(np.array([[1.0, -1.0]]), 1e4)).all()


@pytest.mark.parametrize(
    ("label", "synonyms", "expected"),
    [
        ("stop_sign", [], ["stop sign", "a photo of a stop sign."]),
        ("cat", ["cat", "kitten"], ["cat", "a photo of a cat.", "kitten", "a photo of a kitten."]),
        ("{0}", [], ["{0}", "a photo of a {0}."]),
    ],
)
def test_prompts_fill_every_template_with_every_name(label: str, synonyms: list[str], expected: list[str]) -> None:
    assert zero_shot.prompts(label, synonyms, ["{}", "a photo of a {}."]) == expected


def test_fit_keeps_the_best_labels_of_each_picture() -> None:
    pictures, texts = unit(50, 8), unit(5, 8, seed=1)
    fit = zero_shot.fit(pictures, texts, 20.0, k=3)
    similarities = pictures @ texts.T
    whole = zero_shot.confidences(similarities, 20.0)
    np.testing.assert_array_equal(fit.columns[:, 0], similarities.argmax(axis=1))
    np.testing.assert_allclose(fit.confidences, np.sort(whole, axis=1)[:, ::-1][:, :3], rtol=1e-5)
    np.testing.assert_allclose(fit.cosine, similarities.max(axis=1), rtol=1e-6)


def test_fit_of_many_pictures_is_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, texts = unit(20, 8), unit(4, 8, seed=1)
    whole = zero_shot.fit(pictures, texts, 20.0, k=9)
    monkeypatch.setattr(zero_shot, "BLOCK", 3)
    parts = zero_shot.fit(pictures, texts, 20.0, k=9)
    assert whole.columns.shape == (20, 4)
    np.testing.assert_array_equal(whole.columns, parts.columns)
    np.testing.assert_allclose(whole.confidences, parts.confidences, rtol=1e-6)
    chance = zero_shot.chance_of_better(whole.cosine, pictures, unit(30, 8, seed=2), 4)
    monkeypatch.setattr(zero_shot, "BLOCK", 1000)
    np.testing.assert_allclose(chance, zero_shot.chance_of_better(whole.cosine, pictures, unit(30, 8, seed=2), 4))


def test_no_pictures_give_no_rows() -> None:
    fit = zero_shot.fit(np.empty((0, 8), np.float32), unit(3, 8), 20.0, k=2)
    assert fit.columns.shape == fit.confidences.shape == (0, 2)
    assert zero_shot.chance_of_better(fit.cosine, np.empty((0, 8), np.float32), unit(9, 8), 3).shape == (0,)


def test_unrelated_labels_fit_no_better_than_chance_says() -> None:
    """Labels drawn from the same names as the background: a chance over 0.1 is had by 0.9 of the pictures."""
    names, pictures = unit(2_000, 32), unit(3_000, 32, seed=1)
    labels = unit(5, 32, seed=2)
    best = (pictures @ labels.T).max(axis=1)
    chance = zero_shot.chance_of_better(best, pictures, names, 5)
    assert np.mean(chance > 0.1) == pytest.approx(0.9, abs=0.03)
    assert np.mean(chance > 0.5) == pytest.approx(0.5, abs=0.04)


def test_a_label_that_is_meant_fits_better_than_chance() -> None:
    labels, names = unit(3, 64, seed=2), unit(500, 64)
    pictures = labels + 0.05 * np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    best = (pictures @ labels.T).max(axis=1)
    assert (zero_shot.chance_of_better(best, pictures, names, 3) == 0).all()


def test_a_label_that_is_one_of_the_names_is_not_beaten_by_itself() -> None:
    names = unit(100, 16)
    best = (names @ names.T).max(axis=1)
    assert (zero_shot.chance_of_better(best, names, names, 100) == 0).all()


def test_without_other_names_nothing_fits_better() -> None:
    pictures = unit(4, 8)
    assert (zero_shot.chance_of_better(np.zeros(4), pictures, np.empty((0, 8), np.float32), 2) == 0).all()


def test_labelled_pictures_say_from_where_on_none_fits() -> None:
    chances = np.linspace(0, 1, 101)
    known = np.arange(101) < 61
    cut = zero_shot.least_chance(chances, known, 0.1)
    assert cut == pytest.approx(0.59)
    assert (chances[known] > cut).mean() <= zero_shot.MISTAKEN
    assert zero_shot.least_chance(chances, known, 0.8) == 0.8, "never less than what was asked for"
    assert zero_shot.least_chance(chances, np.arange(101) < zero_shot.ENOUGH - 1, 0.1) == 0.1, "too few to tell"
