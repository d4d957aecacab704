"""What became of each cluster between two versions: born, gone, grown, shrunk or the same.

A cluster is its members. Two clusters are one when at least half of the contents in either are in both: by the Jaccard
index (Jaccard 1912) over the contents that both versions have, so that new images make a cluster grow, and not another
(the survival of clusters in MONIC, Spiliopoulou, Ntoutsi, Theodoridis & Schult 2006, with a symmetric measure). Above
one half there can be only one such partner; at one half the largest comes first.
"""

from __future__ import annotations

import pandas as pd

from stages.contracts.vocabulary import NOISE

SAME = 0.5
STATES = ("born", "gone", "grown", "shrunk", "same")
COLUMNS = ["state", "before", "after", "size_before", "size_after", "jaccard", "kin", "kin_share", "elsewhere"]


def cluster_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Match the clusters of two versions by the contents they share.

    Parameters
    ----------
    before, after : `content_id`, `cluster`; a row per image, noise (-1) among them.

    Returns
    -------
    `state` : a word of STATES.  `before`, `after` : numbers of the cluster, <NA> where there is none.
    `size_before`, `size_after` : images.  `jaccard` : of the match, NaN without one.
    `kin`, `kin_share` : for one that is gone, the cluster where most of its images are now (-1: in none), and what
    share of its images that is; for one that is born, where most of its images were. <NA> where they are nowhere.
    `elsewhere` : of one that is gone or born, the share of its images that the other version does not have at all.
    The largest change comes first.
    """
    overlap = _overlap(before, after)
    pairs = _matched(overlap)
    sizes_before, sizes_after = _sizes(before), _sizes(after)
    rows = [_matched_row(pair, sizes_before, sizes_after) for pair in pairs]
    old, new = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    for cluster in sizes_before.keys() - old:
        kin = _kin(overlap, "before", "after", cluster, before)
        rows.append(("gone", cluster, None, sizes_before[cluster], 0, None, *kin))
    for cluster in sizes_after.keys() - new:
        kin = _kin(overlap, "after", "before", cluster, after)
        rows.append(("born", None, cluster, 0, sizes_after[cluster], None, *kin))
    return _ordered(pd.DataFrame(rows, columns=COLUMNS))


def _overlap(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """`before`, `after`, `shared`: contents in both clusters, noise included."""
    one = before[["content_id", "cluster"]].drop_duplicates("content_id")
    other = after[["content_id", "cluster"]].drop_duplicates("content_id")
    both = one.merge(other, on="content_id", suffixes=("_before", "_after"))
    both = both.rename(columns={"cluster_before": "before", "cluster_after": "after"})
    return both.groupby(["before", "after"], sort=True).size().rename("shared").reset_index()


def _matched(overlap: pd.DataFrame) -> list[tuple[int, int, float]]:
    """(before, after, jaccard) of clusters that are one, the most alike first."""
    rows = overlap.assign(
        of_before=overlap.groupby("before")["shared"].transform("sum"),
        of_after=overlap.groupby("after")["shared"].transform("sum"),
    )
    rows = rows[(rows["before"] != NOISE) & (rows["after"] != NOISE)]
    rows = rows.assign(jaccard=rows["shared"] / (rows["of_before"] + rows["of_after"] - rows["shared"]))
    rows = rows[rows["jaccard"] >= SAME].sort_values(
        ["jaccard", "shared", "before", "after"], ascending=[False, False, True, True]
    )
    rows = rows.drop_duplicates("before").drop_duplicates("after")
    return list(zip(rows["before"].tolist(), rows["after"].tolist(), rows["jaccard"].tolist(), strict=True))


def _matched_row(pair: tuple[int, int, float], before: dict[int, int], after: dict[int, int]) -> tuple:
    old, new, jaccard = pair
    state = "grown" if after[new] > before[old] else "shrunk" if after[new] < before[old] else "same"
    return (state, old, new, before[old], after[new], jaccard, None, None, None)


def _sizes(rows: pd.DataFrame) -> dict[int, int]:
    sizes = rows.loc[rows["cluster"] != NOISE, "cluster"].value_counts()
    return {int(cluster): int(size) for cluster, size in sizes.items()}


def _kin(
    overlap: pd.DataFrame, own: str, other: str, cluster: int, rows: pd.DataFrame
) -> tuple[int | None, float, float]:
    """Where most of a cluster's contents are in the other version, what share of them, and what share is nowhere."""
    shared = overlap[overlap[own] == cluster].sort_values(["shared", other], ascending=[False, True])
    contents = rows.loc[rows["cluster"] == cluster, "content_id"].nunique()
    if shared.empty:
        return None, 0.0, 1.0
    return (
        int(shared[other].iloc[0]),
        float(shared["shared"].iloc[0] / contents),
        float(1 - shared["shared"].sum() / contents),
    )


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.astype(dict.fromkeys(("before", "after", "size_before", "size_after", "kin"), "Int64"))
    rows = rows.astype({"jaccard": float, "kin_share": float, "elsewhere": float})
    change = (rows["size_after"] - rows["size_before"]).abs()
    keyed = rows.assign(change=change, first=rows["after"].fillna(rows["before"]), rank=rows["state"].map(STATES.index))
    keyed = keyed.sort_values(["change", "rank", "first"], ascending=[False, True, True], kind="stable")
    return keyed[COLUMNS].reset_index(drop=True)
