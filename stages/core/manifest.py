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
REMOVED = ["path", "rule", "detail", "keeper_path", "label", "split", "item_id", "content_id", "frame", "keeper_id"]


def split(
    images: pd.DataFrame, verdicts: pd.DataFrame, tags: Mapping[str, list[str]] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(kept, removed), in order of path: every item of `images` is in exactly one of the two.

    In `kept`, `rule` and `detail` tell what was flagged and left for a person to decide, and `tags` has the names that
    people gave it.

    Parameters
    ----------
    tags : by item id; items without any may be left out.
    """
    rows = images.drop(columns="label").merge(verdicts, on="item_id", validate="one_to_one")
    paths = images.set_index("item_id")["path"]
    rows = rows.assign(keeper_path=rows["keeper_id"].map(paths)).sort_values(["path", "frame"], kind="stable")
    rows["tags"] = joined(rows["item_id"], tags or {})
    kept = rows["verdict"] == Verdict.KEEP
    return (
        rows.loc[kept, KEPT].reset_index(drop=True),
        rows.loc[~kept, REMOVED].reset_index(drop=True),
    )
