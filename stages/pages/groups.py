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
