"""`map`: 2-D coordinates, for drawing only. Nothing is judged on them."""

import pyarrow as pa

from stages.contracts.tables import Column, Table

MAP = Table(
    name="map",
    path="data/map.parquet",
    key=("item_id",),
    made_by="project",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column("x", pa.float32(), "no unit", low=-1e6, high=1e6),
        Column("y", pa.float32(), "no unit", low=-1e6, high=1e6),
    ),
)
