"""Score how strange each image is, and flag the outliers at a false-discovery rate.

Reads `images`, `quality`, `embeddings`, `neighbors`, `duplicates` and `clusters`. Writes `outliers`; the fitted null
goes into the table's metadata. Measured is the mean cosine distance to the nearest neighbours that are neither copies
nor suspects (nor blurred, dark or the like, if the image itself is not), and by how much it exceeds what the
surroundings, and the class if there is one, lead one to expect. It is scored against a null fitted on these very
images, those with a known defect left out, and judged by the q-value. How firm the judgement is tells its stability:
how often it falls on resampled images. With fewer than 50 contents there is no null: images are ranked, and none is
flagged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts.errors import exit_on_error
from stages.contracts.params import machine
from stages.contracts.params.base import load
from stages.contracts.params.outliers import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import NEIGHBORS, Neighbors, read_neighbors
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.tables import metadata, origin, read, write
from stages.contracts.vocabulary import NOISE, QualityIssue, Status
from stages.core import null_model
from stages.core.counts import STEADY
from stages.core.numerals import plural
from stages.core.outlier_stability import RESAMPLES, Each, stability
from stages.core.outliers import knn_distance
from stages.core.strangeness import Strangeness, strangeness
from stages.core.witnesses import neighbors_without_copies
from stages.engines.local import mapping, worker_count
from stages.engines.memory import keep_freed

INPUTS = (IMAGES.path, QUALITY.path, "data/embeddings.parquet", NEIGHBORS.path, DUPLICATES.path, CLUSTERS.path)

DEFECTS = [f"is_{issue}" for issue in QualityIssue if issue != QualityIssue.GRAYSCALE]
"""What makes a picture look like no other of its kind. Grey pictures are often a kind of their own."""

TOLD_APART = 0.005
"""Difference of cosine distance from which it is told that some of the nearest are suspects."""


def run(
    params: Params,
    images: pd.DataFrame,
    quality: pd.DataFrame,
    embeddings: Embeddings,
    neighbors: Neighbors,
    duplicates: pd.DataFrame,
    clusters: pd.DataFrame,
    method: str = "hdbscan",
    each: Each = map,
) -> tuple[pd.DataFrame, dict]:
    """Rows of `outliers`, one per readable item, and the null they were judged against.

    Parameters
    ----------
    method : how the clusters were made.
    each : see `stability`.
    """
    items = images.loc[images["status"] == Status.OK, ["item_id", "content_id", "path", "label"]]
    groups = copy_groups(items, embeddings, duplicates)
    labels, usual = labels_of(items, embeddings), sound(items, quality, embeddings)
    homes = clusters_of(items, clusters, embeddings, method)
    contents, found = measure(embeddings, neighbors, groups, labels, homes, usual, params.neighbors)
    contents, null = judge(contents, found, usual, params.false_discovery_rate)
    contents["stability"] = stability(
        found, groups, numbered(labels), usual, params.neighbors, params.false_discovery_rate, each=each
    )
    rows = items.merge(contents, on="content_id", how="left", validate="many_to_one")
    rows = rows.merge(clusters[["item_id", "cluster", "centroid_distance"]], on="item_id")
    path_of = items.sort_values("path").drop_duplicates("content_id").set_index("content_id")["path"].to_dict()
    rows["evidence"] = [explain(row, null, path_of) for row in rows.itertuples(index=False)]
    return rows[OUTLIERS.names].sort_values("item_id", ignore_index=True), null


def copy_groups(items: pd.DataFrame, embeddings: Embeddings, duplicates: pd.DataFrame) -> np.ndarray:
    """(n,) a number for each content, the same for contents of one duplicate group."""
    own = pd.Series(embeddings.content_ids, index=embeddings.content_ids, dtype=object)
    members = items.merge(duplicates[["item_id", "group_id"]], on="item_id").drop_duplicates("content_id")
    own.update(members.set_index("content_id")["group_id"])
    return pd.factorize(own)[0]


def labels_of(items: pd.DataFrame, embeddings: Embeddings) -> np.ndarray:
    """(n,) the label of each content; None where there is none, or where its copies disagree."""
    found = items.dropna(subset="label").groupby("content_id")["label"].agg(["first", "nunique"])
    agreed = found.loc[found["nunique"] == 1, "first"].astype(object)
    labels = agreed.reindex(embeddings.content_ids)
    return labels.where(labels.notna(), None).to_numpy(dtype=object)


def clusters_of(items: pd.DataFrame, clusters: pd.DataFrame, embeddings: Embeddings, method: str) -> np.ndarray:
    """(n,) the cluster of each content, if clusters are dense places; k-means makes cells of strangers, too."""
    if method != "hdbscan":
        return np.full(len(embeddings), NOISE)
    found = items.merge(clusters[["item_id", "cluster"]], on="item_id").drop_duplicates("content_id")
    return found.set_index("content_id")["cluster"].reindex(embeddings.content_ids).to_numpy(np.int64)


def sound(items: pd.DataFrame, quality: pd.DataFrame, embeddings: Embeddings) -> np.ndarray:
    """(n,) bool: contents without a known defect. All of them, where defects are what is usual (half or more)."""
    found = items.merge(quality[["item_id", *DEFECTS]], on="item_id").drop_duplicates("content_id")
    defective = found.set_index("content_id")[DEFECTS].any(axis=1).reindex(embeddings.content_ids)
    whole = ~defective.to_numpy(bool)
    return whole if whole.sum() > len(whole) / 2 else np.ones(len(whole), bool)


def numbered(labels: np.ndarray) -> np.ndarray:
    """(n,) int: a number for each label, -1 for none."""
    return pd.factorize(pd.Series(labels, dtype=object))[0]


def measure(
    embeddings: Embeddings,
    neighbors: Neighbors,
    groups: np.ndarray,
    labels: np.ndarray,
    clusters: np.ndarray,
    usual: np.ndarray,
    k: int,
) -> tuple[pd.DataFrame, Strangeness]:
    """Per content what people are told of it, and what it is judged on.

    `nearest_ids` and `knn_distance` are of its nearest neighbours whoever they are, copies left out. `apart` is the
    distance to those that are witnesses, `around` what these have themselves, `in_class` what is usual in its class.
    """
    graph = (embeddings.vectors, neighbors.indices, neighbors.similarities, groups)
    found = strangeness(*graph, numbered(labels), clusters, usual, k)
    indices, distances = neighbors_without_copies(*graph, k)
    contents = pd.DataFrame(
        {
            "content_id": embeddings.content_ids,
            "nearest_ids": pd.Series(names_of(embeddings.content_ids, indices[:, :k]), dtype=object),
            "knn_distance": knn_distance(distances[:, :k]),
            "apart": found.around.distance,
            "around": found.around.around,
            "in_class": found.around.in_class,
        }
    )
    return contents, found


def names_of(content_ids: np.ndarray, indices: np.ndarray) -> list[list[str]]:
    """Ids of each row's neighbours; indices (n, k), -1 for none."""
    if not indices.size:
        return [[] for _ in indices]
    names = content_ids[indices].tolist()
    for row in np.flatnonzero((indices < 0).any(axis=1)):  # few: one by one, all of them take seconds
        names[row] = content_ids[indices[row][indices[row] >= 0]].tolist()
    return names


