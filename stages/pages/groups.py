"""Clusters as pages show them: the largest first, the most typical member first."""

from __future__ import annotations

from collections import Counter

from stages.contracts.vocabulary import NOISE
from stages.pages import words
from stages.pages.facts import Facts, Item


def members_of_clusters(facts: Facts) -> dict[int, list[Item]]:
    """Items of each cluster: the medoid, then by distance to the centroid. Noise comes last."""
    rows = facts.clusters.assign(
        order=facts.clusters["cluster"].where(facts.clusters["cluster"] != NOISE, facts.clusters["cluster"].max() + 1)
    ).sort_values(["order", "is_medoid", "centroid_distance", "item_id"], ascending=[True, False, True, True])
    found: dict[int, list[Item]] = {}
    for cluster, item_id in zip(rows["cluster"].tolist(), rows["item_id"], strict=True):
        found.setdefault(cluster, []).append(facts.items[item_id])
    return found


def title(facts: Facts, cluster: int) -> str:
    """`Cluster 3 · dress`"""
    return words.cluster(cluster, _name(facts, cluster))


def anchor(facts: Facts, cluster: int) -> str:
    """Where the page of clusters shows it. A cluster's key stays the same when numbers change with the next run."""
    if cluster == NOISE:
        return "no-cluster"
    return f"cluster-{facts.named[cluster].key if cluster in facts.named else cluster}"


def on_map(facts: Facts, cluster: int) -> str:
    """`dress`, or `dress · 3` where another has that name too; `3` without one."""
    name = _name(facts, cluster)
    if name is None:
        return str(cluster)
    return f"{name} · {cluster}" if facts.namesakes[name.casefold()] > 1 else name


def _name(facts: Facts, cluster: int) -> str | None:
    return facts.named[cluster].name if cluster in facts.named else None


def mostly(facts: Facts) -> dict[int, str]:
    """Which label prevails in each cluster, `mostly dress (82%)`; empty where nothing is labelled."""
    labels: dict[int, Counter] = {}
    for item in facts.items.values():
        if item.cluster is not None:
            labels.setdefault(item.cluster, Counter()).update([item.label] if item.label else [])
    return {cluster: _prevailing(found) for cluster, found in labels.items()}


def _prevailing(labels: Counter) -> str:
    if not labels:
        return ""
    (label, count), total = labels.most_common(1)[0], labels.total()
    if count == total:
        return f"all {label}"
    return f"mostly {label} ({words.percent(count / total)})" if 2 * count > total else "mixed labels"
