"""From copies among contents to pairs of items: every item of the one with every item of the other.

Where thousands of files hold one content, all pairs would be millions of rows that say one thing. From 64 items
on an item is paired with a few: the best of each split, the best of two labels. So it still shows for every item
which other splits its picture is in and whether a copy has another label.
"""

from __future__ import annotations

from itertools import combinations, product

import pandas as pd

MANY = 64
"""Items of one content from which not every pair is written."""


def exact_pairs(items: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of items with the same bytes.

    Parameters
    ----------
    items : `item_id`, `content_id`, `split`, `label` of the readable items, best keeper first.
    """
    found: list[tuple[str, str]] = []
    for _, members in items[items["content_id"].duplicated(keep=False)].groupby("content_id", sort=True):
        ids = members["item_id"].tolist()
        if len(ids) <= MANY:
            found += combinations(ids, 2)
        else:
            found += product(representatives(members), ids)
    return ordered(found)


def near_pairs(members_a: pd.DataFrame, members_b: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of the items of two contents that are copies; the frames as in `exact_pairs`."""
    a, b = members_a["item_id"].tolist(), members_b["item_id"].tolist()
    if len(a) * len(b) <= MANY**2:
        return ordered(product(a, b))
    return ordered([*product(representatives(members_a), b), *product(a, representatives(members_b))])


def representatives(members: pd.DataFrame) -> list[str]:
    """The best item of each split, and of the two most frequent labels; at least one item."""
    known = members.assign(split=members["split"].fillna(""), label=members["label"].fillna(""))
    labels = known["label"].value_counts(sort=False).sort_index(kind="stable").nlargest(2).index
    by_split = known.drop_duplicates("split")["item_id"]
    by_label = known[known["label"].isin(labels)].drop_duplicates("label")["item_id"]
    return list(dict.fromkeys([*by_split, *by_label]))


def ordered(pairs: object) -> list[tuple[str, str]]:
    """Each pair once, the smaller id first, ascending; an item is no pair with itself."""
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


def differ(first: pd.Series, second: pd.Series) -> pd.Series:
    """Where both are known and are not the same."""
    return first.notna() & second.notna() & (first != second)
