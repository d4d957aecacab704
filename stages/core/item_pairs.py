"""From copies among contents to pairs of items: every item of the one with every item of the other.

Where thousands of files hold one content, all pairs would be millions of rows that say one thing. So beyond `MANY`
items each is paired with a few others only: the best of each split, and the best of each of two labels. The pairs still
show in which other splits a copy of an item is, and whether a copy has another label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

import pandas as pd

from stages.core.groups import by_content

MANY = 64
"""Items of one content up to which every pair is written."""

Members = Sequence[Mapping]
"""The items of one content, best keeper first: rows of a table, by column."""


def exact_pairs(items: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of items with the same bytes.

    Parameters
    ----------
    items : `item_id`, `content_id`, `split`, `label` of the readable items, best keeper first.
    """
    found: list[tuple[str, str]] = []
    columns = ["item_id", "content_id", "split", "label"]
    for members in by_content(items.loc[items["content_id"].duplicated(keep=False), columns]).values():
        ids = _ids(members)
        found += combinations(ids, 2) if len(ids) <= MANY else product(representatives(members), ids)
    return ordered(found)


def near_pairs(members_a: Members, members_b: Members) -> list[tuple[str, str]]:
    """Pairs of the items of two contents that are copies."""
    a, b = _ids(members_a), _ids(members_b)
    if len(a) * len(b) <= MANY**2:
        return ordered(product(a, b))
    return ordered([*product(representatives(members_a), b), *product(a, representatives(members_b))])


def representatives(members: Members) -> list[str]:
    """Ids of the best item of each split, and of the two most frequent labels; at least one item."""
    splits, labels = ([_word(item[name]) for item in members] for name in ("split", "label"))
    counts = Counter(labels)
    frequent = sorted(counts, key=lambda label: (-counts[label], label))[:2]
    best = [splits.index(split) for split in dict.fromkeys(splits)]
    best += [labels.index(label) for label in dict.fromkeys(labels) if label in frequent]
    return list(dict.fromkeys(members[place]["item_id"] for place in best))


def _ids(members: Members) -> list[str]:
    return [item["item_id"] for item in members]


def _word(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def ordered(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each pair once, the smaller id first, ascending; an item is no pair with itself."""
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


def differ(first: pd.Series, second: pd.Series) -> pd.Series:
    """Where both are known and are not the same."""
    return first.notna() & second.notna() & (first != second)
