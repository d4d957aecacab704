"""Connect every content with its nearest neighbours.

Reads `embeddings`. Writes `neighbors`; how they were looked for, and the share of them that is found where not all are
compared, goes into the table's metadata. Later stages share this one graph: images are clustered on it, duplicates
proposed from it, outliers scored on it, the map drawn from it.
"""

from __future__ import annotations

from pathlib import Path

from stages.contracts.errors import exit_on_error
from stages.contracts.params import machine
from stages.contracts.params.base import load
from stages.contracts.params.connect import Params
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.neighbors import Neighbors, write_neighbors
from stages.contracts.tables import origin
from stages.core.cells import Spread, graph
from stages.core.numerals import plural
from stages.engines import ray_cluster, ray_work


def run(params: Params, embeddings: Embeddings, spread: Spread = map) -> tuple[Neighbors, dict]:
    """The graph over the distinct contents, and how it was found."""
    found = graph(embeddings.vectors, params.neighbors, spread=spread)
    return Neighbors(embeddings.content_ids, found.indices, found.similarities), found.told


def main(root: Path = Path()) -> None:
    params = load(Params, "connect", root)
    wish = load(machine.Params, "machine", root)
    with ray_cluster.connected(wish):
        neighbors, told = run(params, read_embeddings(root), ray_work.mapped if wish.engine == "ray" else map)
    write_neighbors(neighbors, root, origin(params, [EMBEDDINGS], root, **told))
    print(summary(neighbors, told))


def summary(neighbors: Neighbors, told: dict) -> str:
    """One line: how many, and how they were looked for."""
    line = f"connect: {plural(len(neighbors), 'content')}, {plural(neighbors.indices.shape[1], 'neighbour')} each"
    if told["search"] == "exact":
        return line
    found = f"{told['recall_at_10']:.2%} of the ten nearest found".replace("%", " %")
    return f"{line}; looked for in {told['cells']:,} cells, {found}"


if __name__ == "__main__":
    exit_on_error(main)
