from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.groups import grouped, ranked, stars, why

PLAIN = {"label": "dog", "split": "train", "width": 40, "height": 30, "bytes": 100, "sharpness": 0.5}


def items(*rows: dict) -> pd.DataFrame:
    """Each row a name, and what differs from `PLAIN`; the content is the name's, unless given."""
    full = [{"item_id": f"id-{row['path']}", "content_id": row["path"], **PLAIN, **row} for row in rows]
    return pd.DataFrame(full).astype({"label": object, "split": object})


def named(groups: pd.DataFrame) -> dict[str, set[str]]:
    return {keeper: set(rows["path"]) for keeper, rows in groups.groupby("keeper_id")}


BETTER = [
    ({"label": None}, {}, "labelled: dog, against no label"),
    ({"label": None, "split": "test"}, {}, "labelled: dog, against no label"),
    ({"width": 4000}, {"split": "test"}, "in test, a protected split"),
    ({"sharpness": 0.9}, {"width": 400, "height": 533}, "larger: 400 × 533 against 40 × 30"),
    ({"bytes": 999}, {"sharpness": 0.7}, "sharper: 0.70 against 0.50"),
    ({"sharpness": 0.501}, {"bytes": 1234}, "more bytes: 1,234 against 100"),
    ({"path": "b"}, {"path": "a"}, "first by path: a, before b"),
    ({"path": "v", "frame": 9, "bytes": 50}, {"path": "b", "frame": 70}, "first by path: b, before v"),
    ({"path": "v", "frame": 10}, {"path": "v", "frame": 9}, "earlier: frame 9 against 10"),
    ({"frame": 0, "bytes": 9_999}, {"frame": None}, "a file of its own, against a frame of a video"),
]


@pytest.mark.parametrize(("worse", "better", "reason"), BETTER, ids=[reason for *_, reason in BETTER])
def test_the_better_item_comes_first_and_it_is_told_why(worse: dict, better: dict, reason: str) -> None:
    found = ranked(items({"path": "a", **worse}, {"path": "b", **better}), ("test", "val"))
    first, second = found.to_dict("records")
    assert {name: None if pd.isna(first[name]) else first[name] for name in better} == better
    assert why(first, second) == reason


def test_what_is_protected_is_asked_for() -> None:
    rows = items({"path": "a"}, {"path": "b", "split": "test"})
    assert ranked(rows, ("test",))["path"].tolist() == ["b", "a"]
    assert ranked(rows, ())["path"].tolist() == ["a", "b"]


def test_groups_are_stars_never_chains() -> None:
    near = {"a": {"b": 0.9}, "b": {"a": 0.9, "c": 0.8}, "c": {"b": 0.8, "d": 0.7}, "d": {"c": 0.7}}
    assert stars(list("abcd"), near) == [("a", {"b": 0.9}), ("c", {"d": 0.7})]
    assert stars(list("bacd"), near) == [("b", {"a": 0.9, "c": 0.8}), ("d", {})]


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_every_content_is_in_one_star_and_every_member_is_a_copy_of_its_keeper(links: set[tuple[int, int]]) -> None:
    near: dict[str, dict[str, float]] = {}
    for a, b in links:
        if a != b:
            near.setdefault(str(a), {})[str(b)] = near.setdefault(str(b), {})[str(a)] = 0.5
    found = stars([str(number) for number in range(10)], near)
    assert sorted(one for keeper, members in found for one in (keeper, *members)) == [str(n) for n in range(10)]
    assert all(member in near[keeper] for keeper, members in found for member in members)


def test_a_group_says_who_stays_how_the_others_copy_it_and_the_least_agreement() -> None:
    rows = ranked(items({"path": "a", "width": 80}, {"path": "b", "content_id": "a"}, {"path": "c"}, {"path": "d"}), ())
    found = grouped(rows, {"a": {"c": 0.8, "d": 0.7}, "c": {"a": 0.8}, "d": {"a": 0.7}}).set_index("path")
    assert found["keep"].to_dict() == {"a": True, "b": False, "c": False, "d": False}
    assert found["kind"].fillna("keeper").to_dict() == {"a": "keeper", "b": "exact", "c": "near", "d": "near"}
    assert set(found["keeper_id"]) == {"id-a"}
    assert set(found["group_id"]) == {"id-a"}
    assert set(found["min_similarity"]) == {0.7}


def test_the_group_keeps_its_id_whoever_is_its_keeper() -> None:
    for width in (20, 80):
        rows = ranked(items({"path": "a"}, {"path": "b", "width": width}), ())
        assert set(grouped(rows, {"a": {"b": 0.9}, "b": {"a": 0.9}})["group_id"]) == {"id-a"}


def test_without_copies_there_are_no_groups() -> None:
    assert grouped(ranked(items({"path": "a"}, {"path": "b"}), ()), {}).empty
    assert grouped(ranked(items({"path": "a"}).iloc[:0], ()), {}).empty
    assert named(grouped(ranked(items({"path": "a"}, {"path": "b", "content_id": "a"}), ()), {})) == {
        "id-a": {"a", "b"}
    }
