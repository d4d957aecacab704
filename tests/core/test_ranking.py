from __future__ import annotations

import numpy as np
import pytest

from stages.core.ranking import blend, search
from tests.vectors import unit

VECTORS = unit(6, 8, seed=1)
ROW_OF = np.array([0, 1, 1, 2, -1, 3, 4, 5, 1])
"""Items 1, 2 and 8 have the same content; item 4 has no vector."""


def nearest(query: np.ndarray, k: int, passes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    similarities = VECTORS @ query
    order = [row for row in np.argsort(-similarities, kind="stable") if passes is None or passes[row]][:k]
    return np.array(order, int), similarities[order]


def test_copies_are_one_rank_in_the_order_of_the_items() -> None:
    hits = search(nearest, VECTORS[1], 6, ROW_OF, 6)
    assert hits[0].items == [1, 2, 8]
    assert hits[0].similarity == pytest.approx(1)
    assert sorted(item for hit in hits for item in hit.items) == [0, 1, 2, 3, 5, 6, 7, 8]
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)


def test_only_what_passes_is_found_and_stands_for_its_content() -> None:
    passes = np.isin(np.arange(9), [2, 3, 4, 8])
    hits = search(nearest, VECTORS[1], 6, ROW_OF, 6, passes)
    assert [hit.items for hit in hits] == [[2, 8], [3]]


@pytest.mark.parametrize(("k", "count"), [(1, 1), (3, 3), (6, 6), (100, 6)])
def test_there_are_k_where_there_are_so_many(k: int, count: int) -> None:
    assert len(search(nearest, VECTORS[0], k, ROW_OF, 6)) == count


def test_nothing_passes_nothing_is_found() -> None:
    assert search(nearest, VECTORS[0], 5, ROW_OF, 6, np.zeros(9, bool)) == []


@pytest.fixture
def gap() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images that all look one way, spread widely; a text far from them all, whose cosines hardly differ."""
    rng = np.random.default_rng(0)
    common = np.eye(64)[0] * 2
    images = common + rng.normal(size=(500, 64)) * np.r_[np.zeros(2), np.full(62, 0.25)]
    images[:, 1] = 0.02 * rng.normal(size=500)
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    return images.astype(np.float32), np.eye(64, dtype=np.float32)[1], images[7].astype(np.float32)


def test_half_the_weight_gives_text_and_image_the_same_say(gap: tuple[np.ndarray, ...]) -> None:
    sample, text, image = gap
    scores = sample @ blend(text, image, 0.5, sample)
    assert np.corrcoef(scores, sample @ text)[0, 1] == pytest.approx(
        np.corrcoef(scores, sample @ image)[0, 1], abs=0.05
    )
    plain = sample @ (text + image)
    assert np.corrcoef(plain, sample @ text)[0, 1] < 0.4 < np.corrcoef(scores, sample @ text)[0, 1]


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_ends_are_text_and_image_alone(gap: tuple[np.ndarray, ...], weight: float) -> None:
    sample, text, image = gap
    mixed = blend(text, image, weight, sample)
    assert np.linalg.norm(mixed) == pytest.approx(1, abs=1e-5)
    if weight in (0, 1):
        np.testing.assert_allclose(mixed, text if weight else image, atol=1e-6)


def test_one_image_or_opposites_still_give_a_query() -> None:
    one = unit(1, 8)
    for text, image in [(one[0], one[0]), (one[0], -one[0])]:
        assert np.linalg.norm(blend(text, image, 0.5, one)) == pytest.approx(1, abs=1e-5)
