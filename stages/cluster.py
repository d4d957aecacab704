"""Cluster the embedding: which images belong together, and which to nothing.

Reads `images`, `embeddings` and `neighbors`. Writes `clusters`; how good the clustering is, and how surely each cluster
is found again when some of the images are not there, go into the table's metadata. Density is read from the neighbour
graph: HDBSCAN's tree over it is that over all pairs, but for what the graph does not know. Distinct contents are
clustered, in the full width of the embedding, so that copies make no cluster and outliers stay noise; every item then
gets the values of its content.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts.errors import TableError, exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.cluster import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import NEIGHBORS, Neighbors, read_neighbors
from stages.contracts.tables import metadata, origin, read, write
from stages.contracts.vocabulary import Status
from stages.core.cells import Graph, graph
from stages.core.centres import by_centres
from stages.core.cluster_stability import Stability, members_in, stability
from stages.core.clustering import Clustering, by_density, cluster_size
from stages.core.medoids import centroid_distances, centroids, medoids
from stages.core.numerals import plural

GRAPH_NEIGHBORS = 30
"""Width of the graph that density is read from; `cluster.min_samples` is at most this."""

INPUTS = [IMAGES.path, EMBEDDINGS, NEIGHBORS.path]

MOST_DRAWN = {"hdbscan": 2_000, "kmeans": 1_000}
"""Images that are clustered anew at a time, at most: 20 times then take a dozen seconds, however many there are."""


def run(
    params: Params, images: pd.DataFrame, embeddings: Embeddings, near: Graph | None = None
) -> tuple[pd.DataFrame, dict]:
    """Rows of `clusters`, one per readable item, and what is told of the whole: `quality` and `stability`.

    Parameters
    ----------
    near : the neighbour graph of the contents; None, or one that is too narrow: it is made anew.
    """
    found = find(params, embeddings.vectors, near)
    distances = centroid_distances(embeddings.vectors, found.labels, centroids(embeddings.vectors, found.labels))
    contents = pd.DataFrame(
        {
            "content_id": embeddings.content_ids,
            "cluster": found.labels,
            "strength": found.strengths,
            "centroid_distance": distances,
            "is_medoid": medoids(found.labels, distances),
        }
    )
    items = images.loc[images["status"] == Status.OK, ["item_id", "content_id"]]
    rows = items.merge(contents, on="content_id", how="left", validate="many_to_one")
    quality = {"method": params.method, "clusters": found.count, "contents": len(embeddings), **found.quality}
    steady = asdict(resampled(params, embeddings.vectors, found))
    return rows[CLUSTERS.names].sort_values("item_id", ignore_index=True), {"quality": quality, "stability": steady}


def find(params: Params, vectors: np.ndarray, near: Graph | None = None) -> Clustering:
    """The clustering of the distinct contents (n, d), by the method asked for."""
    if params.method == "kmeans":
        return by_centres(vectors, params.k, params.seed)
    if near is None or near.indices.shape[1] < min(GRAPH_NEIGHBORS, len(vectors) - 1):
        near = graph(vectors, GRAPH_NEIGHBORS)
    indices, similarities = near.indices[:, :GRAPH_NEIGHBORS], near.similarities[:, :GRAPH_NEIGHBORS]
    size = params.min_cluster_size or cluster_size(len(vectors))
    found = by_density(vectors, indices, similarities, size, params.min_samples)
    return replace(found, quality={**found.quality, **told_of(near)})


def told_of(near: Graph) -> dict:
    """Which tree HDBSCAN had, and how much of the graph below it is that of all pairs (recall of the ten nearest)."""
    return {"tree": "neighbor_graph", "neighbor_recall": near.told.get("recall_at_10", 1.0)}


def resampled(params: Params, vectors: np.ndarray, found: Clustering) -> Stability:
    """How surely each cluster is found again, by the same method, in as many clusters or with as many members."""
    size = params.min_cluster_size or cluster_size(len(vectors))

    def again(rows: np.ndarray) -> np.ndarray:
        sizes = {"k": found.count, "min_cluster_size": members_in(size, len(rows), len(vectors))}
        return find(params.model_copy(update=sizes), vectors[rows]).labels

    return stability(found.labels, again, params.stability_resamples, params.seed, MOST_DRAWN[params.method])


def shared_graph(embeddings: Embeddings, root: Path) -> Graph:
    """The graph that `connect` made of the same contents."""
    near: Neighbors = read_neighbors(root)
    if not np.array_equal(near.content_ids, embeddings.content_ids):
        raise TableError("neighbors are of other contents than embeddings", where=root / NEIGHBORS.path, do="dvc repro")
    return Graph(near.indices, near.similarities, metadata(NEIGHBORS, root))


def main(root: Path = Path()) -> None:
    params, embeddings = load(Params, "cluster", root), read_embeddings(root)
    rows, told = run(params, read(IMAGES, root), embeddings, shared_graph(embeddings, root))
    write(CLUSTERS, rows, root, origin(params, INPUTS, root, **told))
    print(summary(told["quality"], Stability(**told["stability"])))


def summary(quality: dict, steady: Stability) -> str:
    """One line: how many clusters, how much noise, how many of the clusters are unstable."""
    count, unstable = quality["clusters"], len(steady.unstable)
    line = f"cluster: {plural(count, 'cluster')}, {quality['noise_fraction']:.0%} of the contents are noise"
    return f"{line}; {unstable:,} unstable" if unstable else line


if __name__ == "__main__":
    exit_on_error(main)
