"""Decide who stays and who goes, write the manifests, and count everything.

Reads every table, `data/calibration.json`, `data/decisions.csv` and `data/tags.csv`. Writes `verdicts`, `data/export/`
and `reports/metrics.json`. The one place where it is decided who stays: the stages before it measure and propose, the
pages after it show. No file of the source is touched.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from stages.calibration.in_force import in_force
from stages.contracts import tables
from stages.contracts.calibration_record import PATH as CALIBRATION
from stages.contracts.calibration_record import read_calibration
from stages.contracts.decisions import PATH as DECISIONS
from stages.contracts.decisions import read_decisions
from stages.contracts.errors import exit_on_error
from stages.contracts.identity import digest_of
from stages.contracts.metrics import write_metrics
from stages.contracts.params import measure
from stages.contracts.params.base import load
from stages.contracts.params.export import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tags import read_tags
from stages.contracts.vocabulary import QualityIssue
from stages.core import counts, manifest, sensitivity, tagging
from stages.core.cluster_stability import Stability
from stages.core.decisions import Applied, apply, named, said
from stages.core.evidence import Thresholds
from stages.core.findings import Findings
from stages.core.verdicts import Policy, judge
from stages.exports.manifest_files import write_csv, write_jsonl, write_parquet
from stages.exports.plain_text import visible

INPUTS = (IMAGES, QUALITY, PAIRS, DUPLICATES, CLUSTERS, OUTLIERS, LABELS)


@dataclass(frozen=True)
class Result:
    """`verdicts`, the counts, and what became of the decisions."""

    verdicts: pd.DataFrame
    metrics: dict
    decisions: Applied


def run(params: Params, thresholds: Thresholds, found: Findings, decisions: pd.DataFrame) -> Result:
    """Judge and count.

    Parameters
    ----------
    thresholds : by which the tables were judged.
    decisions : as `read_decisions` gives them.
    """
    applied = apply(decisions, found.images)
    policy = Policy(frozenset(params.remove), frozenset(params.protect))
    verdicts = judge(found, applied.by_item, policy, thresholds)
    metrics = counts.count(found, verdicts, policy.protect)
    metrics["decisions"] = {
        "applied": len(applied.by_item),
        "ambiguous": len(applied.ambiguous),
        "unmatched": len(applied.unmatched),
        "disputed": applied.disputed["item_id"].nunique(),
    }
    moved = sensitivity.of_quality(found.quality, thresholds.quality)
    strange = sensitivity.of_outliers(found.outliers, thresholds.rate)
    metrics["sensitivity"] = {
        "measure": {issue: asdict(sides) for issue, sides in moved.items()},
        "outliers": {"false_discovery_rate": asdict(strange)},
    }
    return Result(verdicts, metrics, applied)


def main(root: Path = Path()) -> None:
    params = load(Params, "export", root)
    found = Findings(**{table.name: tables.read(table, root) for table in INPUTS})
    copies = tables.fact(PAIRS, "sensitivity", root)
    result = run(params, _thresholds(copies, root), found, read_decisions(root))
    _add_what_is_told(result.metrics, copies, root)
    inputs = [*(table.path for table in INPUTS), CALIBRATION, DECISIONS]
    # metrics.json is committed without the tables: the hash tells whether it counts these.
    origin = tables.origin(params, inputs, root, metrics=digest_of(result.metrics))
    tables.write(VERDICTS, result.verdicts, root, origin)
    tags = tagging.by_item(read_tags(root), found.images)
    kept, removed = manifest.split(found.images, result.verdicts, tags)
    _write_manifests(root / "data" / "export", kept, removed)
    _write_plots(root / "data" / "export" / "plots", found, result.verdicts)
    write_metrics(result.metrics, root)
    _tell(result, len(kept), len(removed))


def _thresholds(copies: dict, root: Path) -> Thresholds:
    """Those in force; what calibration found is told by the stages that used it.

    Parameters
    ----------
    copies : as `deduplicate` leaves it: by name of the threshold its `value`, and who moves with it.
    """
    measured = load(measure.Params, "measure", root)
    return Thresholds(
        quality={issue: getattr(measured, issue) for issue in QualityIssue},
        agreement=copies["threshold"]["value"],
        agreement_pixels=copies["threshold_pixels"]["value"],
        rate=tables.fact(OUTLIERS, "null", root)["rate"],
    )


def _add_what_is_told(metrics: dict, copies: dict, root: Path) -> None:
    """Add what is true of a table as a whole: its stage left it in the table's metadata, or in a file beside it."""
    quality = tables.fact(CLUSTERS, "quality", root)
    steady = Stability(**tables.fact(CLUSTERS, "stability", root))
    metrics["skipped"] = tables.fact(IMAGES, "skipped", root)
    metrics["cluster_quality"] = {name: value for name, value in quality.items() if not isinstance(value, dict)}
    metrics["cluster_stability"] = {
        "median": steady.median,
        "measured": len(steady.measured),
        "unstable": len(steady.unstable),
        "resamples": steady.resamples,
    }
    metrics["sensitivity"]["duplicates"] = {
        name: {side: moved[side] for side in ("looser", "stricter")} for name, moved in copies.items()
    }
    threshold = copies["threshold"]["value"]
    metrics["calibration"] = counts.of_calibration(in_force(read_calibration(root), threshold).model_dump(), threshold)


def _write_manifests(folder: Path, kept: pd.DataFrame, removed: pd.DataFrame) -> None:
    write_parquet(kept, folder / "keep.parquet")
    write_csv(kept, folder / "keep.csv")
    write_jsonl(kept, folder / "keep.jsonl")
    write_csv(removed, folder / "removed.csv")


def _write_plots(folder: Path, found: Findings, verdicts: pd.DataFrame) -> None:
    write_csv(counts.per_label(verdicts), folder / "labels.csv")
    write_csv(counts.per_cluster(found.clusters), folder / "clusters.csv")
    write_csv(counts.by_rank(found.outliers), folder / "outliers.csv")


def _tell(result: Result, kept: int, removed: int) -> None:
    print(f"export: {kept:,} kept, {removed:,} removed")
    for name, rows in [("ambiguous", result.decisions.ambiguous), ("unmatched", result.decisions.unmatched)]:
        for row in rows.to_dict("records"):
            print(visible(f"export: decision in line {row['line']} is {name}: {row['decision']} {named(row)}"))
    for row in result.decisions.disputed.to_dict("records"):
        lines = f"lines {row['line_first']} and {row['line_second']} of {DECISIONS}"
        print(visible(f"export: {lines} disagree about {named(row)}: {said(row)}"))


if __name__ == "__main__":
    exit_on_error(main)
