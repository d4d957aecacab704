"""The images that changed, as cards: what a card says is made here, the scripts only lay it out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import Change, Verdict
from stages.core.comparison import Comparison
from stages.core.difference import AFTER, BEFORE
from stages.pages import words
from stages.pages.cards import Card, fact
from stages.pages.gallery import Album, repack

TAGS = {
    Change.ADDED: ("kept", "Added"),
    Change.GONE: ("removed", "Gone"),
    Change.REMOVED: ("removed", "Now removed"),
    Change.RESTORED: ("kept", "Now kept"),
    Change.RELABELLED: ("flagged", "Relabelled"),
    Change.SPLIT: ("flagged", "Other split"),
    Change.CONTENT: ("flagged", "Other content"),
    Change.RENAMED: ("flagged", "Renamed"),
    Change.FLAG: ("flagged", "Flags changed"),
}


def cards_of(
    found: Comparison, albums: tuple[Album, Album], limit: int
) -> tuple[list[Card], list[list], Iterator[tuple[str, bytes]]]:
    """Cards, their sheets (the earlier version's first), and the sheets' files as they are made.

    Each image has one card, whatever happened to it; of each kind of change at most `limit` are taken, spread evenly
    over the paths.
    """
    kinds = _chosen(found.changes, limit)
    rows = found.matched.loc[list(kinds)].astype(object)
    items = rows.where(rows.notna(), None).to_dict("records")
    before, before_files = repack(albums[0], [_before(item, what) for item, what in _with(items, kinds)], "before")
    after, after_files = repack(albums[1], [item["content_id_after"] for item in items], "after")
    offset = len(before.files)
    now = {content: [place[0] + offset, *place[1:]] for content, place in after.places.items()}
    cards = [_card(item, what, before.places, now) for item, what in _with(items, kinds)]
    return cards, before.files + after.files, chain(before_files, after_files)


def _with(items: list[dict], kinds: dict[int, list[str]]) -> Iterator[tuple[dict, list[str]]]:
    return zip(items, kinds.values(), strict=True)


def _chosen(changes: pd.DataFrame, limit: int) -> dict[int, list[str]]:
    """Rows of `matched` to show, in order of path, and all that happened to each."""
    shown: set[int] = set()
    for _, rows in changes.groupby("change", sort=False):
        places = np.unique(np.linspace(0, len(rows) - 1, min(limit, len(rows))).round().astype(int))
        shown.update(rows["row"].iloc[places])
    of_shown = changes[changes["row"].isin(shown)]
    kinds: dict[int, list[str]] = {}
    for row, change in zip(of_shown["row"], of_shown["change"], strict=True):
        kinds.setdefault(row, []).append(change)
    paths = of_shown.drop_duplicates("row").sort_values(["path", "row"], kind="stable")
    return {row: kinds[row] for row in paths["row"]}


def _before(item: dict, kinds: list[str]) -> str | None:
    """The content of which the earlier version's thumbnail is shown: of what is gone, or is another picture."""
    return item["content_id_before"] if Change.GONE in kinds or Change.CONTENT in kinds else None


def _card(item: dict, kinds: list[str], before: dict, now: dict) -> Card:
    gone = Change.GONE in kinds
    side = BEFORE if gone else AFTER
    was = before.get(_before(item, kinds))
    return {
        "id": item["item_id" + side],
        "path": item["path" + side],
        "frame": item["frame" + side],
        "place": was if gone else now.get(item["content_id_after"]),
        "was": None if gone else was,
        "kinds": kinds,
        "tags": [dict(zip(("kind", "text"), TAGS[Change(kind)], strict=True)) for kind in kinds],
        "facts": [
            fact(name, item[column + side])
            for name, column in (("Label", "label"), ("Split", "split"))
            if item[column + side]
        ],
        "differences": [text for kind in kinds for text in _told(item, Change(kind))],
        "text": item["detail" + side] or "",
    }


def _told(item: dict, kind: Change) -> list[str]:
    """What happened, in words; nothing where the tag says it all."""
    was, now = (
        {name: item[name + side] for name in ("label", "split", "path", "rule", "verdict")} for side in (BEFORE, AFTER)
    )
    if kind == Change.ADDED:
        return [f"Removed at once: {_rule(now)}"] if now["verdict"] == Verdict.REMOVE else []
    if kind == Change.GONE:
        return [f"Had been removed: {_rule(was)}"] if was["verdict"] == Verdict.REMOVE else []
    if kind == Change.REMOVED:
        return [f"Stayed before, goes now: {_rule(now)}"]
    if kind == Change.RESTORED:
        return [f"Was removed ({_rule(was)}), stays now"]
    if kind == Change.CONTENT:
        return ["Another file under the same path"]
    if kind == Change.RENAMED:
        return [f"Was {was['path']}" if was["path"] != now["path"] else "Another frame of the same video"]
    name = {Change.RELABELLED: "label", Change.SPLIT: "split"}.get(kind, "rule")
    if name == "rule":
        return [f"Before: {_rule(was)}. Now: {_rule(now)}"]
    return [f"{name.capitalize()} {was[name] or 'none'}, now {now[name] or 'none'}"]


def _rule(side: dict) -> str:
    return words.rule(side["rule"]).lower()
