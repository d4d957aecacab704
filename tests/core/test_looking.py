from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.looking import Patience, likeliest_first, usual_cosine


def test_any_of_three_signs_brings_a_pair_to_the_front() -> None:
    cosines = np.array([0.80, 0.99, 0.70, 0.75, 0.60])
    distances = np.array([120, 130, 0, 125, 128])
    usual = np.array([0.79, 0.98, 0.69, 0.40, 0.59])
    order = likeliest_first(cosines, distances, usual)
    assert set(order[:3]) == {1, 2, 3}, "the highest cosine, the nearest hashes, the most above its surroundings"
    assert order[-1] == 4


@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 256), st.floats(-1, 1)), max_size=30))
def test_the_order_holds_every_pair_once(signs: list[tuple[float, int, float]]) -> None:
    columns = np.array(signs, float).reshape(-1, 3).T
    assert sorted(likeliest_first(*columns)) == list(range(len(signs)))


def test_the_usual_cosine_is_that_of_the_tenth_neighbour() -> None:
    similarities = np.array([np.linspace(0.9, 0.0, 12), np.linspace(0.8, 0.0, 12)])
    assert usual_cosine(similarities, np.array([[0, 1]])) == similarities[0, 9]
    assert usual_cosine(similarities[:, :3], np.array([[0, 1]])) == similarities[0, 2]
    assert usual_cosine(np.empty((2, 0)), np.array([[0, 1]])) == 0


def looked_at(patience: int | None, is_copy: np.ndarray) -> Patience:
    found = Patience(patience)
    for block in found.blocks(np.arange(len(is_copy))):
        found.answer(is_copy[block])
    return found


def test_without_patience_all_are_looked_at() -> None:
    found = looked_at(None, np.zeros(1000, bool))
    assert found.told() == {"proposed": 1000, "looked_at": 1000, "patience": None}


def test_it_stops_after_as_many_in_a_row_without_a_copy() -> None:
    is_copy = np.zeros(1000, bool)
    assert looked_at(90, is_copy).looked_at == 90
    is_copy[5] = True
    assert looked_at(90, is_copy).looked_at == 120, "84 in vain, then no less than a third of 90"
    is_copy[40] = True
    assert looked_at(90, is_copy).looked_at == 131
    is_copy[[130, 400]] = True
    assert looked_at(90, is_copy).looked_at == 221, "it never comes to the one at 400"


@pytest.mark.parametrize("pairs", [0, 1, 99, 100])
def test_no_more_pairs_than_it_has_patience_for_are_all_looked_at(pairs: int) -> None:
    found = looked_at(100, np.zeros(pairs, bool))
    assert found.looked_at == found.proposed == pairs
