"""Which decision applies to which item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import Decision

CELLS = ["item_id", "content_id", "path", "frame"]
"""What a row says of where its image lies."""
IMAGE = ["content_id", "path", "frame", "alone"]
"""What names an image; `alone` is the item's id in a row that names nothing else."""
SIDES = ("_first", "_second")
TOLD = ("line", "decision", "label", "reviewer", "decided_at")
"""What is told of a disputed row."""


@dataclass(frozen=True)
class Applied:
    """What became of the decisions.

    by_item : `item_id` (index), `decision`, `label`, `reason`, `reviewer`.
    rows : the last word on each item, `undecided` as well, in order of line; `item_id`, `content_id`, `path` and
        `frame` are the item's own.
    ambiguous : rows whose content lies under several paths, none of them the row's own.
    unmatched : rows about content that is not in the data any more.
    disputed : pairs of rows that say different things of one item, as `disputes` has them.
    """

    by_item: pd.DataFrame
    rows: pd.DataFrame
    ambiguous: pd.DataFrame
    unmatched: pd.DataFrame
    disputed: pd.DataFrame


def apply(decisions: pd.DataFrame, images: pd.DataFrame) -> Applied:
    """Match decisions to items, by path and content, else by content alone.

    A row applies to the item with that path and content (a row written by hand may leave the content out, and
    then means whatever lies at that path; or name nothing but the item); if none has that path any more, to the one
    item with that content; if several have it, to none. The newest row on an item wins, and of rows that reach none
    the newest per (content, path, frame) is told. `undecided` takes an earlier word back.
    """
    full = _resolved(decisions, images)
    last = newest(full)
    parts = (last["found"] == 1, last["found"] > 1, last["found"] == 0)
    reached, ambiguous, unmatched = (last[part].drop(columns="found").reset_index(drop=True) for part in parts)
    reached = reached.sort_values("line", ignore_index=True)
    return Applied(_by_item(reached), reached, ambiguous, unmatched, disputes(full[full["found"] == 1]))


def in_full(decisions: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """The rows, each that means one item with that item's own cells, so that rows about one image are seen to be."""
    return _resolved(decisions, images).drop(columns="found")


def _resolved(decisions: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """As `in_full`; `found` is how many items a row means."""
    near = concerned(decisions, images)
    find, cells = finder(near), _cells(near)
    rows = decisions.to_dict("records")
    meant = [find(row) for row in rows]
    own = [cells[items[0]] if len(items) == 1 else row for items, row in zip(meant, rows, strict=True)]
    columns = {name: pd.Series([one[name] for one in own], decisions.index, object) for name in CELLS}
    return decisions.assign(**columns, found=pd.Series(list(map(len, meant)), decisions.index, int))


def concerned(decisions: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """The images that rows may mean: the rule looks at none but those of a row's path, content or id."""
    names = ["path", "content_id", "item_id"]
    paths, contents, ids = set(map(below, decisions["path"])), set(decisions["content_id"]), set(decisions["item_id"])
    # Sets of Python's own: pandas takes a second for what these look up in a hundredth.
    own = zip(*(images[name].tolist() for name in names), strict=True)
    near = (path in paths or content in contents or item in ids for path, content, item in own)
    return images[np.fromiter(near, bool, len(images))]


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


def said(dispute: Mapping) -> str:
    """A row of `disputes` in words."""
    words = []
    for side in SIDES:
        label = f" {dispute[f'label{side}']}" if dispute[f"label{side}"] else ""
        words.append(f"{dispute[f'reviewer{side}'] or 'nobody by name'} said {dispute[f'decision{side}']}{label}")
    which = "of one time, so the later row holds" if dispute["is_tied"] else "the newer holds"
    return f"{', '.join(words)}; {which}{', ' + dispute['won'] if dispute['won'] else ''}"


def newest(decisions: pd.DataFrame) -> pd.DataFrame:
    """The last word per (content, path, frame): by time, and by line where times are equal."""
    return _by_time(decisions).drop_duplicates(IMAGE, keep="last")[list(decisions.columns)]


def disputes(decisions: pd.DataFrame) -> pd.DataFrame:
    """Rows that say different things of one image: each reviewer's last, beside the row that holds.

    They are of two reviewers, or of one time, so that it is not known which was meant. Who thinks again disputes
    nothing, nor who takes a word back. Rows about one image have to name it alike; see `in_full`.

    Returns
    -------
    `item_id`, `content_id`, `path`, `frame`; of both rows, in order of line, `line`, `decision`, `label`, `reviewer`
    and `decided_at`, with the suffixes `_first` and `_second`; `won`, the reviewer of the row that holds; `is_tied`,
    whether they are of one time.
    """
    ordered = _by_time(decisions)
    last = ordered.drop_duplicates(IMAGE, keep="last")
    lost = ordered.drop(last.index).drop_duplicates([*IMAGE, "reviewer"], keep="last")
    met = lost.merge(last, on=IMAGE, suffixes=SIDES)
    moments = met["moment_first"], met["moment_second"]
    is_tied = moments[0].eq(moments[1]) | moments[1].isna()
    met = met.assign(item_id=met["item_id_second"], won=met["reviewer_second"], is_tied=is_tied)
    otherwise = (met["decision_first"] != met["decision_second"]) | (met["label_first"] != met["label_second"])
    taken_back = met[["decision_first", "decision_second"]].eq(Decision.UNDECIDED).any(axis=1)
    unclear = met["is_tied"] | (met["reviewer_first"] != met["reviewer_second"])
    columns = [*CELLS, *(f"{name}{side}" for side in SIDES for name in TOLD), "won", "is_tied"]
    return _in_order(met[otherwise & unclear & ~taken_back])[columns]


def _in_order(pairs: pd.DataFrame) -> pd.DataFrame:
    """The row of the lower line first."""
    first, second = SIDES
    other = {f"{name}{a}": f"{name}{b}" for name in TOLD for a, b in ((first, second), (second, first))}
    is_turned = pairs["line_first"] > pairs["line_second"]
    both = pd.concat([pairs[~is_turned], pairs[is_turned].rename(columns=other)])
    return both.sort_values(["line_first", "line_second"], ignore_index=True)


def _by_time(decisions: pd.DataFrame) -> pd.DataFrame:
    """In the order in which rows count, the last word last; with `moment`, and `alone`."""
    ordered = decisions.assign(moment=moments(decisions["decided_at"]), alone=alone(decisions))
    return ordered.sort_values(["moment", "line"], na_position="first", kind="stable", ignore_index=True)


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
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {row[0]: dict(zip(CELLS, row, strict=True)) for row in rows}


def _by_item(reached: pd.DataFrame) -> pd.DataFrame:
    return reached[reached["decision"] != Decision.UNDECIDED].set_index("item_id")[
        ["decision", "label", "reason", "reviewer"]
    ]
