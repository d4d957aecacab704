"""`cluster_names`: what each cluster shows, in a word, where that is plain; and a key that outlives a re-run."""

import pyarrow as pa

from stages.contracts.tables import Column, Table

UNNAMED = "unnamed"

CLUSTER_NAMES = Table(
    name="cluster_names",
    path="data/cluster_names.parquet",
    key=("cluster",),
    made_by="classify",
    columns=(
        Column("cluster", pa.int32(), "number of the cluster; noise has no row", low=0),
        Column("name", pa.string(), f"its name, or {UNNAMED}"),
        Column(
            "margin",
            pa.float32(),
            "from labels: lead over the next label, as a share of the members; from the vocabulary: by how many "
            "standard deviations the name stands out from all names; 0 without a name",
            low=0,
        ),
        Column(
            "source", pa.string(), "what gave the name; null without one", nullable=True, values=("label", "vocabulary")
        ),
        Column("size", pa.int32(), "items in it", low=1),
        Column("medoid_item_id", pa.string(), "the item that stands for it"),
        Column("key", pa.string(), "id made from a core member's content: the same cluster has it in the next run"),
    ),
)
