"""Which decision applies to which item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from stages.contracts.vocabulary import Decision


@dataclass(frozen=True)
class Applied:
    """What became of the decisions.

    by_item : `item_id` (index), `decision`, `label`, `reason`, `reviewer`.
    ambiguous : rows whose content lies under several paths, none of them the row's own.
    unmatched : rows about content that is not in the data any more.
    """

    by_item: pd.DataFrame
    ambiguous: pd.DataFrame
    unmatched: pd.DataFrame


def apply(decisions: pd.DataFrame, images: pd.DataFrame) -> Applied:
    """Match decisions to items, by path and content, else by content alone.

    A row applies to the item with that path and content (a row written by hand may leave the content out, and
    then means whatever lies at that path); if none has that path any more, to the one
    item with that content; if several have it, to none. The newest per (content, path, frame) wins,
    and of two rows that reach one item the newer. `undecided` takes an earlier word back.
    """
    rows = newest(decisions)
    find = finder(images)
    found: list[dict] = []
    ambiguous, unmatched = [], []
    for row in rows.to_dict("records"):
        items = find(row)
        if len(items) == 1:
            found.append({**row, "item_id": items[0]})
        else:
            (ambiguous if items else unmatched).append(row)
    return Applied(_by_item(found, rows), _frame(ambiguous, rows), _frame(unmatched, rows))


def finder(images: pd.DataFrame) -> Callable[[Mapping], list[str]]:
    """What finds the items that a row (`path`, `frame`, `content_id`) means: one, none, or several, and so none."""
    places = _places(images)
    by_content: dict[str, list[str]] = {}
    for content, item in zip(images["content_id"].tolist(), images["item_id"].tolist(), strict=True):
        by_content.setdefault(content, []).append(item)
    known_paths = set(images["path"])

    def find(row: Mapping) -> list[str]:
        item = places.get((row["path"], row["frame"], row["content_id"]))
        if item is not None:
            return [item]
        return [] if row["path"] in known_paths else by_content.get(row["content_id"], [])

    return find


def newest(decisions: pd.DataFrame) -> pd.DataFrame:
    """The last word per (content, path, frame): by time, and by line where times are equal."""
    ordered = decisions.assign(
        moment=pd.to_datetime(decisions["decided_at"], errors="coerce", utc=True, format="ISO8601")
    )
    ordered = ordered.sort_values(["moment", "line"], na_position="first", kind="stable")
    return ordered.drop_duplicates(["content_id", "path", "frame"], keep="last").drop(columns="moment")


def _places(images: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    frames = images["frame"].map(lambda frame: "" if pd.isna(frame) else str(int(frame)))
    places = {}
    columns = [images["path"], frames, images["content_id"], images["item_id"]]
    for path, frame, content, item in zip(*(column.tolist() for column in columns), strict=True):
        places[path, frame, ""] = places[path, frame, content] = item
    return places


def _by_item(found: list[dict], rows: pd.DataFrame) -> pd.DataFrame:
    reached = _frame(found, rows).drop_duplicates("item_id", keep="last")
    return reached[reached["decision"] != Decision.UNDECIDED].set_index("item_id")[
        ["decision", "label", "reason", "reviewer"]
    ]


def _frame(records: list[dict], rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(records, columns=rows.columns)
