"""`clusters`: each readable item's cluster; -1 is noise."""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import NOISE

CLUSTERS = Table(
    name="clusters",
    path="data/clusters.parquet",
    key=("item_id",),
    made_by="cluster",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column("cluster", pa.int32(), "cluster, 0 is the largest; -1 is noise", low=NOISE),
        Column("strength", pa.float32(), "how surely it belongs there: 0 not, 1 surely", low=0, high=1),
        Column(
            "centroid_distance",
            pa.float32(),
            "cosine distance to the nearest centroid, own where it has one",
            low=0,
            high=2,
        ),
        Column("is_medoid", pa.bool_(), "the member nearest to its cluster's centroid"),
    ),
)
