"""`quality`: pixel statistics, perceptual hash, and a score and a judgement per issue; readable items only.

Statistics are measured, scores are made from them (0 worst, 1 best), judgements compare a score with its threshold.
"""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import QualityIssue

MEASURES = (
    Column("brightness", pa.float32(), "mean brightness, 0 black to 1 white", low=0, high=1),
    Column("contrast", pa.float32(), "brightness, 95th minus 5th percentile", low=0, high=1),
    Column(
        "sharpness",
        pa.float32(),
        "1 / (1 + blur radius in pixels at 640 pixels diagonal); 1 is sharp, or cannot be told",
        low=0,
        high=1,
    ),
    Column("entropy", pa.float32(), "entropy of the luminance histogram, noise averaged away, bits", low=0, high=8),
    Column("aspect_ratio", pa.float32(), "shorter side / longer side", low=0, high=1),
    Column("phash", pa.string(), "256-bit perceptual hash (DCT), 64 hex digits"),
    Column("phash_mirrored", pa.string(), "the hash of the mirrored picture, 64 hex digits"),
)

SCORES = tuple(
    Column(f"{issue}_score", pa.float32(), f"how far from {issue}: 0 worst, 1 best", low=0, high=1)
    for issue in QualityIssue
)

JUDGEMENTS = tuple(Column(f"is_{issue}", pa.bool_(), f"{issue}_score is under its threshold") for issue in QualityIssue)

QUALITY = Table(
    name="quality",
    path="data/quality.parquet",
    key=("item_id",),
    made_by="measure",
    columns=(Column("item_id", pa.string(), "id of the item"), *MEASURES, *SCORES, *JUDGEMENTS),
)
