"""What the app's pages are told, as plain values for JSON."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.contracts.decisions import COLUMNS
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.verdicts import VERDICTS
from stages.core.transforms import File, change, in_words
from stages.pages import cards, words
from stages.pages.facts import Item
from stages.review.browsing import View, column_of, told_columns
from stages.review.grounds import grounds
from stages.review.ledger import Added
from stages.review.overlay import GAIN, Overlay

THUMBNAIL = "../api/thumbnail/"
"""Where a card finds its picture; cards look below assets/."""
MOST = 200
"""images in one answer"""
HIDDEN = {IMAGES.name: {"item_id", "content_id", "path", "frame"}, DUPLICATES.name: {"group_id", "keeper_id"}}
"""Columns that the list of all values does not repeat."""


def decisions(seen: View) -> dict:
    """One row per image that somebody spoke of, the one that `export` will obey; rows that reach none are left out."""
    return {"revision": seen.revision, "columns": COLUMNS, "rows": cells(seen.said)}


def cells(rows: pd.DataFrame) -> list[list[str]]:
    """Rows of decisions, in the order of the file's columns."""
    return rows[COLUMNS].to_numpy().tolist()


def added(found: Added) -> dict:
    """The rows that hold for what was sent, and the revisions between which they came in."""
    return {"before": found.before, "revision": found.after.revision, "columns": COLUMNS, "rows": cells(found.rows)}


def progress(seen: View, after: str | None = None) -> dict:
    """How many of the suspects are decided, and which comes next.

    after : an item; the next one is looked for behind it, and from the start where there is none.
    """
    waiting = seen.open
    total = len(seen.catalog.queue)
    return {"suspects": total, "decided": total - len(waiting), "next": _next(seen, waiting, after)}


def gallery(seen: View, numbers: np.ndarray, shown: tuple[str, ...] = ()) -> dict:
    """Cards of some images.

    Parameters
    ----------
    numbers : rows of the catalog, in order.
    shown : names of columns whose values stand on the cards.
    """
    found = [_card(seen, row, shown) for row in seen.rows(numbers)]
    return {"items": [card for card, _ in found], "sheets": [sheet for _, sheet in found]}


def item(seen: View, item_id: str) -> dict:
    """One image with everything that the tables say of it."""
    [row] = seen.rows([seen.catalog.number(item_id)])
    (card, sheet), image = _card(seen, row, ()), row[IMAGES.name]
    return {
        "item": card,
        "sheet": sheet,
        "width": image["width"],
        "height": image["height"],
        "status": image["status"],
        "keeper": bool(row[DUPLICATES.name]["keep"]),
        "grounds": grounds(row),
        "copies": _named(seen, seen.catalog.copies_of(item_id)[:MOST]),
        "values": _values(row),
    }


def found(seen: View, hits: list[tuple[int, float]]) -> dict:
    """Cards of what a search found, with their cosines."""
    told = gallery(seen, np.array([row for row, _ in hits], np.int64))
    for card, (_, similarity) in zip(told["items"], hits, strict=True):
        card["facts"] = [cards.fact("Cosine", f"{similarity:.3f}"), *card["facts"]]
    return told


def columns(seen: View) -> list[dict]:
    return told_columns(seen)


def overlay(seen: View, found: Overlay, item_a: str, item_b: str) -> dict:
    """What the comparison of two copies says, and how large its pictures are."""
    told = _done_to(seen, found, item_a, item_b) if found.is_aligned else ""
    height, width = found.first.shape[:2]
    return {
        "aligned": found.is_aligned,
        "agreement": round(found.found.agreement, 4),
        "words": told,
        "gain": GAIN,
        "width": width,
        "height": height,
    }


def _done_to(seen: View, found: Overlay, keeper: str, copy: str) -> str:
    """What was done to the copy, in words: those of the pages, which measured finer, or, of another pair, as seen."""
    catalog = seen.catalog
    if catalog.tables[DUPLICATES.name]["keeper_id"][catalog.number(copy)].as_py() == keeper:
        told = catalog.transforms.get(frozenset((keeper, copy)))
        if told:
            return told
    files = [File(row["width"], row["height"], row["format"]) for row in _images(seen, keeper, copy)]
    return in_words(change(found.found, *files, copy_is_b=True), *files)


def _images(seen: View, *item_ids: str) -> list[dict]:
    return [seen.catalog.image(item_id) for item_id in item_ids]


def _named(seen: View, item_ids: list[str]) -> list[dict]:
    rows = seen.rows([seen.catalog.number(item_id) for item_id in item_ids])
    return [{"id": row[IMAGES.name]["item_id"], "path": row[IMAGES.name]["path"]} for row in rows]


def _next(seen: View, waiting: np.ndarray, after: str | None) -> str | None:
    if not len(waiting):
        return None
    rank = seen.catalog.rank
    own = rank[seen.catalog.row_of[after]] if after in seen.catalog.row_of else -1
    place = int(np.searchsorted(rank[waiting], own, side="right")) % len(waiting)
    return seen.rows([waiting[place]])[0][IMAGES.name]["item_id"]


def _card(seen: View, row: dict[str, dict], shown: tuple[str, ...]) -> tuple[cards.Card, list]:
    """A card, and its thumbnail as a sheet that holds nothing else."""
    found = _item(row)
    place = seen.catalog.thumbnails.get(found.content_id)
    box = [0, 0, *place[1][2:]] if place else None
    facts = [cards.fact(name, told(_value(seen, row, name))) for name in shown if name not in ("path", "item_id")]
    card = cards.card(found, box, facts=facts)
    return card, [f"{THUMBNAIL}{found.item_id}", *(place[1][2:] if place else (1, 1))]


def _item(row: dict[str, dict]) -> Item:
    """The facts of a card, from the tables that have them; what they do not say is None."""
    known = row[CLUSTERS.name] | row[OUTLIERS.name] | row[IMAGES.name]
    # The label is the one after decisions, as of the last run.
    known |= {name: row[VERDICTS.name][name] for name in ("verdict", "rule", "detail", "label", "original_label")}
    return Item(*(known.get(name) for name in Item._fields))


def _value(seen: View, row: dict[str, dict], name: str) -> object:
    table, column = column_of(name, seen.columns)
    return row[table][column]


def _values(row: dict[str, dict]) -> list[list[str]]:
    return [
        [table, name, told(value)]
        for table, values in row.items()
        for name, value in values.items()
        if value is not None and name != "item_id" and name not in HIDDEN.get(table, ())
    ]


def told(value: object) -> str:
    """A value as text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return words.number(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