def judge(contents: pd.DataFrame, found: Strangeness, usual: np.ndarray, rate: float) -> tuple[pd.DataFrame, dict]:
    """Score the contents against the null, and flag those whose q-value is within `rate`."""
    # Compared as it is written, in 32 bits, so that flag and number agree.
    q = null_model.q_values(found.p_values()).astype(np.float32)
    judged = contents.assign(outlier_score=found.null.scores(found.values), q_value=q, is_outlier=q <= rate)
    null = {
        "fitted": found.is_fitted,
        "fewest": null_model.FEWEST,
        "rate": rate,
        **asdict(found.null),
        "clusters_on_their_own": list(found.alignment.apart),
        "typical_knn_distance": float(contents["knn_distance"].median()) if found.null.n else None,
        "flagged_contents": int(judged["is_outlier"].sum()),
        "resamples": RESAMPLES,
        "goodness": null_model.goodness(found.null, found.values[usual]) if found.is_fitted else None,
    }
    return judged, null


def explain(row: tuple, null: dict, path_of: Mapping[str, str]) -> str:
    """One sentence with the numbers that an image was judged on.

    Parameters
    ----------
    path_of : a path for each content id.
    """
    count = len(row.nearest_ids)
    if count == 0:
        return "There is no other picture to compare it with."
    if pd.isna(row.apart):
        return "There is no other sound picture to compare it with."
    nearest = f"its {count} nearest pictures" if count > 1 else "the only other picture"
    told = f"Mean cosine distance {row.knn_distance:.2f} to {nearest} (nearest: {path_of[row.nearest_ids[0]]})"
    if row.apart - row.knn_distance >= TOLD_APART:
        told += f", {row.apart:.2f} to those that are no suspects themselves"
    judged = few if (few := _too_few(null)) else f"{_q_told(row.q_value)}; {_stability_told(row, null['resamples'])}"
    return f"{told}, where {_usual_told(row)}; {judged}."


def _usual_told(row: tuple) -> str:
    around = f"{row.around:.2f} is usual in its surroundings"
    return around if pd.isna(row.in_class) else f"{around} and {row.in_class:.2f} in class {row.label}"


def _too_few(null: dict) -> str:
    if null["fitted"]:
        return ""
    return f"too few pictures ({null['n']}, at least {null['fewest']}) to say what is unusual"


def _q_told(q: float) -> str:
    return f"q = {q:.2g}" if q >= 0.001 else "q is under 0.001"


def _stability_told(row: tuple, resamples: int) -> str:
    times = f"flagged in {round(row.stability * resamples)} of {resamples} resamples"
    return f"{times}: unstable" if row.is_outlier and row.stability < STEADY else times


def main(root: Path = Path()) -> None:
    params, wish = load(Params, "outliers", root), load(machine.Params, "machine", root)
    keep_freed()
    rows, null = run(
        params,
        read(IMAGES, root),
        read(QUALITY, root),
        read_embeddings(root),
        read_neighbors(root),
        read(DUPLICATES, root),
        read(CLUSTERS, root),
        metadata(CLUSTERS, root).get("quality", {}).get("method", "hdbscan"),
        mapping(worker_count(wish.workers)),
    )
    write(OUTLIERS, rows, root, origin(params, list(INPUTS), root, null=null))
    told = f"{rows['is_outlier'].sum():,} of {plural(len(rows), 'image')} flagged"
    few = f"ranked; {plural(len(rows), 'image is', 'images are')} too few to flag any"
    print(f"score: {told if null['fitted'] else few}")


if __name__ == "__main__":
    exit_on_error(main)
