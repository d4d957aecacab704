"""`pairs`: duplicate pairs. Leaks and every recall figure come from here."""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import DuplicateKind

PAIRS = Table(
    name="pairs",
    path="data/pairs.parquet",
    key=("item_a", "item_b"),
    made_by="deduplicate",
    columns=(
        Column("item_a", pa.string(), "the smaller item id"),
        Column("item_b", pa.string(), "the larger item id"),
        Column("kind", pa.string(), "same bytes, or same picture", values=tuple(DuplicateKind)),
        Column("cosine", pa.float32(), "cosine similarity of the embeddings", low=-1, high=1),
        Column(
            "phash_distance",
            pa.int32(),
            "bits in which the hashes differ, of 256; mirrored where smaller",
            low=0,
            high=256,
        ),
        Column(
            "agreement",
            pa.float32(),
            "share of what they show that is the same, one laid on the other; 1 for exact",
            low=0,
            high=1,
        ),
        Column(
            "vouched",
            pa.bool_(),
            "local features or hashes vouch for how one lies on the other, or the bytes do: duplicates.threshold was "
            "enough, and not duplicates.threshold_pixels",
        ),
        Column("transform", pa.string(), "what was done to the copy, in words, as far as it shows"),
        Column("leak", pa.bool_(), "the two are in different splits"),
        Column("label_conflict", pa.bool_(), "the two have different labels"),
    ),
)
