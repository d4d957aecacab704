"""Whether the images of each class still look the same: the test of `drift`, class by class."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.core.drift import mmd
from stages.core.null_model import q_values

FEWEST = 20
"""Different images that a class must have in either version to be tested."""
MOST = 100
"""Classes that are tested at most, those with the most changes first: each takes a tenth of a second."""
ROWS = 600
PERMUTATIONS = 1000
"""More than for the whole, since of many classes only small p-values count."""
COLUMNS = ["label", "statistic", "p_value", "q_value"]

Vectors = tuple[np.ndarray, np.ndarray]
"""Ids (n,) of contents, distinct, and their vectors (n, d)."""


def class_drift(
    before: Vectors, after: Vectors, labels_before: pd.DataFrame, labels_after: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Squared MMD of each class that has changed and is large enough.

    Parameters
    ----------
    labels_before, labels_after : `content_id`, `label`.
    seed : of the samples and shuffles.

    Returns
    -------
    `label`, `statistic`, `p_value`, and `q_value`: the share of false alarms to expect among the classes that are as
    far off (Benjamini & Hochberg 1995), since of many classes some look shifted by chance.
    """
    members_before, members_after = _members(before[0], labels_before), _members(after[0], labels_after)
    rows = []
    for label in _most_changed(members_before, members_after, before[0], after[0])[:MOST]:
        one, other = members_before[label], members_after[label]
        found = mmd(
            before[1][one],
            after[1][other],
            seed=seed,
            ids_a=before[0][one],
            ids_b=after[0][other],
            rows=ROWS,
            permutations=PERMUTATIONS,
        )
        rows.append((label, found.statistic, found.p_value))
    table = pd.DataFrame(rows, columns=COLUMNS[:3]).astype({"label": object, "statistic": float, "p_value": float})
    return table.assign(q_value=q_values(table["p_value"].to_numpy()))


def _members(ids: np.ndarray, labels: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows of `ids` with each label; contents without a vector are left out."""
    named = labels[["content_id", "label"]].dropna().drop_duplicates()
    rows = pd.Index(ids, dtype=object).get_indexer(named["content_id"].astype(object))
    found = pd.DataFrame({"label": named["label"].to_numpy(object), "row": rows})
    return {label: np.sort(group["row"].to_numpy()) for label, group in found[found["row"] >= 0].groupby("label")}


def _most_changed(
    before: dict[str, np.ndarray], after: dict[str, np.ndarray], ids_before: np.ndarray, ids_after: np.ndarray
) -> list[str]:
    """Classes that are large enough in both versions and are not the same, the most changed first."""
    changed = {}
    for label in before.keys() & after.keys():
        if min(len(before[label]), len(after[label])) >= FEWEST:
            changed[label] = len(set(ids_before[before[label]]) ^ set(ids_after[after[label]]))
    return sorted((label for label in changed if changed[label]), key=lambda label: (-changed[label], label))
