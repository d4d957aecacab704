from __future__ import annotations

from itertools import combinations, product

import pandas as pd

from stages.core.groups import by_content
from stages.core.item_pairs import MANY, differ, exact_pairs, near_pairs, representatives


def items(count: int, content: str = "c", split: object = None, label: object = None, start: int = 0) -> pd.DataFrame:
    ids = [f"{content}{number:05}" for number in range(start, start + count)]
    facts = {"item_id": ids, "content_id": content, "split": split, "label": label}
    return pd.DataFrame(facts).astype({"split": object, "label": object})


def members(rows: pd.DataFrame) -> list[dict]:
    return by_content(rows)[rows["content_id"].iloc[0]]


def test_items_of_one_content_are_paired_throughout() -> None:
    rows = pd.concat([items(4), items(1, "d")])
    assert exact_pairs(rows) == list(combinations(rows["item_id"][:4], 2))


def test_items_of_two_contents_are_paired_throughout_smaller_id_first() -> None:
    a, b = items(2, "b"), items(3, "a")
    assert set(near_pairs(members(a), members(b))) == set(product(b["item_id"], a["item_id"]))


def test_thousands_of_one_content_show_every_leak_and_conflict_in_few_rows() -> None:
    rows = pd.concat(
        [
            items(1500, split="train", label="dog"),
            items(400, split="test", label="dog", start=1500),
            items(100, split="train", label="cat", start=1900),
        ]
    )
    pairs = pd.DataFrame(exact_pairs(rows), columns=["a", "b"])
    assert len(pairs) < 5 * len(rows)
    facts = rows.set_index("item_id")
    for column in ("split", "label"):
        first, second = (facts[column].loc[pairs[side]].reset_index(drop=True) for side in "ab")
        across = pairs[differ(first, second)]
        assert {*across["a"], *across["b"]} == set(rows["item_id"])


def test_two_large_contents_show_every_leak_in_few_rows() -> None:
    a, b = items(MANY + 40, "a", "train"), items(MANY + 40, "b", "test")
    pairs = near_pairs(members(a), members(b))
    assert len(pairs) < 3 * (len(a) + len(b))
    assert {one for pair in pairs for one in pair} == {*a["item_id"], *b["item_id"]}


def test_the_best_of_each_split_and_of_the_two_most_frequent_labels_stand_for_all() -> None:
    rows = pd.concat(
        [
            items(1, split="train", label="cat"),
            items(2, split="train", label="dog", start=1),
            items(2, split=None, label=None, start=3),
            items(1, split="test", label="dog", start=5),
        ]
    )
    # Of each split 0, 3 and 5; two labels are as frequent as can be, dog and none: 1 and 3.
    assert representatives(members(rows)) == ["c00000", "c00003", "c00005", "c00001"]


def test_nothing_is_paired_with_itself_or_from_nothing() -> None:
    assert exact_pairs(items(1)) == []
    assert exact_pairs(items(0)) == []
    assert all(a != b for a, b in exact_pairs(items(MANY + 1)))


def test_unknown_differs_from_nothing() -> None:
    first, second = pd.Series(["a", "a", None, None]), pd.Series(["b", None, "b", None])
    assert differ(first, second).tolist() == [True, False, False, False]
