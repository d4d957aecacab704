"""Outliers: foreign pictures among the pictures of one to three classes of a folder.

Each set holds the pictures of its classes and 3 % foreign ones, each from another photograph. Half of the sets have
their classes told, as class folders tell them, and the foreign pictures lie in these folders; the others are flat.
Beside them, for each seed: a set of pictures that are all at home, and one whose strangers come from the folder's other
classes, which is hard, since a cap among dresses is no stranger than some dresses are. Copies, which are no
neighbours, are looked for once, among all pictures that any set may hold; the other stages run on each set.

Winnow is judged by its own flags at its default settings; the other scores are given the threshold of the best F1 in
each set, with the truth in hand, and one of them cleanlab's rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.core.tiling import stream
from tests.benchmarks import figures
from tests.benchmarks.bench import Bench
from tests.benchmarks.report import Family, Table, Target

COPIES = ("measure", "embed", "connect", "deduplicate")
BEFORE = ("measure", "embed", "connect", "cluster")
FOREIGN_SHARE = 0.03
FEWEST, MOST = 100, 600
"""Pictures at home in a set: classes are added up to the one, and sampled down to the other."""
RATE = 0.1
"""The false-discovery rate asked for: the default of `outliers.false_discovery_rate`."""
NEIGHBORS = 10
SORTS = ("foreign", "clean", "other class")


@dataclass(frozen=True)
class Strangers:
    """A set: its files and labels, which of them are strangers, and of which sort they are."""

    rows: pd.DataFrame
    strange: np.ndarray
    sort: str


def run(bench: Bench, seeds: Sequence[int], tell: Callable[[str], None] = print) -> Family:
    """The tables and targets of all sets."""
    pool = bench.foreign()
    copies = copies_among(bench, pd.concat([bench.originals["path"], pool["path"]]))
    found = []
    for done, seed in enumerate(seeds):
        for one in sets(bench.originals, pool, seed):
            found.append((one.sort, measured(bench, one, copies)))
        tell(f"outliers: seed {done + 1} of {len(seeds)}")
    return family(found)


def sets(originals: pd.DataFrame, pool: pd.DataFrame, seed: int) -> list[Strangers]:
    """The sets of one seed."""
    own = seed % 3 + 1
    one_to_three = [_foreign(originals, pool, seed, classes) for classes in (1, 2, 3)]
    more = [_clean(originals, seed, own), _other_class(originals, seed, own)]
    return [*one_to_three, *(one for one in more if one is not None)]


def copies_among(bench: Bench, paths: pd.Series) -> pd.DataFrame:
    """The table `duplicates` of all the pictures."""
    root = bench.run(pd.DataFrame({"path": paths, "label": None, "split": None}), COPIES, "copies")
    return tables.read(DUPLICATES, root)


def measured(bench: Bench, one: Strangers, copies: pd.DataFrame) -> pd.DataFrame:
    """A row per picture of a set: path, strange, flagged, and a score for each method."""
    root = bench.run(one.rows, BEFORE)
    tables.write(DUPLICATES, copies[copies["item_id"].isin(tables.read(IMAGES, root)["item_id"])], root)
    bench.go_on(root, ["score"])
    judged = tables.read(IMAGES, root)[["item_id", "path"]].merge(tables.read(OUTLIERS, root), on="item_id")
    judged = judged.set_index("path").loc[one.rows["path"]]
    scores = rivals(bench.vectors(one.rows["path"].tolist(), root)) if one.strange.any() else {}
    return pd.DataFrame(
        {
            "path": one.rows["path"].to_numpy(),
            "strange": one.strange,
            "flagged": judged["is_outlier"].to_numpy(bool),
            "Winnow": judged["outlier_score"].to_numpy(float),
            **scores,
        }
    )


def rivals(vectors: np.ndarray) -> dict[str, np.ndarray]:
    """Other outlier scores (n,), higher is stranger, on the unit vectors themselves."""
    import hdbscan
    from sklearn.covariance import LedoitWolf
    from sklearn.neighbors import LocalOutlierFactor

    cosine = np.clip(vectors @ vectors.T, -1, 1)
    np.fill_diagonal(cosine, -2)
    nearest = -np.sort(-cosine, axis=1)[:, :NEIGHBORS]
    centre = vectors.mean(axis=0)
    lof = LocalOutlierFactor(n_neighbors=min(20, len(vectors) - 1)).fit(vectors)
    density = hdbscan.HDBSCAN(min_cluster_size=5).fit(vectors.astype(np.float64))
    return {
        "mean distance to 10 neighbours": (1 - nearest).mean(axis=1),
        "LOF, 20 neighbours": -lof.negative_outlier_factor_,
        "distance to the centroid": 1 - vectors @ (centre / np.linalg.norm(centre)),
        "Mahalanobis, shrunk covariance": LedoitWolf().fit(vectors).mahalanobis(vectors),
        "GLOSH": np.nan_to_num(density.outlier_scores_),
    }


# Sets


def _foreign(originals: pd.DataFrame, pool: pd.DataFrame, seed: int, classes: int) -> Strangers:
    rng = stream(seed, "foreign", classes)
    home = _home(originals, classes, rng)
    wanted = max(round(FOREIGN_SHARE * len(home)), 1)
    photographs = rng.permutation(pool["photograph"].unique())[:wanted]
    chosen = [str(rng.choice(pool.loc[pool["photograph"] == name, "path"])) for name in photographs]
    return _together(home, chosen, "foreign", seed, rng)


def _clean(originals: pd.DataFrame, seed: int, classes: int) -> Strangers:
    rng = stream(seed, "clean", classes)
    return _together(_home(originals, classes, rng), [], "clean", seed, rng)


def _other_class(originals: pd.DataFrame, seed: int, classes: int) -> Strangers | None:
    rng = stream(seed, "other class", classes)
    home = _home(originals, classes, rng)
    others = originals.loc[~originals["label"].isin(home["label"]), "path"]
    wanted = max(round(FOREIGN_SHARE * len(home)), 1)
    if len(others) < wanted:
        return None
    return _together(home, rng.choice(others, wanted, replace=False).tolist(), "other class", seed, rng)


def _home(originals: pd.DataFrame, classes: int, rng: np.random.Generator) -> pd.DataFrame:
    """The pictures of so many classes, or of as many as it takes; without classes, of the whole folder."""
    labels = originals["label"].fillna("")
    chosen: list[str] = []
    for label in rng.permutation(sorted(labels.unique())):
        if len(chosen) >= classes and labels.isin(chosen).sum() >= FEWEST:
            break
        chosen.append(label)
    home = originals[labels.isin(chosen)]
    return home.iloc[np.sort(rng.permutation(len(home))[:MOST])]


def _together(home: pd.DataFrame, strangers: list[str], sort: str, seed: int, rng: np.random.Generator) -> Strangers:
    """Strangers lie in the class folders of those at home, if there are any; every other seed is a flat folder."""
    labels = [*home["label"], *rng.choice(home["label"], len(strangers))]
    if seed % 2:
        labels = [None] * len(labels)
    rows = pd.DataFrame({"path": [*home["path"], *strangers], "label": labels, "split": None})
    return Strangers(rows, np.arange(len(rows)) >= len(home), sort)


# Figures


def family(found: list[tuple[str, pd.DataFrame]]) -> Family:
    """Tables and targets from the pictures of all sets."""
    of = {sort: [rows for name, rows in found if name == sort] for sort in SORTS}
    result = Family("outliers")
    result.tables = [
        _methods("Outliers: 3 % foreign photographs among one to three classes", of["foreign"]),
        _methods("Outliers: 3 % pictures of the folder's other classes (hard, no target)", of["other class"]),
        _flags(of),
    ]
    foreign = of["foreign"]
    result.targets = [
        Target("outliers: foreign images in all", figures.Figure(_total(foreign), nan, nan, len(foreign)), 200),
        Target("outliers: AUROC", _auroc(foreign, "Winnow"), 0.99),
        Target("outliers: precision of the flagged", _precision(foreign), 0.85),
        Target("outliers: recall of the flagged", _recall(foreign), 0.9),
        Target("outliers: realised false-discovery rate", _false_share(foreign), 2 * RATE, at_most=True),
        Target("outliers: share of clean sets flagged", _clean_share(of["clean"]), 0.01, at_most=True),
    ]
    return result


def _methods(title: str, sets: list[pd.DataFrame]) -> Table:
    rows = []
    for name in [
        column for column in (sets[0].columns if sets else []) if column not in ("path", "strange", "flagged")
    ]:
        row = {
            "method": name,
            "strangers": _total(sets),
            "AUROC": _auroc(sets, name),
            "average precision": _ap(sets, name),
        }
        flags = [rows["flagged"] if name == "Winnow" else _best_flags(rows, name) for rows in sets]
        rows.append({**row, **_precision_recall(sets, flags)})
    if sets:
        name = "mean distance to 10 neighbours"
        row = {"method": f"{name}, cleanlab's rule", "strangers": _total(sets)}
        rows.append({**row, **_precision_recall(sets, [_fence(rows[name]) for rows in sets])})
    note = "Winnow's flags at default settings; the other scores at the best threshold of each set, truth in hand."
    return Table(title, rows, note)


def _flags(of: dict[str, list[pd.DataFrame]]) -> Table:
    rows = []
    for sort, sets in of.items():
        row = {"sets": sort, "n": len(sets), "pictures": int(sum(len(rows) for rows in sets))}
        row |= {"flagged": int(sum(rows["flagged"].sum() for rows in sets))}
        row |= {
            "precision": _precision(sets),
            "recall": _recall(sets),
            "realised false-discovery rate": _false_share(sets),
        }
        rows.append(row)
    return Table("Outliers: Winnow's flags", rows, f"Asked for: {RATE:g}. An empty result counts as 0.")


def _total(sets: list[pd.DataFrame]) -> int:
    return int(sum(rows["strange"].sum() for rows in sets))


def _auroc(sets: list[pd.DataFrame], name: str) -> figures.Figure:
    return figures.mean([figures.auroc(rows[name].to_numpy(), rows["strange"].to_numpy()) for rows in sets])


def _ap(sets: list[pd.DataFrame], name: str) -> figures.Figure:
    return figures.mean([figures.average_precision(rows[name].to_numpy(), rows["strange"].to_numpy()) for rows in sets])


def _best_flags(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] >= figures.best_threshold(rows[name].to_numpy(), rows["strange"].to_numpy())


def _fence(distance: pd.Series) -> pd.Series:
    """cleanlab's outlier rule on neighbour distances."""
    low, high = np.percentile(distance, [25, 75])
    return distance > high + 1.7 * (high - low)


def _precision_recall(sets: list[pd.DataFrame], flags: list[pd.Series]) -> dict[str, figures.Figure]:
    right = int(sum((flag & rows["strange"]).sum() for rows, flag in zip(sets, flags, strict=True)))
    flagged = int(sum(flag.sum() for flag in flags))
    return {"precision": figures.share(right, flagged), "recall": figures.share(right, _total(sets))}


def _precision(sets: list[pd.DataFrame]) -> figures.Figure:
    return _precision_recall(sets, [rows["flagged"] for rows in sets])["precision"]


def _recall(sets: list[pd.DataFrame]) -> figures.Figure:
    return _precision_recall(sets, [rows["flagged"] for rows in sets])["recall"]


def _false_share(sets: list[pd.DataFrame]) -> figures.Figure:
    return figures.mean(
        [float((rows["flagged"] & ~rows["strange"]).sum() / max(rows["flagged"].sum(), 1)) for rows in sets]
    )


def _clean_share(sets: list[pd.DataFrame]) -> figures.Figure:
    return figures.share(int(sum(rows["flagged"].sum() for rows in sets)), int(sum(len(rows) for rows in sets)))
