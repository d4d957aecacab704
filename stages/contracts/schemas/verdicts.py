"""`verdicts`: every item of `images`, whether it stays, and by which rule."""

import pyarrow as pa

from stages.contracts.tables import Column, Table
from stages.contracts.vocabulary import Rule, Verdict

VERDICTS = Table(
    name="verdicts",
    path="data/verdicts.parquet",
    key=("item_id",),
    made_by="export",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column("verdict", pa.string(), "keep or remove", values=tuple(Verdict)),
        Column(
            "rule",
            pa.string(),
            "the rule that removes it or would have; null when nothing is wrong",
            nullable=True,
            values=tuple(Rule),
        ),
        Column("detail", pa.string(), "one sentence: why, with the numbers", nullable=True),
        Column("keeper_id", pa.string(), "item kept in its stead", nullable=True),
        Column("label", pa.string(), "label in the manifest, after decisions", nullable=True),
        Column("original_label", pa.string(), "label in the source", nullable=True),
    ),
)
