"""What of the findings is still open: neither removed by a rule nor decided on by a person.

A removed image is in nobody's way, and what a person decided on is settled. A pair of copies is open while both stay
and nobody decided on either; labels are those after decisions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.contracts.vocabulary import DuplicateKind, QualityIssue, Rule, Verdict

FLAGS = {
    "quality": [f"is_{issue}" for issue in QualityIssue],
    "outliers": ["is_outlier"],
    "labels": ["is_label_issue"],
    "clusters": [],
}
"""The tables with a row an item, and their columns that are suspicions."""


def still_open(found: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same tables, of the images that stay, with the findings that are open.

    Parameters
    ----------
    found : `images`, `pairs`, `duplicates`, `verdicts`, and those of `FLAGS` that there are.

    Returns
    -------
    The tables by name; of `duplicates` only `item_id`, `kind` and `label_conflict`.
    """
    verdicts = found["verdicts"]
    stays = verdicts["verdict"] == Verdict.KEEP
    kept = pd.Index(verdicts.loc[stays, "item_id"], dtype=object)
    waiting = pd.Index(verdicts.loc[stays & (verdicts["rule"] != Rule.DECISION), "item_id"], dtype=object)
    images = _rows(found["images"], kept)
    pairs = found["pairs"]
    pairs = pairs[_are_in(pairs["item_a"], waiting) & _are_in(pairs["item_b"], waiting)]
    judged = {
        name: _settled(_rows(found[name], kept), waiting, flags) for name, flags in FLAGS.items() if name in found
    }
    duplicates = open_duplicates(images, pairs, found["duplicates"], verdicts)
    return {**found, **judged, "images": images, "pairs": pairs, "duplicates": duplicates}


def open_duplicates(
    images: pd.DataFrame, pairs: pd.DataFrame, duplicates: pd.DataFrame, verdicts: pd.DataFrame
) -> pd.DataFrame:
    """`item_id`, `kind`, `label_conflict` of all that are in open pairs; of each pair the later one is the copy.

    First come the proposed keepers, then it is the paths' order; whoever copies in both ways is an exact copy.
    """
    later = _later(images, pairs, set(duplicates.loc[duplicates["keep"], "item_id"]))
    exact = set(later[pairs["kind"] == DuplicateKind.EXACT])
    near = set(later) - exact
    conflicting = _conflicting(pairs, verdicts)
    members = sorted({*pairs["item_a"], *pairs["item_b"]})
    kinds = dict.fromkeys(exact, DuplicateKind.EXACT.value) | dict.fromkeys(near, DuplicateKind.NEAR.value)
    conflicts = np.array([item in conflicting for item in members], bool)
    columns = {"item_id": members, "kind": [kinds.get(item) for item in members], "label_conflict": conflicts}
    return pd.DataFrame(columns).astype({"item_id": object, "kind": object})


def _later(images: pd.DataFrame, pairs: pd.DataFrame, keepers: set[str]) -> pd.Series:
    """The item of each pair that comes later."""
    members = images[images["item_id"].isin({*pairs["item_a"], *pairs["item_b"]})]
    order = members.assign(other=~members["item_id"].isin(keepers)).sort_values(["other", "path", "item_id"])
    place = dict(zip(order["item_id"], range(len(order)), strict=True))
    return pairs["item_a"].where(pairs["item_a"].map(place) > pairs["item_b"].map(place), pairs["item_b"])


def _conflicting(pairs: pd.DataFrame, verdicts: pd.DataFrame) -> set[str]:
    """Items of pairs whose labels, after decisions, differ."""
    label = verdicts.dropna(subset="label").set_index("item_id")["label"]
    a, b = pairs["item_a"].map(label), pairs["item_b"].map(label)
    differ = pairs[a.notna() & b.notna() & (a != b)]
    return {*differ["item_a"], *differ["item_b"]}


def _rows(table: pd.DataFrame, items: pd.Index) -> pd.DataFrame:
    return table[_are_in(table["item_id"], items)]


def _settled(table: pd.DataFrame, waiting: pd.Index, flags: list[str]) -> pd.DataFrame:
    """The flags only where they wait for a decision."""
    is_waiting = _are_in(table["item_id"], waiting)
    return table.assign(**{flag: table[flag] & is_waiting for flag in flags})


def _are_in(ids: pd.Series, items: pd.Index) -> np.ndarray:
    """Like `isin`, with `items` hashed once and not every time."""
    return items.get_indexer(ids) >= 0
