"""`labels`: per readable item, what zero-shot says it shows, and whether its label is probably wrong."""

import pyarrow as pa

from stages.contracts.tables import Column, Table

GUESS = pa.struct([pa.field("label", pa.string()), pa.field("confidence", pa.float32())])

LABELS = Table(
    name="labels",
    path="data/labels.parquet",
    key=("item_id",),
    made_by="classify",
    columns=(
        Column("item_id", pa.string(), "id of the item"),
        Column(
            "zero_shot_label",
            pa.string(),
            "the label whose text fits it and its neighbours best; null where none fits",
            nullable=True,
        ),
        Column(
            "zero_shot_confidence",
            pa.float32(),
            "share of that label in the softmax of logit scale x cosine, fitting or not, of this picture alone",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("top_k", pa.list_(GUESS), "the best labels of this picture alone and their confidences, best first"),
        Column(
            "suggested_label",
            pa.string(),
            "the label that the other pictures suggest; null where there are no labels to learn from",
            nullable=True,
        ),
        Column(
            "label_score",
            pa.float32(),
            "lower is more suspect: confidence in the label it has, from the other pictures; without labels, "
            "1 - the chance that names of anything else fit as well; null where it cannot be told",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("is_label_issue", pa.bool_(), "the label is probably wrong, or no label fits where none is given"),
        Column("evidence", pa.string(), "one sentence with the numbers and the neighbours"),
    ),
)
