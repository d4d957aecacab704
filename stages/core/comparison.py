"""Two versions of a data set, held against each other: images, classes, clusters, distribution and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from stages.contracts.vocabulary import Change, Status, Verdict
from stages.core import difference
from stages.core.class_drift import Vectors, class_drift
from stages.core.cluster_changes import STATES, cluster_changes
from stages.core.drift import Drift, mmd

SAME_ENCODER = ("kind", "weights_sha256", "input_size", "dim")
"""What makes two encoders' vectors comparable: where the weights came from does not matter."""
CLASSES = ["label", "before", "after", "stay_before", "stay_after", "statistic", "p_value", "q_value"]


@dataclass(frozen=True)
class Snapshot:
    """One version, as far as it can be read.

    items : columns of `difference.ITEM`, `status` and `decided`, the label after decisions.
    clusters : `item_id`, `cluster`, `centroid_distance`; None where there are none.
    encoder : what the vectors were made with; None where there are none.  vectors : reads them, when they are needed.
    metrics : `reports/metrics.json`.  missing : in words, what this version cannot give.
    """

    name: str
    note: str
    items: pd.DataFrame
    clusters: pd.DataFrame | None
    encoder: dict | None
    vectors: Callable[[], Vectors]
    metrics: dict
    missing: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        return bool(self.items["verdict"].notna().any())

    @property
    def totals(self) -> dict[str, int | None]:
        """Images, readable ones, those that stay (None where nothing was judged), and classes."""
        items = self.items
        return {
            "images": len(items),
            "readable": int((items["status"] == Status.OK).sum()),
            "kept": int((items["verdict"] == Verdict.KEEP).sum()) if self.judged or items.empty else None,
            "classes": int(items["label"].nunique()),
        }


@dataclass(frozen=True)
class Comparison:
    """What differs. `before` and `after` are the versions; tables are as the functions of `difference` give them.

    classes : as `difference.per_class` gives them, and of the test for a shift `statistic`, `p_value`, `q_value`; NaN
        where there was none.
    class_shift : the share that would have to change class, and the population stability index.
    clusters, drift : None where they cannot be compared; `notes` say why.
    """

    before: Snapshot
    after: Snapshot
    matched: pd.DataFrame
    changes: pd.DataFrame
    classes: pd.DataFrame
    class_shift: tuple[float, float] | None
    clusters: pd.DataFrame | None
    drift: Drift | None
    numbers: list[tuple[str, object, object]]
    notes: list[str]

    @property
    def counts(self) -> dict[str, int]:
        return difference.counts(self.changes)

    @property
    def removed_by(self) -> dict[str, int]:
        """Images that are removed now and were not, by rule."""
        rules = self.changes.loc[self.changes["change"] == Change.REMOVED, "rule"].value_counts()
        return {str(rule): int(count) for rule, count in sorted(rules.items(), key=lambda row: (-row[1], row[0]))}

    @property
    def cluster_counts(self) -> dict[str, int] | None:
        if self.clusters is None:
            return None
        return {state: int((self.clusters["state"] == state).sum()) for state in STATES}

    @property
    def nothing_changed(self) -> bool:
        """All could be compared, and all is the same."""
        same = self.clusters is None or bool((self.clusters["state"] == "same").all())
        whole = not self.before.missing and not self.after.missing
        return whole and self.changes.empty and same and not self.numbers


def compare(before: Snapshot, after: Snapshot, *, seed: int = 0) -> Comparison:
    """Hold one version against another.

    Parameters
    ----------
    seed : of the samples and shuffles of the tests for a shift.
    """
    notes = [*before.missing, *after.missing]
    before, after = _same_labels(before, after)
    matched = difference.match(before.items, after.items)
    classes = difference.per_class(before.items, after.items)
    refused = _why_not_vectors(before, after)
    clusters = drift = None
    if refused:
        notes.append(refused)
    else:
        clusters = _clusters(before, after)
        drift, classes = _shifts(before, after, classes, seed)
    return Comparison(
        before=before,
        after=after,
        matched=matched,
        changes=difference.changes(matched),
        classes=classes.reindex(columns=CLASSES),
        class_shift=difference.class_shift(classes["before"].to_numpy(), classes["after"].to_numpy()),
        clusters=clusters,
        drift=drift,
        numbers=difference.numbers(before.metrics, after.metrics),
        notes=notes,
    )


def _same_labels(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Labels after decisions where both versions have them, else those of the source in both."""
    if not (before.judged and after.judged):
        return before, after
    sides = (
        replace(version, items=version.items.assign(label=version.items["decided"])) for version in (before, after)
    )
    return next(sides), next(sides)


def _why_not_vectors(before: Snapshot, after: Snapshot) -> str | None:
    """Why vectors and clusters cannot be held against each other; None when they can."""
    if before.encoder is None or after.encoder is None:
        return "Clusters and distribution are not compared: the vectors of both versions are needed"
    if any(before.encoder.get(key) != after.encoder.get(key) for key in SAME_ENCODER):
        names = [
            f"{e.get('kind')}:{e.get('model')}@{str(e.get('revision'))[:12]}" for e in (before.encoder, after.encoder)
        ]
        return (
            "Clusters and distribution are not compared: they rest on two encoders, whose vectors have nothing to do "
            f"with each other ({names[0]} before, {names[1]} now)"
        )
    return None


def _clusters(before: Snapshot, after: Snapshot) -> pd.DataFrame | None:
    if before.clusters is None or after.clusters is None:
        return None
    sides = [
        version.clusters.merge(version.items[["item_id", "content_id"]], on="item_id")[["content_id", "cluster"]]
        for version in (before, after)
    ]
    return cluster_changes(*sides)


def _shifts(before: Snapshot, after: Snapshot, classes: pd.DataFrame, seed: int) -> tuple[Drift | None, pd.DataFrame]:
    """The shift of everything, and beside the classes' sizes those of each that is large enough and has changed."""
    labels = _labels(before), _labels(after)
    if labels[0].equals(labels[1]):  # the same images: no vector need be read
        n = labels[0]["content_id"].nunique()
        return Drift(0.0, 1.0, 0.0, n, n, n, rows=0, bandwidth=None, permutations=0), classes
    vectors = before.vectors(), after.vectors()
    whole = mmd(vectors[0][1], vectors[1][1], seed=seed, ids_a=vectors[0][0], ids_b=vectors[1][0])
    return whole, classes.merge(class_drift(*vectors, *labels, seed=seed), on="label", how="left")


def _labels(version: Snapshot) -> pd.DataFrame:
    """`content_id`, `label` of the readable images, each once, in order."""
    items = version.items
    rows = items.loc[items["status"] == Status.OK, ["content_id", "label"]].astype(object)
    return rows.drop_duplicates().sort_values(["content_id", "label"], ignore_index=True)
