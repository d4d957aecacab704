"""`images`: a row per image or frame found in the source, readable or not."""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import Status

IMAGES = Table(
    name="images",
    path="data/images.parquet",
    key=("item_id",),
    made_by="ingest",
    columns=(
        Column("item_id", pa.string(), "id of the item, from its path and frame"),
        Column("path", pa.string(), "path relative to the source, POSIX"),
        Column("frame", pa.int32(), "frame number in a video; null for stills", nullable=True),
        Column("timestamp_s", pa.float64(), "time in a video, seconds; null for stills", nullable=True),
        Column("content_id", pa.string(), "hash of the file's bytes, or of the decoded frame"),
        Column("bytes", pa.int64(), "size of the file, bytes", low=0),
        Column("format", pa.string(), "format found in the file's bytes, e.g. JPEG", nullable=True),
        Column("mode", pa.string(), "pixel mode as stored, e.g. RGB, CMYK, I;16", nullable=True),
        Column("width", pa.int32(), "upright width (after EXIF), pixels", nullable=True, low=1),
        Column("height", pa.int32(), "upright height (after EXIF), pixels", nullable=True, low=1),
        Column("label", pa.string(), "class, from the folder", nullable=True),
        Column("split", pa.string(), "train, val or test, from the folder", nullable=True),
        Column("status", pa.string(), "ok, or why it cannot be used", values=tuple(Status)),
        Column("reason", pa.string(), "in words, why it cannot be used", nullable=True),
    ),
)
