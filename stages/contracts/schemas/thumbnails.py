"""`thumbnails`: where each content's thumbnail lies in the packed sheets of `data/thumbnails/`."""

import pyarrow as pa

from stages.contracts.tables import Column, Table

SHEET_FOLDER = "data/thumbnails"

THUMBNAILS = Table(
    name="thumbnails",
    path="data/thumbnails.parquet",
    key=("content_id",),
    made_by="measure",
    columns=(
        Column("content_id", pa.string(), "id of the content"),
        Column("sheet", pa.string(), "file name of the sheet, in data/thumbnails/"),
        Column("x", pa.int32(), "left edge in the sheet, pixels", low=0),
        Column("y", pa.int32(), "top edge in the sheet, pixels", low=0),
        Column("w", pa.int32(), "width, pixels", low=1),
        Column("h", pa.int32(), "height, pixels", low=1),
    ),
)
