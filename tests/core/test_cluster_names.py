"""Names of clusters: plain ones or none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.identity import digest
from stages.core.cluster_names import NAMELESS, by_labels, by_vocabulary, contradicts, key_content
from tests.vectors import unit

D = 64


def towards(directions: np.ndarray, noise: float = 0.02, seed: int = 5) -> np.ndarray:
    moved = directions + noise * np.random.default_rng(seed).normal(size=directions.shape)
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def test_each_cluster_gets_the_name_that_sets_it_apart() -> None:
    texts = unit(300, D)
    names = [f"name {number}" for number in range(300)]
    found = by_vocabulary(towards(texts[[7, 40, 90]]), names, texts, least=4)
    assert [named.name for named in found] == ["name 7", "name 40", "name 90"]
    assert all(named.margin > 4 and named.source == "vocabulary" for named in found)


def test_what_all_clusters_share_names_none_of_them() -> None:
    texts = unit(300, D)
    names = [f"name {number}" for number in range(300)]
    shared = texts[3] * 3 + texts[[10, 20]]
    found = by_vocabulary(shared / np.linalg.norm(shared, axis=1, keepdims=True), names, texts, least=4)
    assert [named.name for named in found] == ["name 10", "name 20"]


def test_a_cluster_that_no_name_fits_is_unnamed() -> None:
    texts = unit(1_000, D)
    found = by_vocabulary(unit(6, D, seed=9), [str(n) for n in range(1_000)], texts, least=6)
    assert found == [NAMELESS] * 6


@pytest.mark.parametrize(("clusters", "names"), [(0, 3), (2, 0)])
def test_without_clusters_or_names_there_is_nothing_to_name(clusters: int, names: int) -> None:
    found = by_vocabulary(unit(clusters, D), [str(n) for n in range(names)], unit(names, D), least=1)
    assert found == [NAMELESS] * clusters


def test_one_cluster_is_named_without_siblings() -> None:
    texts = unit(300, D)
    found = by_vocabulary(towards(texts[[5]]), [str(n) for n in range(300)], texts, least=4)
    assert found[0].name == "5"


def test_equal_clusters_share_no_name() -> None:
    texts = unit(300, D)
    same = np.repeat(towards(texts[[5]]), 3, axis=0)
    found = by_vocabulary(same, [str(n) for n in range(300)], texts, least=4)
    assert found == [NAMELESS] * 3


def test_a_label_that_two_thirds_have_is_the_name() -> None:
    named = by_labels(["cat", "cat", "cat", "dog"])
    assert (named.name, named.margin, named.source) == ("cat", 0.5, "label")
    assert by_labels(["cat", "dog"]) == NAMELESS
    assert by_labels(["cat", "cat", None, None]) == NAMELESS
    assert by_labels([None, None]) == by_labels([]) == NAMELESS


@given(st.integers(1, 60), st.integers(0, 20))
def test_the_key_is_a_core_member_and_does_not_hang_on_the_order(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids, strengths = [digest(bytes([number])) for number in range(n)], rng.random(n)
    order = rng.permutation(n)
    key = key_content(ids, strengths)
    assert key == key_content([ids[place] for place in order], strengths[order])
    assert strengths[ids.index(key)] > 0.5 or (strengths <= 0.5).all()


def test_the_key_survives_most_changes_of_a_few_members() -> None:
    ids = [digest(f"{number}".encode()) for number in range(200)]
    strong = np.ones(200)
    kept = 0
    for trial in range(100):
        gone = np.random.default_rng(trial).choice(200, 10, replace=False)
        rest = [content for number, content in enumerate(ids) if number not in gone]
        new = [digest(f"new {trial} {number}".encode()) for number in range(10)]
        kept += key_content(ids, strong) == key_content(rest + new, strong)
    assert kept > 80


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("T-shirt", ["dress", "dress", "t-shirt"], True),
        ("Dress", ["dress", "dress", "t-shirt"], False),
        ("T-shirt", ["dress", "t-shirt"], False),
        ("gown", ["dress", "dress"], False),
        ("T-shirt", [None, None], False),
        ("T-shirt", ["dress", None, None], True),
        (None, ["dress"], False),
    ],
)
def test_a_label_that_most_members_do_not_have_contradicts_them(name, labels, expected: bool) -> None:
    assert contradicts(name, labels, ["dress", "t-shirt"]) is expected
