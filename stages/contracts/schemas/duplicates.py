"""`duplicates`: the members of duplicate groups, and which of them is proposed to stay."""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import DuplicateKind

DUPLICATES = Table(
    name="duplicates",
    path="data/duplicates.parquet",
    key=("item_id",),
    made_by="deduplicate",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column("group_id", pa.string(), "id of the group"),
        Column(
            "kind",
            pa.string(),
            "how it copies its keeper; null for the keeper",
            nullable=True,
            values=tuple(DuplicateKind),
        ),
        Column(
            "min_similarity", pa.float32(), "smallest agreement of a member with the group's keeper", low=-1, high=1
        ),
        Column("keep", pa.bool_(), "proposed to stay, before any decision"),
        Column("keeper_id", pa.string(), "item proposed to stay in its stead; itself if kept"),
        Column("reason", pa.string(), "why the keeper was chosen, in words"),
        Column("leak", pa.bool_(), "a copy of it is in another split"),
        Column("label_conflict", pa.bool_(), "a copy of it has another label"),
        Column("evidence", pa.string(), "one sentence with the numbers"),
    ),
)
