"""The clusters that changed between two versions, with their most typical images and where theirs are now."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stages.contracts.vocabulary import NOISE
from stages.core.comparison import Comparison
from stages.pages import words
from stages.pages.compare_numbers import difference
from stages.pages.gallery import Album, Sheets, repack

SHOWN = 24
TYPICAL = 4
TILE = 112
TILES = (16, 9)
MOSTLY = 0.5
STATES = {"born": "New", "gone": "Gone", "grown": "Grown", "shrunk": "Shrunk"}


def clusters(found: Comparison, albums: tuple[Album, Album]) -> tuple[list[dict] | None, list, Iterator]:
    """Rows of the clusters that changed, with their most typical images."""
    if found.clusters is None:
        return None, [], iter(())
    changed = found.clusters[found.clusters["state"] != "same"][:SHOWN]
    rows = list(changed.itertuples(index=False))
    typical = [_typical(found, row) for row in rows]
    sheets, files = [], []
    for side, album in enumerate(albums):
        own = [
            content for row, contents in zip(rows, typical, strict=True) if _side(row) == side for content in contents
        ]
        made, content = repack(album, own, f"clusters-{'ab'[side]}", TILE, TILES)
        sheets.append(made)
        files += content
    both = sheets[0].files + sheets[1].files
    told = [_cluster(row, contents, sheets) for row, contents in zip(rows, typical, strict=True)]
    return told, both, iter(files)


def counts_told(found: Comparison) -> list[str]:
    """`2 new`, `5 shrunk`, in the order of STATES; the same ones last."""
    counts = found.cluster_counts or {}
    told = [f"{words.number(counts[state])} {title.lower()}" for state, title in STATES.items() if counts.get(state)]
    return [*told, f"{words.number(counts.get('same', 0))} as large as before"]


def not_shown(found: Comparison) -> int:
    return 0 if found.clusters is None else max(0, int((found.clusters["state"] != "same").sum()) - SHOWN)


def _side(row: tuple) -> int:
    """From which version a cluster's images are shown: the later, unless it is gone."""
    return 0 if row.state == "gone" else 1


def _typical(found: Comparison, row: tuple) -> list[str]:
    """Contents nearest to the middle of the cluster."""
    version, number = (found.before, row.before) if _side(row) == 0 else (found.after, row.after)
    members = version.clusters[version.clusters["cluster"] == number].sort_values(["centroid_distance", "item_id"])
    contents = version.items.set_index("item_id")["content_id"]
    return list(dict.fromkeys(contents[members["item_id"]]))[:TYPICAL]


def _cluster(row: tuple, contents: list[str], sheets: list[Sheets]) -> dict:
    offset = len(sheets[0].files) * _side(row)
    places = [sheets[_side(row)].places.get(content) for content in contents]
    return {
        "state": row.state,
        "title": STATES[row.state],
        "names": [words.cluster(int(number)) for number in (row.before, row.after) if number is not pd.NA],
        "before": int(row.size_before),
        "after": int(row.size_after),
        "change": difference(int(row.size_before), int(row.size_after)),
        "note": _kin(row),
        "places": [place and [place[0] + offset, *place[1:]] for place in places],
    }


def _kin(row: tuple) -> str:
    """How sure a match is; or where the images of a cluster that is gone are now, or those of a new one were."""
    if row.state not in ("gone", "born"):
        return f"Of the images in either, {words.percent(row.jaccard)} are in both"
    gone = row.state == "gone"
    if row.kin is pd.NA or row.elsewhere >= MOSTLY:
        return f"{_share(row.elsewhere)} of its images are {'gone' if gone else 'new'}"
    where = "no cluster" if row.kin == NOISE else words.cluster(int(row.kin)).lower()
    return f"{_share(row.kin_share)} of its images {'are now' if gone else 'were'} in {where}"


def _share(share: float) -> str:
    return "All" if share == 1 else words.percent(share)
