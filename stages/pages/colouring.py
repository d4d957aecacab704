"""The ways of colouring the map: what groups the images fall into, and what is told of each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from stages.contracts.vocabulary import NOISE, Rule, Verdict
from stages.core.cluster_stability import Stability
from stages.core.numerals import plural
from stages.pages import groups, words
from stages.pages.facts import Facts, Item
from stages.pages.gallery import Place
from stages.pages.packing import pack


def modes(facts: Facts, points: list[Item], places: dict[str, Place]) -> list[dict]:
    """Every way to colour the map that this data has. Group 0 is drawn grey: no cluster, no label, nothing wrong."""
    found = [_clusters(facts, points, places)]
    found.append(_mode("label", "Label", "No label", [item.label for item in points]))
    found.append(_mode("shows", "Looks like", "None fits", _zero_shot(facts, points)))
    found.append(_mode("split", "Split", "No split", [item.split for item in points]))
    found.append(_verdicts(points))
    found.append(_mode("issue", "Issue", "Nothing wrong", [item.rule for item in points], _rule_title))
    return [mode for mode in found if len(mode["groups"]) > 1]


def found_again(stability: Stability, cluster: int) -> str:
    """`found again in 17 of 20 resamples`; empty where that was not measured."""
    times = stability.found[cluster] if cluster < len(stability.found) else None
    return "" if times is None else f"found again in {times} of {plural(stability.resamples, 'resample')}"


def _clusters(facts: Facts, points: list[Item], places: dict[str, Place]) -> dict:
    """The clusters with their names; each is shown by its first, most typical image."""
    values = [None if item.cluster == NOISE else item.cluster for item in points]
    mode = _mode("cluster", "Cluster", "No cluster", values, lambda cluster: groups.title(facts, cluster), sorted)
    notes, typical = groups.mostly(facts), {}
    for item in points:
        typical.setdefault(item.cluster, item.content_id)
    for group in mode["groups"]:
        number = NOISE if group["value"] is None else group["value"]
        group["anchor"], group["note"] = groups.anchor(facts, number), notes.get(number, "")
        if number != NOISE:
            group |= {
                "older": f"cluster-{number}",
                "label": groups.on_map(facts, number),
                "guess": facts.named[number].is_guess if number in facts.named else False,
                "found": found_again(facts.stability, number),
                "unstable": number in facts.stability.unstable,
                "place": places.get(typical[number]),
            }
    return mode


def _zero_shot(facts: Facts, points: list[Item]) -> list[str | None]:
    """What each image looks like, of the labels that were asked for; None where none fits."""
    told = facts.labels[facts.labels["zero_shot_label"].notna() & ~facts.labels["fits_none"]]
    label_of = dict(zip(told["item_id"], told["zero_shot_label"], strict=True))
    return [label_of.get(item.item_id) for item in points]


def _verdicts(points: list[Item]) -> dict:
    values = ["Goes" if item.verdict == Verdict.REMOVE else None for item in points]
    mode = _mode("verdict", "Stays or goes", "Stays", values)
    for group in mode["groups"]:
        group["anchor"] = "go" if group["value"] else "stay"
    return mode


def _rule_title(rule: str) -> str:
    return words.RULES[Rule(rule)][0]


def _mode(
    key: str,
    title: str,
    neutral: str,
    values: list,
    name: Callable[[object], str] = str,
    order: Callable[[list], list] | None = None,
) -> dict:
    """One way to colour: a code per point, and what the codes mean, the most frequent first."""
    sizes = Counter(values)
    kinds = [kind for kind in sizes if kind is not None]
    kinds = order(kinds) if order else sorted(kinds, key=lambda kind: (-sizes[kind], str(kind)))
    codes = {None: 0} | {kind: code for code, kind in enumerate(kinds, 1)}
    told = [{"value": None, "name": neutral, "size": sizes[None]}]
    told += [{"value": kind, "name": name(kind), "size": sizes[kind]} for kind in kinds]
    return {"key": key, "title": title, "codes": pack(np.array([codes[kind] for kind in values], int)), "groups": told}
