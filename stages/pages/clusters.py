"""The map: every readable image as a point, coloured by what the reader asks for; a group's members below it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stages.contracts.vocabulary import Verdict
from stages.core.cluster_stability import UNSTABLE, Stability
from stages.core.numerals import plural
from stages.pages import scatter, words
from stages.pages.colouring import modes
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Album, Sheets, shrink
from stages.pages.groups import members_of_clusters
from stages.pages.packing import pack, pack_ids, pack_paths
from stages.pages.skeleton import render, script

MEDOID, OUTLIER, REMOVED = 1, 2, 4
"""bits of a point's flags"""
NOWHERE = [0, 0, 0, 0, 0]
"""the place of an image without a thumbnail: its box is empty"""

QUALITY = {
    "method": ("Method", "cluster.method in params.yaml"),
    "dbcv": (
        "Separation (DBCV)",
        "from -1 to 1; the higher, the denser the clusters and the emptier the space between",
    ),
    "silhouette": (
        "Separation (silhouette)",
        "from -1 to 1; the higher, the closer images are to their own cluster than to the next",
    ),
    "core_fraction": (
        "In a dense core",
        "share of the images that form the clusters; the others joined them afterwards",
    ),
}


def build(facts: Facts, album: Album) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below `reports/`."""
    points = [item for members in members_of_clusters(facts).values() for item in members]
    sheets, files = shrink(album)
    yield "assets/data/clusters.js", script("clusters", _data(facts, points, sheets))
    yield from ((f"assets/{name}", content) for name, content in files)
    if points:
        yield "assets/data/items.js", script("items", _items(facts, points, sheets))
        extent = facts.placed["x"].to_numpy(), facts.placed["y"].to_numpy()
        yield "assets/data/map.js", script("map", scatter.map_item(*extent))
        yield from ((f"assets/bokeh/{name}", content) for name, content in scatter.scripts().items())
    yield "clusters.html", render("clusters", facts, points=len(points), quality=_quality(facts))


def _data(facts: Facts, points: list[Item], sheets: Sheets) -> dict:
    """What the map is drawn from, in columns by point, and the ways of grouping the points."""
    where = facts.placed.set_index("item_id")[["x", "y"]].reindex([item.item_id for item in points])
    return {
        "count": len(points),
        "x": pack(where["x"].to_numpy(np.float32)),
        "y": pack(where["y"].to_numpy(np.float32)),
        "score": pack(np.array([item.outlier_score or 0.0 for item in points], np.float32)),
        "flags": pack(np.array([_flags(item) for item in points], int)),
        "sheets": sheets.files,
        "modes": modes(facts, points, sheets.places),
    }


def _flags(item: Item) -> int:
    return MEDOID * bool(item.is_medoid) + OUTLIER * bool(item.is_outlier) + REMOVED * (item.verdict == Verdict.REMOVE)


def _items(facts: Facts, points: list[Item], sheets: Sheets) -> dict:
    """What names the points; the page asks for it once the map has been drawn."""
    places = np.array([sheets.places.get(item.content_id, NOWHERE) for item in points], int).reshape(-1, 5)
    frames = np.array([0 if item.frame is None else item.frame + 1 for item in points], int)
    times = {i: words.clock(item.timestamp_s) for i, item in enumerate(points) if item.timestamp_s is not None}
    return {
        "ids": pack_ids([item.item_id for item in points]),
        "contents": pack_ids([item.content_id for item in points]),
        **pack_paths([item.path for item in points]),
        "frames": pack(frames) if frames.any() else None,
        "times": times,
        "sheet": pack(places[:, 0]),
        "boxes": pack(places[:, 1:].ravel()),
        "settled": {i: facts.settled[item.item_id] for i, item in enumerate(points) if item.item_id in facts.settled},
    }


def _quality(facts: Facts) -> list[tuple[str, str, str]]:
    """What says how far to trust the clusters: name, value, and how to read it."""
    found = facts.metrics.get("cluster_quality") or {}
    rows = [(name, _told(found[key]), means) for key, (name, means) in QUALITY.items() if found.get(key) is not None]
    return rows + _stability(facts.stability)


def _stability(stability: Stability) -> list[tuple[str, str, str]]:
    """How stable the clusters are on the whole, and how that was measured."""
    if stability.median is None:
        return []
    drawn = f"{words.number(stability.drawn)} of the {plural(stability.of, 'distinct image')}"
    means = (
        f"some {drawn} were drawn and clustered anew, {plural(stability.resamples, 'time')}; from 0, the cluster "
        f"is gone, to 1, it is the same (mean Jaccard coefficient, Hennig 2007); under {UNSTABLE:g}, do not trust it"
    )
    share = f"{stability.median:.2f} for the middle cluster"
    unstable = f"{words.number(len(stability.unstable))} of {words.number(len(stability.measured))}"
    return [("Stability", share, means), ("Unstable clusters", unstable, "marked in the list beside the map")]


def _told(value: object) -> str:
    return (
        f"{value:.2f}"
        if isinstance(value, float)
        else {"hdbscan": "HDBSCAN", "kmeans": "k-means"}.get(value, str(value))
    )
