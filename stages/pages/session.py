"""What the pages need to let a person decide: which data set it is, what was decided before, which labels there are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stages.contracts.decisions import COLUMNS
from stages.pages.facts import Facts
from stages.pages.skeleton import script


def build(facts: Facts) -> Iterator[tuple[str, str]]:
    """`assets/data/session.js`, which every page of the report loads.

    `decided` has one row per item, the one that `export` obeys; `unmatched` those that reach none, which "Save
    decisions" keeps and no page counts.
    """
    rows = facts.applied.rows
    lost = pd.concat([facts.applied.ambiguous, facts.applied.unmatched])
    yield (
        "assets/data/session.js",
        script(
            "session",
            {
                "dataset": facts.dataset,
                "columns": COLUMNS,
                "decided": _cells(rows),
                "unmatched": _cells(lost),
                "labels": sorted(set(facts.images["label"].dropna()) | set(rows["label"]) - {""}),
            },
        ),
    )


def _cells(rows: pd.DataFrame) -> list[list[str]]:
    return rows.sort_values("line")[COLUMNS].astype(str).to_numpy().tolist()
