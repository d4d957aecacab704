"""The map: every readable image as a point, coloured by what the reader asks for; a group's members below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from stages.contracts.vocabulary import NOISE, Rule, Verdict
from stages.core.cluster_stability import UNSTABLE, Stability
from stages.pages import scatter, words
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Album, Sheets, shrink
from stages.pages.groups import members_of_clusters, mostly
from stages.pages.skeleton import render, script

NAMES_ON_MAP = 40

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
    groups = members_of_clusters(facts)
    points = [item for members in groups.values() for item in members]
    sheets, files = shrink(album)
    yield "assets/data/clusters.js", script("clusters", _data(facts, groups, points, sheets))
    yield from ((f"assets/{name}", content) for name, content in files)
    if points:
        yield "assets/data/map.js", script("map", _map(facts, groups, points))
        yield from ((f"assets/bokeh/{name}", content) for name, content in scatter.scripts().items())
    yield "clusters.html", render("clusters", facts, points=len(points), quality=_quality(facts))


def _map(facts: Facts, groups: dict[int, list[Item]], points: list[Item]) -> dict:
    where = facts.placed.set_index("item_id").loc[[item.item_id for item in points], ["x", "y"]]
    at = {item_id: (x, y) for item_id, x, y in zip(where.index, where["x"].tolist(), where["y"].tolist(), strict=True)}
    names = [(*at[members[0].item_id], str(c)) for c, members in groups.items() if c != NOISE][:NAMES_ON_MAP]
    return scatter.map_item(where["x"].to_numpy(), where["y"].to_numpy(), names)


def _data(facts: Facts, groups: dict[int, list[Item]], points: list[Item], sheets: Sheets) -> dict:
    """Columns in the order of the points, and the ways of grouping them."""
    return {
        "sheets": sheets.files,
        "ids": [item.item_id for item in points],
        "contents": [item.content_id for item in points],
        "paths": [item.path for item in points],
        "frames": [item.frame for item in points] if any(item.frame is not None for item in points) else [],
        "settled": {i: facts.settled[item.item_id] for i, item in enumerate(points) if item.item_id in facts.settled},
        "places": [sheets.places.get(item.content_id) for item in points],
        "strength": [round(item.strength, 4) for item in points],
        "medoid": [int(item.is_medoid) for item in points],
        "outlier": [int(item.is_outlier or 0) for item in points],
        "score": [round(item.outlier_score or 0.0, 6) for item in points],
        "removed": [int(item.verdict == "remove") for item in points],
        "modes": _modes(facts, groups, points),
    }


def _modes(facts: Facts, groups: dict[int, list[Item]], points: list[Item]) -> list[dict]:
    """Every way to colour the map that this data has. Group 0 is drawn grey: no cluster, no label, nothing wrong."""
    found = [_cluster_mode(facts, groups, points)]
    found.append(_mode("label", "Label", "No label", points, lambda item: item.label))
    found.append(_mode("split", "Split", "No split", points, lambda item: item.split))
    found.append(_verdict_mode(points))
    found.append(_mode("issue", "Issue", "Nothing wrong", points, lambda item: item.rule, _rule_title))
    return [mode for mode in found if len(mode["groups"]) > 1]


def _verdict_mode(points: list[Item]) -> dict:
    mode = _mode(
        "verdict", "Stays or goes", "Stays", points, lambda item: "Goes" if item.verdict == Verdict.REMOVE else None
    )
    for group in mode["groups"]:
        group["anchor"] = "go" if group["value"] else "stay"
    return mode


def _rule_title(rule: str) -> str:
    return words.RULES[Rule(rule)][0]


def _cluster_mode(facts: Facts, groups: dict[int, list[Item]], points: list[Item]) -> dict:
    mode = _mode(
        "cluster",
        "Cluster",
        "No cluster",
        points,
        lambda i: None if i.cluster == NOISE else i.cluster,
        words.cluster,
        sorted,
    )
    notes = mostly(facts)
    for group in mode["groups"]:
        number = NOISE if group["value"] is None else group["value"]
        group["note"] = notes.get(number, "")
        group["anchor"] = "no-cluster" if number == NOISE else f"cluster-{number}"
        group["found"] = "" if number == NOISE else found_again(facts.stability, number)
        group["unstable"] = number in facts.stability.unstable
    return mode


def _mode(
    key: str,
    title: str,
    neutral: str,
    points: list[Item],
    value: Callable[[Item], object],
    name: Callable[[object], str] = str,
    order: Callable[[list], list] | None = None,
) -> dict:
    """One way to colour: a code per point, and what the codes mean, the most frequent first."""
    values = [value(item) for item in points]
    sizes = Counter(values)
    kinds = [kind for kind in sizes if kind is not None]
    kinds = order(kinds) if order else sorted(kinds, key=lambda kind: (-sizes[kind], str(kind)))
    codes = {None: 0} | {kind: code for code, kind in enumerate(kinds, 1)}
    named = [{"value": None, "name": neutral, "size": sizes[None]}]
    named += [{"value": kind, "name": name(kind), "size": sizes[kind]} for kind in kinds]
    return {"key": key, "title": title, "codes": [codes[kind] for kind in values], "groups": named}


def found_again(stability: Stability, cluster: int) -> str:
    """`found again in 17 of 20 resamples`; empty where that was not measured."""
    times = stability.found[cluster] if cluster < len(stability.found) else None
    return "" if times is None else f"found again in {times} of {words.plural(stability.resamples, 'resample')}"


def _quality(facts: Facts) -> list[tuple[str, str, str]]:
    """What says how far to trust the clusters: name, value, and how to read it."""
    found = facts.metrics.get("cluster_quality") or {}
    rows = [(name, _told(found[key]), means) for key, (name, means) in QUALITY.items() if found.get(key) is not None]
    return rows + _stability(facts.stability)


def _stability(stability: Stability) -> list[tuple[str, str, str]]:
    """How stable the clusters are on the whole, and how that was measured."""
    if stability.median is None:
        return []
    drawn = f"{words.number(stability.drawn)} of the {words.plural(stability.of, 'distinct image')}"
    means = (
        f"some {drawn} were drawn and clustered anew, {words.plural(stability.resamples, 'time')}; from 0, the cluster "
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
