"""`outliers`: how strange each readable item is, the calibrated flag, and the evidence."""

import pyarrow as pa

from stages.contracts.tables import Column, Table

OUTLIERS = Table(
    name="outliers",
    path="data/outliers.parquet",
    key=("item_id",),
    made_by="score",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column("outlier_score", pa.float32(), "higher is stranger", low=0, high=1),
        Column(
            "knn_distance",
            pa.float32(),
            "mean cosine distance to its k nearest neighbours, copies left out",
            nullable=True,
            low=0,
            high=2,
        ),
        Column(
            "centroid_distance", pa.float32(), "cosine distance to the nearest centroid", nullable=True, low=0, high=2
        ),
        Column(
            "q_value",
            pa.float32(),
            "false-discovery rate at which it would just be flagged",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("is_outlier", pa.bool_(), "q_value is within the rate asked for"),
        Column("nearest_ids", pa.list_(pa.string()), "content ids of its nearest neighbours, nearest first"),
        Column(
            "stability",
            pa.float32(),
            "share of 20 resamples of the images that flag it; null where none is flagged for want of images",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("evidence", pa.string(), "one sentence with the numbers"),
    ),
)
