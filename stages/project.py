"""Lay the images out on a plane, for drawing.

Reads `images`, `embeddings`, `neighbors`. Writes `map`. Nothing is judged on it: it exists so that a person
can see the data at a glance.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stages.contracts import tables
from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.projection import Params
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import NEIGHBORS, Neighbors, read_neighbors
from stages.contracts.schemas.projection import MAP
from stages.contracts.vocabulary import Status
from stages.core.layout import layout
from stages.core.numerals import plural

INPUTS = [IMAGES.path, EMBEDDINGS, NEIGHBORS.path]


def run(params: Params, images: pd.DataFrame, embeddings: Embeddings, neighbors: Neighbors) -> pd.DataFrame:
    """`map`: a row per readable item; copies lie on the same spot."""
    coordinates = layout(
        embeddings.vectors,
        neighbors.indices,
        neighbors.similarities,
        params.neighbors,
        params.min_dist,
        params.seed,
    )
    readable = images[images["status"] == Status.OK]
    rows = embeddings.rows_of(readable["content_id"].to_numpy(dtype=object))
    return pd.DataFrame(
        {"item_id": readable["item_id"].to_numpy(), "x": coordinates[rows, 0], "y": coordinates[rows, 1]}
    )


def main(root: Path = Path()) -> None:
    params = load(Params, "map", root)
    placed = run(params, tables.read(IMAGES, root), read_embeddings(root), read_neighbors(root))
    tables.write(MAP, placed, root, tables.origin(params, INPUTS, root))
    print(f"project: {plural(len(placed), 'image')} placed")


if __name__ == "__main__":
    exit_on_error(main)
