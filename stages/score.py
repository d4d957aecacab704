"""Score how strange each image is, and flag the outliers at a false-discovery rate.

Reads `images`, `quality`, `embeddings`, `neighbors`, `duplicates` and `clusters`. Writes `outliers`; the fitted null
goes into the table's metadata. Measured is the mean cosine distance to the nearest neighbours that are no copies, and
by how much it exceeds what the surroundings, and the class if there is one, lead one to expect. It is scored against
a null fitted on these very images, those with a known defect left out, and judged by the q-value. With fewer than 50
contents there is no null: images are ranked, and none is flagged.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts.errors import exit_on_error
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
from stages.core.outliers import excess, home_clusters, knn_distance, neighbors_without_copies, usual_in_class

INPUTS = (IMAGES.path, QUALITY.path, "data/embeddings.parquet", NEIGHBORS.path, DUPLICATES.path, CLUSTERS.path)

DEFECTS = [f"is_{issue}" for issue in QualityIssue if issue != QualityIssue.GRAYSCALE]
"""What makes a picture look like no other of its kind. Grey pictures are often a kind of their own."""


def run(
    params: Params,
    images: pd.DataFrame,
    quality: pd.DataFrame,
    embeddings: Embeddings,
    neighbors: Neighbors,
    duplicates: pd.DataFrame,
    clusters: pd.DataFrame,
    method: str = "hdbscan",
) -> tuple[pd.DataFrame, dict]:
    """Rows of `outliers`, one per readable item, and the null they were judged against.

    Parameters
    ----------
    method : how the clusters were made.
    """
    items = images.loc[images["status"] == Status.OK, ["item_id", "content_id", "label"]]
    groups = copy_groups(items, embeddings, duplicates)
    labels, homes = labels_of(items, embeddings), clusters_of(items, clusters, embeddings, method)
    contents = measure(embeddings, neighbors, groups, labels, homes, params.neighbors)
    contents, null = judge(contents, sound(items, quality, embeddings), params.false_discovery_rate)
    clustered = clusters[["item_id", "cluster", "centroid_distance"]]
    rows = (
        items[["item_id", "content_id"]]
        .merge(contents, on="content_id", how="left", validate="many_to_one")
        .merge(clustered, on="item_id")
    )
    rows["stability"] = np.nan
    rows["evidence"] = [explain(row, null) for row in rows.itertuples(index=False)]
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


def measure(
    embeddings: Embeddings,
    neighbors: Neighbors,
    groups: np.ndarray,
    labels: np.ndarray,
    clusters: np.ndarray,
    k: int,
) -> pd.DataFrame:
    """Per content: `knn_distance`, `nearest_ids`, `excess`, its `home` cluster, and what it is compared with.

    That is `around`, the neighbours' own mean distance, and `in_class`, what is usual in its class.
    """
    indices, distances = neighbors_without_copies(
        embeddings.vectors, neighbors.indices, neighbors.similarities, groups, k
    )
    distance = knn_distance(distances)
    in_class = usual_in_class(distance, pd.factorize(pd.Series(labels, dtype=object))[0])
    nearest = [embeddings.content_ids[row[row >= 0]].tolist() for row in indices]
    return pd.DataFrame(
        {
            "content_id": embeddings.content_ids,
            "label": labels,
            "nearest_ids": pd.Series(nearest, dtype=object),
            "knn_distance": distance,
            "around": knn_distance(np.where(indices >= 0, distance[indices], np.nan)),
            "in_class": in_class,
            "excess": excess(distance, indices, in_class),
            "home": home_clusters(clusters, indices),
        }
    )


def judge(contents: pd.DataFrame, usual: np.ndarray, rate: float) -> tuple[pd.DataFrame, dict]:
    """Score the contents against a null fitted on the `usual` ones, and flag those whose q-value is within `rate`.

    Dark, blurry or empty pictures lie far from their kind for a reason that is known; left in, they would
    make strangers look usual.
    """
    excesses = contents["excess"].to_numpy(np.float64)
    values, own = null_model.against_own_cluster(excesses, contents["home"].to_numpy())
    fitted = null_model.fit(values[usual])
    enough = fitted.n >= null_model.FEWEST
    q = null_model.q_values(fitted.p_values(values)) if enough else np.full(len(values), np.nan)
    # Compared as it is written, in 32 bits, so that flag and number agree.
    q = q.astype(np.float32)
    judged = contents.assign(outlier_score=fitted.scores(values), q_value=q, is_outlier=q <= rate)
    null = {
        "fitted": enough,
        "fewest": null_model.FEWEST,
        "rate": rate,
        **asdict(fitted),
        "clusters_on_their_own": own,
        "typical_knn_distance": float(contents["knn_distance"].median()) if fitted.n else None,
        "flagged_contents": int(judged["is_outlier"].sum()),
        "goodness": null_model.goodness(fitted, values[usual]) if enough else None,
    }
    return judged, null


def explain(row: tuple, null: dict) -> str:
    """One sentence with the numbers that an image was judged on."""
    count = len(row.nearest_ids)
    if count == 0:
        return "There is no other picture to compare it with."
    nearest = f"its {count} nearest pictures" if count > 1 else "the only other picture"
    usual = f"theirs is {row.around:.2f}"
    if pd.notna(row.in_class):
        usual += f", usual in class {row.label} is {row.in_class:.2f}"
    usual += f", half of all are under {null['typical_knn_distance']:.2f}"
    home = "the nearest cluster's centre" if row.cluster == NOISE else f"the centre of cluster {row.cluster}"
    few = f"too few pictures ({null['n']}, at least {null['fewest']}) to say what is unusual"
    return (
        f"Mean cosine distance {row.knn_distance:.2f} to {nearest}, copies left out; {usual}; "
        f"{row.centroid_distance:.2f} from {home}; {_q_told(row.q_value) if null['fitted'] else few}."
    )


def _q_told(q: float) -> str:
    return f"q = {q:.2g}" if q >= 0.001 else "q is under 0.001"


def main(root: Path = Path()) -> None:
    params = load(Params, "outliers", root)
    rows, null = run(
        params,
        read(IMAGES, root),
        read(QUALITY, root),
        read_embeddings(root),
        read_neighbors(root),
        read(DUPLICATES, root),
        read(CLUSTERS, root),
        metadata(CLUSTERS, root).get("quality", {}).get("method", "hdbscan"),
    )
    write(OUTLIERS, rows, root, origin(params, list(INPUTS), root, null=null))
    told = f"{rows['is_outlier'].sum():,} of {len(rows):,} images flagged"
    print(f"score: {told if null['fitted'] else f'ranked; {len(rows):,} images are too few to flag any'}")


if __name__ == "__main__":
    exit_on_error(main)
