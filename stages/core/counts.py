"""Every number that Winnow tells: `reports/metrics.json`. Numbers count images, never pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from stages.contracts.vocabulary import NOISE, DuplicateKind, QualityIssue, Rule, Status, Verdict
from stages.core.findings import Findings

STEADY = 0.75
"""Share of the resamples that must flag a flagged image; one at the line is flagged in half of them."""


def count(found: Findings, verdicts: pd.DataFrame, protect: frozenset[str]) -> dict:
    """Counts over the tables, as a nested mapping of plain numbers.

    `leaks` counts images outside the protected splits with a copy inside one, `leaks_between_protected`
    images of one protected split with a copy in another; `removed` and `flagged` have every rule, zero or
    not, so that a script finds its key.
    """
    kept = verdicts["verdict"] == Verdict.KEEP
    clustered = found.clusters["cluster"] != NOISE
    return {
        "images": len(found.images),
        "readable": int((found.images["status"] == Status.OK).sum()),
        "unreadable": _by_word(found.images["status"], [s for s in Status if s != Status.OK]),
        "exact_duplicate_images": int((found.duplicates["kind"] == DuplicateKind.EXACT).sum()),
        "near_duplicate_images": int((found.duplicates["kind"] == DuplicateKind.NEAR).sum()),
        "duplicate_groups": int(found.duplicates["group_id"].nunique()),
        "leaks": len(leaking(found.images, found.pairs, protect)),
        "leaks_between_protected": len(leaking_between(found.images, found.pairs, protect)),
        "label_conflicts": int(found.duplicates["label_conflict"].sum()),
        "outliers": int(found.outliers["is_outlier"].sum()),
        "outliers_unstable": _unstable(found.outliers),
        "label_issues": int(found.labels["is_label_issue"].sum()),
        "fits_none": int(found.labels["fits_none"].sum()),
        "quality_issues": {str(issue): int(found.quality[f"is_{issue}"].sum()) for issue in QualityIssue},
        "clusters": int(found.clusters.loc[clustered, "cluster"].nunique()),
        "noise_fraction": round(float((~clustered).mean()), 6) if len(found.clusters) else 0.0,
        "kept": int(kept.sum()),
        "removed": _by_word(verdicts.loc[~kept, "rule"], Rule),
        "flagged": _by_word(verdicts.loc[kept, "rule"], [rule for rule in Rule if rule != Rule.DECISION]),
    }


def _unstable(outliers: pd.DataFrame) -> int | None:
    """Flagged images that too few of the resamples flag; None where stability was not measured."""
    shares = outliers.loc[outliers["is_outlier"], "stability"].dropna()
    return int((shares < STEADY).sum()) if len(shares) or not outliers["is_outlier"].any() else None


def leaking(images: pd.DataFrame, pairs: pd.DataFrame, protect: frozenset[str]) -> set[str]:
    """Item ids outside the protected splits that have a copy inside one."""
    protected = set(images.loc[images["split"].isin(protect), "item_id"])
    a_in, b_in = pairs["item_a"].isin(protected), pairs["item_b"].isin(protected)
    return set(pairs.loc[b_in & ~a_in, "item_a"]) | set(pairs.loc[a_in & ~b_in, "item_b"])


def leaking_between(images: pd.DataFrame, pairs: pd.DataFrame, protect: frozenset[str]) -> set[str]:
    """Item ids in a protected split that have a copy in another one. No rule removes them: a person has to choose."""
    splits = images.loc[images["split"].isin(protect)].set_index("item_id")["split"]
    a, b = (pairs[side].map(splits) for side in ("item_a", "item_b"))
    apart = pairs[a.notna() & b.notna() & (a != b)]
    return {*apart["item_a"], *apart["item_b"]}


def of_calibration(record: Mapping, threshold: float) -> dict:
    """The main figures of `data/calibration.json`; None where there were too few pictures to tell.

    Parameters
    ----------
    record : as `Calibration.model_dump()` gives it, with the figures of duplicates at `threshold`.
    threshold : the one of duplicates that is in force, whatever auto would take.
    """
    copies, strangers = record["duplicates"], record["outliers"]
    return {
        "sample": record["sample"],
        "duplicates": {
            "threshold": threshold,
            "threshold_auto": copies["threshold"],
            "unconfirmed": sum(pair["level"] >= threshold for pair in copies["unconfirmed"]),
            "negatives": copies["negatives"],
            **_share("recall", copies["recall"]),
            **_share("precision", copies["precision"]),
        },
        "quality": {
            issue["issue"]: {**_share("recall", issue["recall"]), **_share("false_flags", issue["false_flags"])}
            for issue in record["quality"]
        },
        "outliers": {
            **_share("recall", strangers and strangers["recall"]),
            **_share("false_flags", strangers and strangers["false_flags"]),
        },
    }


def _share(name: str, share: Mapping | None) -> dict[str, float | int | None]:
    """The share, its 95 % interval, and of how many."""
    known = share if share and share["enough"] else {}
    return {
        name: _rounded(known.get("share")),
        f"{name}_low": _rounded(known.get("low")),
        f"{name}_high": _rounded(known.get("high")),
        f"{name}_n": share["n"] if share else 0,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def per_label(verdicts: pd.DataFrame) -> pd.DataFrame:
    """`label` after decisions, `kept`, `removed`: the plot of what curation does to the balance of classes."""
    labels = verdicts["label"].astype(object).where(verdicts["label"].notna(), "(none)")
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


def _by_word(values: pd.Series, words: Iterable[str]) -> dict[str, int]:
    found = values.value_counts()
    return {str(word): int(found.get(str(word), 0)) for word in words}
