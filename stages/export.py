"""Decide who stays and who goes, write the manifests, and count everything.

Reads every table and `data/decisions.csv`. Writes `verdicts`, `data/export/` and `reports/metrics.json`.
The one place where it is decided who stays: the stages before it measure and propose, the pages after
it show. No file of the source is touched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.contracts import tables
from stages.contracts.decisions import PATH as DECISIONS
from stages.contracts.decisions import read_decisions
from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.export import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.core import counts, manifest
from stages.core.decisions import Applied, apply
from stages.core.verdicts import Policy, judge
from stages.exports.manifest_files import write_csv, write_jsonl, write_parquet

INPUTS = (IMAGES, QUALITY, PAIRS, DUPLICATES, CLUSTERS, OUTLIERS)
METRICS = "reports/metrics.json"


@dataclass(frozen=True)
class Result:
    """`verdicts`, the counts, and what became of the decisions."""

    verdicts: pd.DataFrame
    metrics: dict
    decisions: Applied


def run(params: Params, found: dict[str, pd.DataFrame], decisions: pd.DataFrame) -> Result:
    """Judge and count.

    Parameters
    ----------
    found : the tables of `INPUTS`, by name.
    decisions : as `read_decisions` gives them.
    """
    applied = apply(decisions, found["images"])
    policy = Policy(frozenset(params.remove), frozenset(params.protect))
    verdicts = judge(
        found["images"],
        found["quality"],
        found["duplicates"],
        found["pairs"],
        found["outliers"],
        applied.by_item,
        policy,
    )
    metrics = counts.count(
        found["images"],
        found["quality"],
        found["pairs"],
        found["duplicates"],
        found["clusters"],
        found["outliers"],
        verdicts,
        policy.protect,
    )
    metrics["decisions"] = {
        "applied": len(applied.by_item),
        "ambiguous": len(applied.ambiguous),
        "unmatched": len(applied.unmatched),
    }
    return Result(verdicts, metrics, applied)


def main(root: Path = Path()) -> None:
    params = load(Params, "export", root)
    found = {table.name: tables.read(table, root) for table in INPUTS}
    result = run(params, found, read_decisions(root))
    # What the tables cannot hold row by row was left in their metadata by the stages that made them.
    result.metrics["skipped"] = tables.metadata(IMAGES, root).get("skipped", {})
    quality = tables.metadata(CLUSTERS, root).get("quality", {})
    result.metrics["cluster_quality"] = {name: value for name, value in quality.items() if not isinstance(value, dict)}
    inputs = [table.path for table in INPUTS] + [DECISIONS]
    tables.write(VERDICTS, result.verdicts, root, tables.origin(params, inputs, root))
    kept, removed = manifest.split(found["images"], result.verdicts)
    _write_manifests(root / "data" / "export", kept, removed)
    _write_plots(root / "data" / "export" / "plots", found, result.verdicts)
    _write_metrics(root / METRICS, result.metrics)
    _tell(result, len(kept), len(removed))


def _write_manifests(folder: Path, kept: pd.DataFrame, removed: pd.DataFrame) -> None:
    write_parquet(kept, folder / "keep.parquet")
    write_csv(kept, folder / "keep.csv")
    write_jsonl(kept, folder / "keep.jsonl")
    write_csv(removed, folder / "removed.csv")


def _write_plots(folder: Path, found: dict[str, pd.DataFrame], verdicts: pd.DataFrame) -> None:
    write_csv(counts.per_label(verdicts), folder / "labels.csv")
    write_csv(counts.per_cluster(found["clusters"]), folder / "clusters.csv")
    write_csv(counts.by_rank(found["outliers"]), folder / "outliers.csv")


def _write_metrics(path: Path, metrics: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _tell(result: Result, kept: int, removed: int) -> None:
    print(f"export: {kept:,} kept, {removed:,} removed")
    for name, rows in [("ambiguous", result.decisions.ambiguous), ("unmatched", result.decisions.unmatched)]:
        for row in rows.to_dict("records"):
            print(f"export: decision in line {row['line']} is {name}: {row['decision']} {row['path']}")


if __name__ == "__main__":
    exit_on_error(main)
