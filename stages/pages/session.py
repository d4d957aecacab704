"""What the pages need to let a person decide: which data set it is, what was decided before, which labels there are."""

from __future__ import annotations

from collections.abc import Iterator

from stages.contracts.decisions import COLUMNS
from stages.core.decisions import newest
from stages.pages.facts import Facts
from stages.pages.skeleton import script


def build(facts: Facts) -> Iterator[tuple[str, str]]:
    """`assets/data/session.js`, which every page of the report loads."""
    rows = newest(facts.decisions).sort_values("line")[COLUMNS].astype(str)
    yield (
        "assets/data/session.js",
        script(
            "session",
            {
                "dataset": facts.dataset,
                "columns": COLUMNS,
                "decided": rows.to_numpy().tolist(),
                "labels": sorted(set(facts.images["label"].dropna()) | set(rows["label"]) - {""}),
            },
        ),
    )
