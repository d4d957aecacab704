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
            "the label whose text fits it and its neighbours best, even where `fits_none`; null without labels to ask",
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
        Column(
            "fit_score",
            pa.float32(),
            "lower is more suspect: 1 - the chance that names of anything else fit this picture better than the labels",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("fits_none", pa.bool_(), "none of the labels fits it, by `fit_score` and classify.none_of_these"),
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
            "`fit_score`; null where it cannot be told",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("is_label_issue", pa.bool_(), "the label is probably wrong, or no label fits where none is given"),
        Column("evidence", pa.string(), "one sentence with the numbers and the neighbours"),
    ),
)
