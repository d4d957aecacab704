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
    rows : the last word on each item, `undecided` as well, in order of line; `item_id`, `content_id`, `path` and
        `frame` are the item's own.
    ambiguous : rows whose content lies under several paths, none of them the row's own.
    unmatched : rows about content that is not in the data any more.
    """

    by_item: pd.DataFrame
    rows: pd.DataFrame
    ambiguous: pd.DataFrame
    unmatched: pd.DataFrame


def apply(decisions: pd.DataFrame, images: pd.DataFrame) -> Applied:
    """Match decisions to items, by path and content, else by content alone.

    A row applies to the item with that path and content (a row written by hand may leave the content out, and
    then means whatever lies at that path; or name nothing but the item); if none has that path any more, to the one
    item with that content; if several have it, to none. The newest per (content, path, frame) wins,
    and of two rows that reach one item the newer. `undecided` takes an earlier word back.
    """
    rows = newest(decisions)
    find, cells = finder(images), _cells(images)
    found: list[dict] = []
    ambiguous, unmatched = [], []
    for row in rows.to_dict("records"):
        items = find(row)
        if len(items) == 1:
            found.append({**row, **cells[items[0]]})
        else:
            (ambiguous if items else unmatched).append(row)
    reached = _frame(found, rows).drop_duplicates("item_id", keep="last").sort_values("line", ignore_index=True)
    return Applied(_by_item(reached), reached, _frame(ambiguous, rows), _frame(unmatched, rows))


def in_full(decisions: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """The rows, each that means one item with that item's own cells, so that rows about one image are seen to be."""
    find, cells = finder(images), _cells(images)
    rows = []
    for row in decisions.to_dict("records"):
        items = find(row)
        rows.append({**row, **cells[items[0]]} if len(items) == 1 else row)
    return _frame(rows, decisions)


def finder(images: pd.DataFrame) -> Callable[[Mapping], list[str]]:
    """What finds the items that a row means: one, none, or several, and so none.

    A row names an item by `path` and `frame`, by `content_id`, by `item_id`, or by several of them; an item's id alone
    finds it, and where other cells speak against the id, they count.
    """
    cells = _cells(images)
    places = _places(cells)
    by_content: dict[str, list[str]] = {}
    for content, item in zip(images["content_id"].tolist(), images["item_id"].tolist(), strict=True):
        by_content.setdefault(content, []).append(item)
    known_paths = set(images["path"])

    def find(row: Mapping) -> list[str]:
        path = below(row["path"])
        item = places.get((path, row["frame"], row["content_id"]))
        if item is not None:
            return [item]
        own = cells.get(row["item_id"])
        if own and all(told in ("", own[name]) for name, told in {**row, "path": path}.items() if name in own):
            return [row["item_id"]]
        return [] if path in known_paths else by_content.get(row["content_id"], [])

    return find


def below(path: str) -> str:
    """A path as `images` has it: `./hat/1.jpg` is `hat/1.jpg`."""
    return path.removeprefix("./")


def named(row: Mapping) -> str:
    """What a row says that it is about: the first of its cells that is filled in."""
    if row["path"]:
        return f"{row['path']}, frame {row['frame']}" if row["frame"] else row["path"]
    found = [f"{name} {row[name]}" for name in ("content_id", "item_id") if row[name]]
    return found[0] if found else "a row that names no image"


def newest(decisions: pd.DataFrame) -> pd.DataFrame:
    """The last word per (content, path, frame): by time, and by line where times are equal."""
    ordered = decisions.assign(moment=moments(decisions["decided_at"]), only=alone(decisions))
    ordered = ordered.sort_values(["moment", "line"], na_position="first", kind="stable")
    found = ordered.drop_duplicates(["content_id", "path", "frame", "only"], keep="last")
    return found.drop(columns=["moment", "only"])


def alone(decisions: pd.DataFrame) -> pd.Series:
    """The item's id where a row names nothing but that; elsewhere empty, as the other cells are what is meant."""
    return decisions["item_id"].where((decisions["content_id"] == "") & (decisions["path"] == ""), "")


def moments(decided_at: pd.Series) -> pd.Series:
    """When each row was said, in UTC: a date alone is the end of that day, what is empty or no time is NaT."""
    found = pd.to_datetime(decided_at, errors="coerce", utc=True, format="ISO8601")
    days = decided_at.astype(str).str.fullmatch(r"\s*\d{4}-?\d\d-?\d\d\s*")
    return found.where(~days, found + pd.Timedelta(milliseconds=86_399_999))


def _places(cells: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str, str], str]:
    places = {}
    for item, own in cells.items():
        path, frame, content = own["path"], own["frame"], own["content_id"]
        places[path, frame, ""] = places[path, frame, content] = item
    return places


def _cells(images: pd.DataFrame) -> dict[str, dict[str, str]]:
    """By item what a row of decisions says of where it lies."""
    frames = images["frame"].map(lambda frame: "" if pd.isna(frame) else str(int(frame)))
    columns = [images["item_id"], images["content_id"], images["path"], frames]
    names = ["item_id", "content_id", "path", "frame"]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _by_item(reached: pd.DataFrame) -> pd.DataFrame:
    return reached[reached["decision"] != Decision.UNDECIDED].set_index("item_id")[
        ["decision", "label", "reason", "reviewer"]
    ]


def _frame(records: list[dict], rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(records, columns=rows.columns)
