"""Every number that Winnow tells: `reports/metrics.json`. Numbers count images, never pairs."""

from __future__ import annotations

import pandas as pd

from stages.contracts.vocabulary import NOISE, DuplicateKind, QualityIssue, Rule, Status, Verdict


def count(
    images: pd.DataFrame,
    quality: pd.DataFrame,
    pairs: pd.DataFrame,
    duplicates: pd.DataFrame,
    clusters: pd.DataFrame,
    outliers: pd.DataFrame,
    verdicts: pd.DataFrame,
    protect: frozenset[str],
) -> dict:
    """Counts over the tables, as a nested mapping of plain numbers.

    `leaks` counts images outside the protected splits with a copy inside one; `removed` and
    `flagged` have every rule, zero or not, so that a script finds its key.
    """
    kept = verdicts["verdict"] == Verdict.KEEP
    clustered = clusters["cluster"] != NOISE
    return {
        "images": len(images),
        "readable": int((images["status"] == Status.OK).sum()),
        "unreadable": _by_word(images["status"], [s for s in Status if s != Status.OK]),
        "exact_duplicate_images": int((duplicates["kind"] == DuplicateKind.EXACT).sum()),
        "near_duplicate_images": int((duplicates["kind"] == DuplicateKind.NEAR).sum()),
        "duplicate_groups": int(duplicates["group_id"].nunique()),
        "leaks": len(leaking(images, pairs, protect)),
        "label_conflicts": int(duplicates["label_conflict"].sum()),
        "outliers": int(outliers["is_outlier"].sum()),
        "quality_issues": {str(issue): int(quality[f"is_{issue}"].sum()) for issue in QualityIssue},
        "clusters": int(clusters.loc[clustered, "cluster"].nunique()),
        "noise_fraction": round(float((~clustered).mean()), 6) if len(clusters) else 0.0,
        "kept": int(kept.sum()),
        "removed": _by_word(verdicts.loc[~kept, "rule"], Rule),
        "flagged": _by_word(verdicts.loc[kept, "rule"], [rule for rule in Rule if rule != Rule.DECISION]),
    }


def leaking(images: pd.DataFrame, pairs: pd.DataFrame, protect: frozenset[str]) -> set[str]:
    """Item ids outside the protected splits that have a copy inside one."""
    protected = set(images.loc[images["split"].isin(protect), "item_id"])
    a_in, b_in = pairs["item_a"].isin(protected), pairs["item_b"].isin(protected)
    return set(pairs.loc[b_in & ~a_in, "item_a"]) | set(pairs.loc[a_in & ~b_in, "item_b"])


def per_label(verdicts: pd.DataFrame) -> pd.DataFrame:
    """`label`, `kept`, `removed`: the plot of what curation does to the balance of classes."""
    labels = verdicts["original_label"].astype(object).where(verdicts["original_label"].notna(), "(none)")
    kept = verdicts["verdict"] == Verdict.KEEP
    rows = pd.DataFrame({"label": labels, "kept": kept.astype(int), "removed": (~kept).astype(int)})
    return rows.groupby("label", sort=True, as_index=False).sum()


def per_cluster(clusters: pd.DataFrame) -> pd.DataFrame:
    """`cluster`, `images`; noise is -1."""
    return clusters.groupby("cluster", sort=True).size().rename("images").reset_index()


def by_rank(outliers: pd.DataFrame) -> pd.DataFrame:
    """`rank`, `knn_distance`: how fast strangeness falls off, strangest first."""
    distances = outliers["knn_distance"].dropna().sort_values(ascending=False)
    return pd.DataFrame({"rank": range(1, len(distances) + 1), "knn_distance": distances.to_numpy()})


def _by_word(values: pd.Series, words: object) -> dict[str, int]:
    found = values.value_counts()
    return {str(word): int(found.get(str(word), 0)) for word in words}
