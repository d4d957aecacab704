from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts.identity import digest, item_id
from stages.contracts.vocabulary import Change
from stages.core.difference import ITEM, changes, class_shift, counts, match, numbers, per_class


def items(*rows: dict) -> pd.DataFrame:
    """Items from a path and a content, and what else matters."""
    blank = {"frame": None, "label": None, "split": None, "verdict": "keep", "rule": None, "detail": None}
    full = [
        {
            **blank,
            **row,
            "item_id": item_id(row["path"], row.get("frame")),
            "content_id": digest(row["content"].encode()),
        }
        for row in rows
    ]
    return pd.DataFrame(full, columns=ITEM, dtype=object)


def one(path: str, content: str, **more: object) -> dict:
    return {"path": path, "content": content, **more}


def told(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple]:
    found = changes(match(before, after))
    return list(found[["change", "path", "before", "after", "rule"]].itertuples(index=False, name=None))


def test_nothing_changed() -> None:
    same = items(one("a.jpg", "a", label="cat", split="train"), one("b.jpg", "b"))
    assert told(same, same.iloc[::-1]) == []


def test_what_came_and_what_went() -> None:
    before = items(one("a.jpg", "a"), one("b.jpg", "b", verdict="remove", rule="outlier"))
    after = items(one("a.jpg", "a"), one("c.jpg", "c", verdict="remove", rule="near_duplicate"))
    assert told(before, after) == [
        ("added", "c.jpg", None, "remove", "near_duplicate"),
        ("gone", "b.jpg", "remove", None, "outlier"),
    ]


def test_a_verdict_that_changed_is_told_with_its_rule_in_both_directions() -> None:
    kept, removed = one("a.jpg", "a"), one("a.jpg", "a", verdict="remove", rule="leak")
    assert told(items(kept), items(removed)) == [("removed", "a.jpg", "keep", "remove", "leak")]
    assert told(items(removed), items(kept)) == [("restored", "a.jpg", "remove", "keep", "leak")]


def test_another_reason_for_the_same_verdict_is_another_flag() -> None:
    before, after = one("a.jpg", "a", rule="outlier"), one("a.jpg", "a", rule="dark")
    assert told(items(before), items(after)) == [("flag_changed", "a.jpg", "outlier", "dark", "dark")]
    assert told(items(before), items(one("a.jpg", "a"))) == [("flag_changed", "a.jpg", "outlier", None, "outlier")]


def test_labels_splits_names_and_contents() -> None:
    before = items(one("train/cat/1.jpg", "1", label="cat", split="train"), one("x.jpg", "x"))
    after = items(one("test/dog/1.jpg", "1", label="dog", split="test"), one("x.jpg", "y"))
    assert [row[:4] for row in told(before, after)] == [
        ("relabelled", "test/dog/1.jpg", "cat", "dog"),
        ("split_changed", "test/dog/1.jpg", "train", "test"),
        ("content_changed", "x.jpg", digest(b"x"), digest(b"y")),
        ("renamed", "test/dog/1.jpg", "train/cat/1.jpg", "test/dog/1.jpg"),
    ]


def test_names_that_change_places_are_renamed_and_not_replaced() -> None:
    assert [row[:3] for row in told(items(one("a", "1"), one("b", "2")), items(one("a", "2"), one("b", "1")))] == [
        ("renamed", "a", "b"),
        ("renamed", "b", "a"),
    ]


def test_a_name_that_was_taken_over_is_told_as_what_it_is() -> None:
    before, after = items(one("a", "1")), items(one("a", "2"), one("old a", "1"))
    assert [row[:3] for row in told(before, after)] == [("added", "a", None), ("renamed", "old a", "a")]


def test_copies_are_told_apart_by_their_file_names() -> None:
    before = items(one("x/1.jpg", "same"), one("x/2.jpg", "same"))
    after = items(one("y/2.jpg", "same"), one("y/1.jpg", "same"), one("y/3.jpg", "same"))
    assert [row[:3] for row in told(before, after)] == [
        ("added", "y/3.jpg", None),
        ("renamed", "y/1.jpg", "x/1.jpg"),
        ("renamed", "y/2.jpg", "x/2.jpg"),
    ]


