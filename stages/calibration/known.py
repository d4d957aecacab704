"""What calibration starts from: the sections of params.yaml, and what earlier stages found, a row per content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from stages.contracts.params import calibrate, connect, duplicates, measure, outliers
from stages.contracts.schemas.embeddings import Embeddings
from stages.contracts.schemas.neighbors import Neighbors
from stages.contracts.vocabulary import Status
from stages.core.calibration_proposals import HashIndex
from stages.core.phash import to_bits


@dataclass(frozen=True)
class Sections:
    """The sections of params.yaml that calibration depends on."""

    calibrate: calibrate.Params
    measure: measure.Params
    connect: connect.Params
    duplicates: duplicates.Params
    outliers: outliers.Params


@dataclass(frozen=True, eq=False)
class Known:
    """The data set. All of one order, that of `embeddings`.

    contents : a row per content: path, label, cluster, and the columns of `quality`.
    has_dense_clusters : whether clusters are dense places. Those of k-means are not: it puts every outlier into one.
    """

    embeddings: Embeddings
    graph: Neighbors
    contents: pd.DataFrame
    has_dense_clusters: bool = True

    def __len__(self) -> int:
        return len(self.embeddings)

    @cached_property
    def hashes(self) -> HashIndex:
        return HashIndex(to_bits(self.contents["phash"].tolist()), to_bits(self.contents["phash_mirrored"].tolist()))

    def cosine(self, a: int, b: int) -> float:
        return float(self.embeddings.vectors[a] @ self.embeddings.vectors[b])


def known(
    images: pd.DataFrame,
    quality: pd.DataFrame,
    clusters: pd.DataFrame,
    embeddings: Embeddings,
    graph: Neighbors,
    has_dense_clusters: bool,
) -> Known:
    """The tables of items as one of contents; of several items with one content the first by path stands for it."""
    items = images.loc[images["status"] == Status.OK, ["item_id", "content_id", "path", "label"]]
    rows = items.merge(quality, on="item_id").merge(clusters[["item_id", "cluster"]], on="item_id")
    rows = rows.sort_values(["content_id", "path"]).drop_duplicates("content_id").set_index("content_id")
    contents = rows.loc[list(embeddings.content_ids)].reset_index()
    return Known(embeddings, graph, contents, has_dense_clusters)
