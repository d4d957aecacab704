"""Which tags an image has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from stages.contracts.vocabulary import TAG_SEPARATOR
from stages.core.decisions import concerned, finder

KEY = ["content_id", "path", "frame", "tag"]


def fold(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """The rows of both, each once: those of the first in their order, then new ones by tag and path."""
    known = pd.MultiIndex.from_frame(first[KEY])
    new = second[~pd.MultiIndex.from_frame(second[KEY]).isin(known)].drop_duplicates(KEY)
    return pd.concat([first, new.sort_values(["tag", "path", "frame"])], ignore_index=True)


def by_item(tags: pd.DataFrame, images: pd.DataFrame) -> dict[str, list[str]]:
    """The tags of each item that has any, in order of name; rows reach items by the rule of decisions."""
    find = finder(concerned(tags, images))
    found: dict[str, set[str]] = {}
    for row in tags.to_dict("records"):
        items = find(row)
        if len(items) == 1:
            found.setdefault(items[0], set()).add(row["tag"])
    return {item: sorted(names) for item, names in found.items()}


def joined(item_ids: Iterable[str], tags: Mapping[str, list[str]]) -> list[str | None]:
    """Per item its tags as one text, as in the manifest; None where it has none."""
    return [TAG_SEPARATOR.join(tags[item]) if item in tags else None for item in item_ids]
