"""Cluster the embedding: which images belong together, and which to nothing.

Reads `images` and `embeddings`. Writes `clusters`; how good the clustering is goes into the table's
metadata. Distinct contents are clustered, in the full width of the embedding, so that copies make no
cluster and outliers stay noise; every item then gets the values of its content.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.cluster import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.tables import origin, read, write
from stages.contracts.vocabulary import Status
from stages.core.centres import by_centres
from stages.core.clustering import Clustering, by_density, cluster_size
from stages.core.knn import nearest
from stages.core.medoids import centroid_distances, centroids, medoids

GRAPH_NEIGHBORS = 30
"""Width of the graph that density is read from; `cluster.min_samples` is at most this."""


def run(params: Params, images: pd.DataFrame, embeddings: Embeddings) -> tuple[pd.DataFrame, dict]:
    """Rows of `clusters`, one per readable item, and the quality of the clustering."""
    found = find(params, embeddings)
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
    return rows[CLUSTERS.names].sort_values("item_id", ignore_index=True), quality


def find(params: Params, embeddings: Embeddings) -> Clustering:
    """The clustering of the distinct contents, by the method asked for."""
    vectors = embeddings.vectors
    if params.method == "kmeans":
        return by_centres(vectors, params.k, params.seed)
    indices, similarities = nearest(vectors, GRAPH_NEIGHBORS)
    size = params.min_cluster_size or cluster_size(len(vectors))
    return by_density(vectors, indices, similarities, size, params.min_samples)


def main(root: Path = Path()) -> None:
    params = load(Params, "cluster", root)
    rows, quality = run(params, read(IMAGES, root), read_embeddings(root))
    provenance = origin(params, ["data/images.parquet", "data/embeddings.parquet"], root, quality=quality)
    write(CLUSTERS, rows, root, provenance)
    print(f"cluster: {quality['clusters']} clusters, {quality['noise_fraction']:.0%} of the contents are noise")


if __name__ == "__main__":
    exit_on_error(main)
