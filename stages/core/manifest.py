"""What is handed to training: who is kept, and who is not and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from stages.contracts.vocabulary import Verdict
from stages.core.tagging import joined

KEPT = [
    "path",
    "label",
    "split",
    "item_id",
    "content_id",
    "frame",
    "timestamp_s",
    "width",
    "height",
    "original_label",
    "rule",
    "detail",
    "tags",
]
WHOLE = ("frame", "width", "height")
"""Whole numbers, missing for some: a float would say 400.0, and only where one is missing."""
REMOVED = ["path", "rule", "detail", "keeper_path", "label", "split", "item_id", "content_id", "frame", "keeper_id"]


def split(
    images: pd.DataFrame, verdicts: pd.DataFrame, tags: Mapping[str, list[str]] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(kept, removed), in order of path: every item of `images` is in exactly one of the two.

    Columns have the same types whatever is in them, so that manifests of two runs, or of two data sets, can be put
    together. In `kept`, `rule` and `detail` tell what was flagged and left for a person to decide, and `tags` has the
    names that people gave it.

    Parameters
    ----------
    tags : by item id; items without any may be left out.
    """
    rows = images.drop(columns="label").merge(verdicts, on="item_id", validate="one_to_one")
    paths = images.set_index("item_id")["path"]
    rows = rows.assign(keeper_path=rows["keeper_id"].map(paths)).sort_values(["path", "frame"], kind="stable")
    rows["tags"] = joined(rows["item_id"], tags or {})
    kept = rows["verdict"] == Verdict.KEEP
    return _typed(rows.loc[kept, KEPT]), _typed(rows.loc[~kept, REMOVED])


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Texts as texts, if all are missing too, and whole numbers as such."""
    types = {name: "Int32" if name in WHOLE else "str" for name in rows.columns}
    return rows.astype(types | ({"timestamp_s": "float64"} if "timestamp_s" in types else {})).reset_index(drop=True)
