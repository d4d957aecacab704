"""Clusters: how far they agree with a folder's classes, which no method is told.

Each set is a random 60 % of the pictures of all classes. Adjusted Rand index (Hubert & Arabie 1985) and adjusted
mutual information (Vinh et al. 2010) over all pictures, noise counting as one cluster, and over the pictures that are
in clusters, with their share. Needs class folders.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import NOISE
from stages.core.clustering import cluster_size
from stages.core.tiling import stream
from tests.benchmarks import figures
from tests.benchmarks.bench import Bench
from tests.benchmarks.report import Family, Table

TAKEN = 0.6

Clustered = tuple[np.ndarray, float]
"""Labels (n,) and the seconds they took."""


def run(bench: Bench, seeds: Sequence[int], tell: Callable[[str], None] = print) -> Family:
    """The table of all sets; empty for a folder without classes."""
    if bench.originals["label"].nunique() < 2:
        tell("clusters: the folder has no classes")
        return Family("clusters")
    found = []
    for done, seed in enumerate(seeds):
        rows = bench.originals.iloc[np.sort(_taken(len(bench.originals), seed))].reset_index(drop=True)
        found.append((rows["label"].to_numpy(dtype=object), methods(bench, rows, seed)))
        tell(f"clusters: set {done + 1} of {len(seeds)}")
    return family(found)


def methods(bench: Bench, rows: pd.DataFrame, seed: int) -> dict[str, Clustered]:
    """What each method makes of a set."""
    files = rows.assign(label=None, split=None)
    paths, classes = rows["path"].tolist(), rows["label"].nunique()
    root = bench.run(files, ["embed"])
    vectors = bench.vectors(paths, root)
    found = {}
    for name, params in {
        "hdbscan, as Winnow does": {"method": "hdbscan"},
        "k-means, k by silhouette": {"method": "kmeans", "seed": seed},
        "k-means, k told": {"method": "kmeans", "k": classes, "seed": seed},
    }.items():
        root = bench.run(files, ["embed"], "set", cluster=params)
        found[name] = _timed(lambda root=root: _of_stage(bench, root, paths))
    return found | rivals(vectors)


def rivals(vectors: np.ndarray) -> dict[str, Clustered]:
    """Other methods on the same vectors: plain hdbscan, and evoc where it is installed."""
    import hdbscan

    size = cluster_size(len(vectors))
    found = {
        "hdbscan, plain": _timed(lambda: hdbscan.HDBSCAN(min_cluster_size=size).fit_predict(vectors.astype(float)))
    }
    if find_spec("evoc"):
        import evoc

        found["evoc"] = _timed(lambda: evoc.EVoC(random_state=0).fit_predict(vectors))
    return found


def _of_stage(bench: Bench, root, paths: list[str]) -> np.ndarray:
    bench.go_on(root, ["cluster"])
    images = tables.read(IMAGES, root)[["item_id", "path"]].merge(tables.read(CLUSTERS, root), on="item_id")
    return images.set_index("path").loc[paths, "cluster"].to_numpy(int)


def _timed(clustered: Callable[[], np.ndarray]) -> Clustered:
    since = time.process_time()
    return clustered(), time.process_time() - since


def _taken(n: int, seed: int) -> np.ndarray:
    return stream(seed, "clusters").permutation(n)[: max(round(TAKEN * n), 2)]


# Figures


def family(found: list[tuple[np.ndarray, dict[str, Clustered]]]) -> Family:
    """The table from all sets: the classes, and what each method found."""
    rows = []
    for name in found[0][1]:
        agreed = pd.DataFrame([agreement(labels, methods[name][0]) for labels, methods in found])
        row = {"method": name, "sets": len(found)} | {what: figures.mean(agreed[what].tolist()) for what in agreed}
        seconds = float(np.median([methods[name][1] for _, methods in found]))
        rows.append(row | {"CPU seconds": f"{seconds:.1f}"})
    return Family("clusters", [Table("Clusters: agreement with the classes", rows)])


def agreement(labels: np.ndarray, clusters: np.ndarray) -> dict[str, float]:
    """ARI and AMI over all and over the clustered, the share that is clustered, and how many clusters there are."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    inside = clusters != NOISE
    some = inside.sum() > 1
    return {
        "ARI": adjusted_rand_score(labels, clusters),
        "AMI": adjusted_mutual_info_score(labels, clusters),
        "ARI, clustered": adjusted_rand_score(labels[inside], clusters[inside]) if some else np.nan,
        "AMI, clustered": adjusted_mutual_info_score(labels[inside], clusters[inside]) if some else np.nan,
        "share clustered": float(inside.mean()),
        "clusters": float(len(np.unique(clusters[inside]))),
    }
