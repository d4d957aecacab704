"""Connect every content with its nearest neighbours.

Reads `embeddings`. Writes `neighbors`. Later stages share this one graph: duplicates are proposed
from it, outliers are scored on it, the map is drawn from it.
"""

from __future__ import annotations

from pathlib import Path

from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.connect import Params
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.neighbors import Neighbors, write_neighbors
from stages.contracts.tables import origin
from stages.core.knn import nearest


def run(params: Params, embeddings: Embeddings) -> Neighbors:
    """The graph over the distinct contents, exact."""
    indices, similarities = nearest(embeddings.vectors, params.neighbors)
    return Neighbors(embeddings.content_ids, indices, similarities)


def main(root: Path = Path()) -> None:
    params = load(Params, "connect", root)
    graph = run(params, read_embeddings(root))
    write_neighbors(graph, root, origin(params, ["data/embeddings.parquet"], root))
    print(f"connect: {len(graph):,} contents, {graph.indices.shape[1]} neighbours each")


if __name__ == "__main__":
    exit_on_error(main)