def test_frames_of_one_video_are_items_of_their_own() -> None:
    before = items(one("v.mp4", "1", frame=0), one("v.mp4", "2", frame=30))
    after = items(one("v.mp4", "1", frame=0), one("v.mp4", "2", frame=15))
    found = changes(match(before, after))
    assert found[["change", "frame"]].to_numpy().tolist() == [["renamed", 15]]


def test_without_verdicts_none_has_changed() -> None:
    before, after = items(one("a", "a", verdict=None)), items(one("a", "a", verdict="remove", rule="leak"))
    assert told(before, after) == []


CONTENTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("12345"), max_size=8)


@settings(max_examples=25)
@given(CONTENTS, CONTENTS)
def test_every_image_of_both_versions_is_in_one_row(before: dict, after: dict) -> None:
    sides = [items(*(one(path, content) for path, content in side.items())) for side in (before, after)]
    matched = match(*sides)
    assert sorted(matched["item_id_before"].dropna()) == sorted(sides[0]["item_id"])
    assert sorted(matched["item_id_after"].dropna()) == sorted(sides[1]["item_id"])
    both = matched.dropna(subset=["item_id_before", "item_id_after"])
    assert ((both["content_id_before"] == both["content_id_after"]) | (both["path_before"] == both["path_after"])).all()
    found = counts(changes(matched))
    assert len(before) + found["added"] - found["gone"] == len(after)


@settings(max_examples=25)
@given(CONTENTS, CONTENTS)
def test_nothing_is_called_gone_that_is_still_there(before: dict, after: dict) -> None:
    sides = [items(*(one(path, content) for path, content in side.items())) for side in (before, after)]
    found = changes(match(*sides))
    gone = found.loc[found["change"] == Change.GONE, "content_id"].value_counts()
    for content, count in gone.items():
        had, has = ((side["content_id"] == content).sum() for side in sides)
        assert count <= had - has


@settings(max_examples=25)
@given(CONTENTS)
def test_a_version_against_itself_has_no_changes(side: dict) -> None:
    rows = items(*(one(path, content, label=content) for path, content in side.items()))
    assert changes(match(rows, rows)).empty


def test_counts_have_every_word() -> None:
    assert counts(changes(match(items(), items()))) == dict.fromkeys(map(str, Change), 0)


def test_classes_and_how_far_their_shares_moved() -> None:
    before = items(*(one(f"c{i}", f"c{i}", label="cat") for i in range(6)), one("u", "u"))
    after = items(*(one(f"c{i}", f"c{i}", label="cat" if i < 3 else "dog") for i in range(6)))
    found = per_class(before, after)
    assert found[["label", "before", "after"]].to_numpy().tolist() == [["cat", 6, 3], ["dog", 0, 3]]
    unjudged = per_class(before.assign(verdict=None), after)
    assert unjudged["stay_before"].isna().all()
    assert unjudged["stay_after"].tolist() == [3, 3]
    moved, psi = class_shift(found["before"].to_numpy(), found["after"].to_numpy())
    assert moved == 0.5
    p, q = np.array([6.5, 0.5]) / 7, np.array([3.5, 3.5]) / 7
    assert psi == pytest.approx(((q - p) * np.log(q / p)).sum())


def test_of_a_class_it_is_told_how_many_stay() -> None:
    before = items(*(one(f"c{i}", f"c{i}", label="cat", verdict="keep") for i in range(6)))
    gone = [one(f"c{i}", f"c{i}", label="cat", verdict="keep" if i else "remove") for i in range(6)]
    found = per_class(before, items(*gone, one("d", "d", label="dog", verdict="remove")))
    assert found[["stay_before", "stay_after"]].to_numpy().tolist() == [[6, 5], [0, 0]]


def test_shares_of_nothing_are_not_compared() -> None:
    assert class_shift(np.array([], int), np.array([], int)) is None
    assert class_shift(np.array([0]), np.array([3])) is None
    assert class_shift(np.array([5, 5]), np.array([50, 50])) == (0.0, pytest.approx(0, abs=1e-3))


def test_numbers_that_differ_are_told_by_their_whole_names() -> None:
    before = {"images": 3, "removed": {"leak": 1, "dark": 0}, "gone": 1}
    after = {"images": 4, "removed": {"leak": 1, "dark": 2}, "new": {"key": "x"}}
    assert numbers(before, after) == [
        ("gone", 1, None),
        ("images", 3, 4),
        ("new.key", None, "x"),
        ("removed.dark", 0, 2),
    ]
    assert numbers({}, {}) == []
